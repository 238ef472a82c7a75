// Forward proxies by the rules of HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Pure; immutable after parsing.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/provider.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::upstream {

struct Proxy {
  std::string host; ///< no brackets around IPv6
  std::uint16_t port = 0;
  bool tls = false;          ///< https://: the proxy itself is spoken to in TLS
  std::string authorization; ///< "Proxy-Authorization: Basic ...\r\n", or empty
};

class Proxies {
 public:
  /// Fails with a text that names the variable, never its value: it may hold a password.
  static Result<Proxies> parse(std::string_view http, std::string_view https, std::string_view no_proxy);
  /// The proxy for an origin, or nullptr.
  const Proxy* choose(const Origin& origin) const;

 private:
  struct Exception { ///< one entry of NO_PROXY
    std::string host;
    std::optional<std::uint16_t> port;
  };
  bool excepted(const Origin& origin) const;
  std::optional<Proxy> http_, https_;
  std::vector<Exception> exceptions_;
};

/// "host:port", with brackets around IPv6.
std::string authority(std::string_view host, std::uint16_t port);

} // namespace switchyard::http::upstream
