// Base URLs of upstreams, read once when a deployment is made ready. Pure; never per request, but for
// path_segment of wildcard rows.
#include "providers/url.hpp"

#include "core/percent.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace switchyard::providers {
namespace {

Error bad_base(std::string_view text, std::string_view problem) {
  Error error;
  error.code = Errc::config;
  error.message = "api_base '" + std::string(text) + "' " + std::string(problem) +
                  ": write it as https://host[:port][/path]";
  error.extra().param = "api_base";
  return error;
}

} // namespace

Result<BaseUrl> parse_base_url(std::string_view text) {
  namespace urls = boost::urls;
  auto parsed = urls::parse_uri(urls::string_view(text.data(), text.size()));
  if (!parsed) return bad_base(text, "is not a URL");
  bool tls = parsed->scheme() == "https";
  if (!tls && parsed->scheme() != "http") return bad_base(text, "is neither http nor https");
  std::string host(parsed->encoded_host_address().data(), parsed->encoded_host_address().size());
  if (host.empty()) return bad_base(text, "has no host");
  for (char& c : host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  if (parsed->has_port() && parsed->port_number() == 0) return bad_base(text, "has a bad port");

  BaseUrl url;
  url.origin.tls = tls;
  url.origin.port = parsed->has_port() ? parsed->port_number() : static_cast<std::uint16_t>(tls ? 443 : 80);
  bool v6 = host.find(':') != std::string::npos;
  url.host_header = v6 ? "[" + host + "]" : host;
  if (parsed->has_port()) url.host_header += ":" + std::to_string(url.origin.port);
  url.origin.host = std::move(host);
  url.path.assign(parsed->encoded_path().data(), parsed->encoded_path().size());
  while (url.path.ends_with('/')) url.path.pop_back();
  url.query.assign(parsed->encoded_query().data(), parsed->encoded_query().size());
  url.public_url = (tls ? "https://" : "http://") + url.host_header + url.path;
  return url;
}

std::string path_segment(std::string_view text) { return core::percent_encode(text); }

} // namespace switchyard::providers
