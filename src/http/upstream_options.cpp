// Upstream options: ssl_verify, ssl_certificate, SSL_CERT_FILE and the proxy variables. Start-up only.
#include "http/upstream_options.hpp"

#include <cstdlib>

namespace switchyard::http {
namespace {

/// First of the variables that is set; as curl, the lower-case form counts first.
std::string environment(std::initializer_list<const char*> names) {
  for (auto* name : names)
    if (const char* value = std::getenv(name); value && *value) return value;
  return {};
}

} // namespace

upstream::ClientOptions upstream_options(const Config& config) {
  upstream::ClientOptions options;
  auto& verify = config.litellm.ssl_verify;
  options.verify = verify != "false" && verify != "False";
  if (options.verify && verify != "true" && verify != "True") options.ca_file = verify;
  if (options.ca_file.empty()) options.ca_file = environment({"SSL_CERT_FILE"});
  options.client_certificate = config.litellm.ssl_certificate;
  options.http_proxy = environment({"http_proxy", "HTTP_PROXY"});
  options.https_proxy = environment({"https_proxy", "HTTPS_PROXY"});
  options.no_proxy = environment({"no_proxy", "NO_PROXY"});
  return options;
}

} // namespace switchyard::http
