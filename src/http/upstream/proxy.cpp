// Proxy URLs and NO_PROXY matching as curl does it: host suffixes at label borders, "*", ports, CIDR. Pure.
#include "http/upstream/proxy.hpp"

#include "http/base64.hpp"
#include "http/header_text.hpp"
#include "http/upstream/failure.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::http::upstream {
namespace {

namespace ip = boost::asio::ip;

Result<std::optional<Proxy>> parse_proxy(std::string_view variable, std::string_view text) {
  if (text.empty()) return std::optional<Proxy>();
  std::string full(text.find("://") == text.npos ? "http://" : "");
  full += text;
  auto url = boost::urls::parse_uri(full);
  if (!url || url->host().empty()) return failure(Errc::config, variable, " is not a URL");
  Proxy proxy;
  proxy.tls = url->scheme() == "https";
  if (!proxy.tls && url->scheme() != "http")
    return failure(Errc::config, variable, " must be an http:// or https:// proxy");
  proxy.host = lower_case(std::string(url->host_address()));
  proxy.port = url->has_port() ? url->port_number() : proxy.tls ? 443 : 80;
  if (proxy.port == 0) return failure(Errc::config, variable, " has no valid port");
  if (url->has_userinfo())
    proxy.authorization =
        "Proxy-Authorization: Basic " + to_base64(url->user() + ":" + url->password()) + "\r\n";
  return std::optional<Proxy>(std::move(proxy));
}

bool suffix_matches(std::string_view host, std::string_view suffix) noexcept {
  if (!host.ends_with(suffix)) return false;
  return host.size() == suffix.size() || host[host.size() - suffix.size() - 1] == '.';
}

bool network_matches(std::string_view host, const std::string& network) {
  boost::system::error_code ec;
  auto address = ip::make_address(std::string(host), ec);
  if (ec) return false;
  if (address.is_v4()) {
    auto range = ip::make_network_v4(network, ec);
    return !ec && ip::network_v4(address.to_v4(), range.prefix_length()).canonical() == range.canonical();
  }
  auto range = ip::make_network_v6(network, ec);
  return !ec && ip::network_v6(address.to_v6(), range.prefix_length()).canonical() == range.canonical();
}

/// Cuts ":port" off an entry; IPv6 without brackets has no port.
std::optional<std::uint16_t> split_port(std::string_view& entry) {
  auto bracket = entry.rfind(']');
  auto colon = entry.rfind(':');
  bool plain_v6 = bracket == entry.npos && std::count(entry.begin(), entry.end(), ':') > 1;
  std::optional<std::uint16_t> port;
  if (colon != entry.npos && !plain_v6 && (bracket == entry.npos || colon > bracket)) {
    std::uint16_t value = 0;
    auto digits = entry.substr(colon + 1);
    auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (ec == std::errc() && end == digits.data() + digits.size())
      port = value, entry = entry.substr(0, colon);
  }
  if (entry.size() > 1 && entry.front() == '[' && entry.back() == ']')
    entry = entry.substr(1, entry.size() - 2);
  return port;
}

} // namespace

Result<Proxies> Proxies::parse(std::string_view http, std::string_view https, std::string_view no_proxy) {
  Proxies out;
  auto plain = parse_proxy("HTTP_PROXY", http);
  if (!plain) return plain.error();
  auto secure = parse_proxy("HTTPS_PROXY", https);
  if (!secure) return secure.error();
  out.http_ = std::move(*plain), out.https_ = std::move(*secure);
  while (!no_proxy.empty()) {
    auto end = std::min(no_proxy.find_first_of(", "), no_proxy.size());
    auto entry = no_proxy.substr(0, end);
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
    auto port = split_port(entry);
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (entry.starts_with(".")) entry.remove_prefix(1);
    if (!entry.empty()) out.exceptions_.push_back({lower_case(entry), port});
  }
  return out;
}

const Proxy* Proxies::choose(const Origin& origin) const {
  auto& proxy = origin.tls ? https_ : http_;
  return proxy && !excepted(origin) ? &*proxy : nullptr;
}

bool Proxies::excepted(const Origin& origin) const {
  for (auto& exception : exceptions_) {
    if (exception.port && *exception.port != origin.port) continue;
    if (exception.host == "*" || suffix_matches(origin.host, exception.host)) return true;
    if (exception.host.find('/') != std::string::npos && network_matches(origin.host, exception.host))
      return true;
  }
  return false;
}

std::string authority(std::string_view host, std::uint16_t port) {
  bool v6 = host.find(':') != host.npos;
  std::string out(v6 ? "[" : "");
  out += host;
  out += v6 ? "]:" : ":";
  out += std::to_string(port);
  return out;
}

} // namespace switchyard::http::upstream
