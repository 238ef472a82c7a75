// Proxy variables: parsing, NO_PROXY rules, and the absolute form through a fake proxy.
#include "http/upstream/proxy.hpp"
#include "unit/http/upstream/fixture.hpp"

namespace switchyard::http::upstream {
namespace {

Origin at(std::string host, std::uint16_t port = 443, bool tls = true) {
  Origin origin;
  origin.host = std::move(host), origin.port = port, origin.tls = tls;
  return origin;
}

TEST(Proxies, ChoosesByScheme) {
  auto proxies = Proxies::parse("http://plain:3128", "secure.test:8080", "");
  ASSERT_TRUE(proxies);
  EXPECT_EQ(proxies->choose(at("a", 80, false))->host, "plain");
  EXPECT_EQ(proxies->choose(at("a", 80, false))->port, 3128);
  EXPECT_EQ(proxies->choose(at("a"))->host, "secure.test");
  EXPECT_EQ(proxies->choose(at("a"))->authorization, "");
  EXPECT_FALSE(Proxies::parse("", "", "")->choose(at("a")));
}

TEST(Proxies, DecodesCredentialsAndIpv6) {
  auto proxies = Proxies::parse("", "http://user:p%40ss@[::1]", "");
  ASSERT_TRUE(proxies);
  auto* proxy = proxies->choose(at("a"));
  EXPECT_EQ(proxy->host, "::1");
  EXPECT_EQ(proxy->port, 80);
  EXPECT_EQ(proxy->authorization, "Proxy-Authorization: Basic dXNlcjpwQHNz\r\n");
}

TEST(Proxies, RefusesWhatItCannotUseWithoutShowingIt) {
  EXPECT_EQ(Proxies::parse("", "socks5://user:secret@x", "").error().message,
            "HTTPS_PROXY must be an http:// or https:// proxy");
  EXPECT_EQ(Proxies::parse("http://us er:secret@x", "", "").error().message, "HTTP_PROXY is not a URL");
}

struct NoProxyCase {
  const char* list;
  const char* host;
  std::uint16_t port;
  bool direct;
};

TEST(Proxies, NoProxyRules) {
  constexpr NoProxyCase k_cases[] = {
      {"*", "any.test", 443, true},
      {"example.com", "example.com", 443, true},
      {"example.com", "api.example.com", 443, true},
      {"example.com", "badexample.com", 443, false},
      {".example.com", "api.example.com", 443, true},
      {"*.example.com", "api.example.com", 443, true},
      {"a.test, b.test,c.test", "b.test", 443, true},
      {"a.test b.test", "b.test", 443, true},
      {"Example.COM", "example.com", 443, true},
      {"example.com:8443", "example.com", 8443, true},
      {"example.com:8443", "example.com", 443, false},
      {"127.0.0.1", "127.0.0.1", 80, true},
      {"10.0.0.0/8", "10.1.2.3", 80, true},
      {"10.0.0.0/8", "11.1.2.3", 80, false},
      {"10.0.0.0/8", "host.test", 80, false},
      {"::1", "::1", 80, true},
      {"[::1]:80", "::1", 80, true},
      {"[::1]:80", "::1", 81, false},
      {"fd00::/8", "fd00::1", 80, true},
      {"fd00::/8", "fe00::1", 80, false},
      {",,", "a.test", 80, false},
  };
  for (auto& row : k_cases) {
    auto proxies = Proxies::parse("", "proxy:1", row.list);
    ASSERT_TRUE(proxies);
    EXPECT_EQ(proxies->choose(at(row.host, row.port)) == nullptr, row.direct) << row.list << " " << row.host;
  }
}

class UpstreamProxyTest : public UpstreamTest {};

TEST_F(UpstreamProxyTest, PlainRequestsGoInAbsoluteForm) {
  ClientOptions options;
  options.http_proxy = "http://me:secret@127.0.0.1:" + std::to_string(origin.port);
  make_client(options);
  origin.host = "far.test", origin.port = 8080;
  std::string request;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    request = co_await peer.request();
    co_await peer.send(ok("proxied"));
  };
  start(server());
  auto test = [&]() -> aw<> { EXPECT_EQ(co_await fetch(), "200 proxied"); };
  run(test());
  EXPECT_EQ(request, "GET http://far.test:8080/x HTTP/1.1\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n"
                     "Host: upstream\r\n\r\n");
  EXPECT_EQ(client->idle_connections(), 1u);
}

TEST_F(UpstreamProxyTest, ABadProxyFailsTheRequestWithItsReason) {
  ClientOptions options;
  options.http_proxy = "ftp://x";
  make_client(options);
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "HTTP_PROXY must be an http:// or https:// proxy");
  };
  run(test());
  EXPECT_EQ(check(options).error().message, "HTTP_PROXY must be an http:// or https:// proxy");
}

} // namespace
} // namespace switchyard::http::upstream
