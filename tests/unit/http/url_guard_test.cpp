// The guard before URLs of requests: which addresses are public, how URLs and redirects are read.
#include "http/url_guard.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

bool is_public_text(const char* address) { return is_public(boost::asio::ip::make_address(address)); }

TEST(UrlGuard, PublicAddressesArePublic) {
  for (auto address : {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.255.255", "100.128.0.1",
                       "192.167.1.1", "198.17.0.1", "223.255.255.255", "2606:4700::1111", "2001:4860::8888",
                       "::ffff:8.8.8.8", "64:ff9b::808:808"})
    EXPECT_TRUE(is_public_text(address)) << address;
}

TEST(UrlGuard, EverythingElseIsNot) {
  for (auto address : {"0.0.0.0",
                       "10.1.2.3",
                       "100.64.0.1",
                       "127.0.0.1",
                       "127.255.255.255",
                       "169.254.169.254",
                       "172.16.0.1",
                       "172.31.255.255",
                       "192.0.0.192",
                       "192.0.2.1",
                       "192.168.0.1",
                       "198.18.0.1",
                       "198.19.255.255",
                       "198.51.100.7",
                       "203.0.113.7",
                       "224.0.0.1",
                       "240.0.0.1",
                       "168.63.129.16",
                       "255.255.255.255",
                       "::",
                       "::1",
                       "fe80::1",
                       "fc00::1",
                       "fd00:ec2::254",
                       "ff02::1",
                       "2001::1",
                       "2001:db8::1",
                       "2002:7f00:1::",
                       "3fff::1",
                       "::ffff:127.0.0.1",
                       "::7f00:1",
                       "64:ff9b::a00:1",
                       "::ffff:10.0.0.1",
                       "64:ff9b:1::1",
                       "100::1"})
    EXPECT_FALSE(is_public_text(address)) << address;
}

TEST(UrlGuard, ReadsUrls) {
  auto url = read_user_url("HTTPS://Example.COM./a%20b?q=1#f");
  ASSERT_TRUE(url.has_value()) << url.error().message;
  EXPECT_EQ(url->origin, (Origin{true, "example.com", 443}));
  EXPECT_EQ(url->authority, "example.com");
  EXPECT_EQ(url->target, "/a%20b?q=1");
  url = read_user_url("http://[2606:4700::1111]:8080");
  ASSERT_TRUE(url.has_value()) << url.error().message;
  EXPECT_EQ(url->origin.port, 8080);
  EXPECT_EQ(url->authority, "[2606:4700::1111]:8080");
  EXPECT_EQ(url->target, "/");
}

TEST(UrlGuard, RefusesWhatIsNoWebUrl) {
  for (auto url : {"", "cat.png", "file:///etc/passwd", "ftp://a.example/x", "gopher://a.example",
                   "//a.example/x", "http://", "http://user:pw@a.example/", "http://user@a.example/",
                   "http://a.example:0/", "http://a.example:99999/", "http://a b.example/",
                   "http://a.example/\r\nX: y", "http://a%0d%0a.example/"})
    EXPECT_FALSE(read_user_url(url).has_value()) << url;
  EXPECT_FALSE(read_user_url("http://a.example/" + std::string(9000, 'a')).has_value());
}

TEST(UrlGuard, Redirects) {
  const auto from = read_user_url("https://a.example/x/y?z=1").value();
  const auto to = [&](std::string_view location) {
    auto next = read_redirect(from, location);
    return next ? next->text : next.error().message;
  };
  EXPECT_EQ(to("/cat.png"), "https://a.example/cat.png");
  EXPECT_EQ(to("cat.png?w=2"), "https://a.example/x/cat.png?w=2");
  EXPECT_EQ(to("//b.example/c"), "https://b.example/c");
  EXPECT_EQ(to("http://10.0.0.1/c"), "http://10.0.0.1/c"); // client_for() is the one to refuse it
  EXPECT_FALSE(read_redirect(from, "file:///etc/passwd").has_value());
  EXPECT_FALSE(read_redirect(from, "http://[").has_value());
}

TEST(UrlGuard, AllowedHosts) {
  const auto url = read_user_url("http://Files.internal:8080/x").value();
  EXPECT_TRUE(is_allowed(url, {"files.internal"}));
  EXPECT_TRUE(is_allowed(url, {"other", "FILES.internal:8080"}));
  EXPECT_FALSE(is_allowed(url, {"files.internal:80", "internal", "", "files.internal.example"}));
  EXPECT_FALSE(is_allowed(url, {}));
  EXPECT_TRUE(is_allowed(read_user_url("https://[::1]/x").value(), {"[::1]:443"}));
}

TEST(UrlGuard, AddressesInUrlsAndNames) {
  EXPECT_TRUE(is_blocked_address(read_user_url("http://127.0.0.1/").value()));
  EXPECT_TRUE(is_blocked_address(read_user_url("http://[::1]/").value()));
  EXPECT_FALSE(is_blocked_address(read_user_url("http://8.8.8.8/").value()));
  EXPECT_FALSE(is_blocked_address(read_user_url("http://localhost/").value())); // a name: look_up_public()
  for (auto name : {"localhost", "127.1", "2130706433", "0x7f.1"})
    EXPECT_FALSE(look_up_public(name).has_value()) << name;
}

} // namespace
} // namespace switchyard::http
