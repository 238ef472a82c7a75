// Upstream options: ssl_verify, ssl_certificate, SSL_CERT_FILE and the proxy variables. Start-up only.
#include "http/upstream_options.hpp"

#include <switchyard/environment.hpp>

namespace switchyard::http {
namespace {

/// First of the variables that is set; as curl, the lower-case form counts first.
std::string first_set(std::initializer_list<std::string_view> names) {
  for (auto name : names)
    if (auto value = environment_or_empty(name); !value.empty()) return value;
  return {};
}

} // namespace

upstream::ClientOptions upstream_options(const Config& config) {
  upstream::ClientOptions options;
  auto& verify = config.litellm.ssl_verify;
  options.verify = verify != "false" && verify != "False";
  if (options.verify && verify != "true" && verify != "True") options.ca_file = verify;
  if (options.ca_file.empty()) options.ca_file = first_set({"SSL_CERT_FILE"});
  options.client_certificate = config.litellm.ssl_certificate;
  options.http_proxy = first_set({"http_proxy", "HTTP_PROXY"});
  options.https_proxy = first_set({"https_proxy", "HTTPS_PROXY"});
  options.no_proxy = first_set({"no_proxy", "NO_PROXY"});
  return options;
}

Result<void> check_upstream_settings(const Config& config) {
  auto options = upstream_options(config);
  bool given = !options.ca_file.empty() || !options.client_certificate.empty() ||
               !options.http_proxy.empty() || !options.https_proxy.empty();
  // Loading the system's trust store takes 30 ms; without a setting of the user's there is nothing to check.
  return given ? upstream::check(options) : Result<void>{};
}

} // namespace switchyard::http
