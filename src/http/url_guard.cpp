// The guard's rules: RFC 6890 and what clouds keep for themselves. Pure.
#include "http/url_guard.hpp"

#include <switchyard/ascii.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace switchyard::http {

namespace {

using boost::asio::ip::address;
using boost::asio::ip::address_v4;
using boost::asio::ip::address_v6;
using std::string_view;

struct Block4 {
  std::uint32_t first;
  int bits;
};
constexpr std::uint32_t ip4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}
constexpr std::array k_not_public4{
    Block4{ip4(0, 0, 0, 0), 8},        Block4{ip4(10, 0, 0, 0), 8},     Block4{ip4(100, 64, 0, 0), 10},
    Block4{ip4(127, 0, 0, 0), 8},      Block4{ip4(169, 254, 0, 0), 16}, Block4{ip4(172, 16, 0, 0), 12},
    Block4{ip4(192, 0, 0, 0), 24},     Block4{ip4(192, 0, 2, 0), 24},   Block4{ip4(192, 88, 99, 0), 24},
    Block4{ip4(192, 168, 0, 0), 16},   Block4{ip4(198, 18, 0, 0), 15},  Block4{ip4(198, 51, 100, 0), 24},
    Block4{ip4(203, 0, 113, 0), 24},   Block4{ip4(224, 0, 0, 0), 4},    Block4{ip4(240, 0, 0, 0), 4},
    Block4{ip4(168, 63, 129, 16), 32}, // Azure's wire server
};

bool is_public4(std::uint32_t address) noexcept {
  return std::none_of(k_not_public4.begin(), k_not_public4.end(),
                      [address](Block4 block) { return (address ^ block.first) >> (32 - block.bits) == 0; });
}

/// The IPv4 address in the last four bytes.
std::uint32_t embedded(const address_v6::bytes_type& bytes) noexcept {
  return ip4(bytes[12], bytes[13], bytes[14], bytes[15]);
}

bool starts_with(const address_v6::bytes_type& bytes, std::initializer_list<int> head) noexcept {
  return std::equal(head.begin(), head.end(), bytes.begin());
}

bool is_public6(const address_v6& address) noexcept {
  const auto bytes = address.to_bytes();
  if (address.is_v4_mapped()) return is_public4(embedded(bytes));
  if (starts_with(bytes, {0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0})) // NAT64
    return is_public4(embedded(bytes));
  if ((bytes[0] & 0xE0) != 0x20) return false;                                  // only 2000::/3 is routed
  if (starts_with(bytes, {0x20, 0x01}) && (bytes[2] & 0xFE) == 0) return false; // Teredo, ORCHID, ...
  if (starts_with(bytes, {0x20, 0x01, 0x0d, 0xb8})) return false;               // documentation
  if (starts_with(bytes, {0x20, 0x02})) return false;                           // 6to4
  return !(starts_with(bytes, {0x3f, 0xff}) && bytes[2] < 0x10);                // documentation
}

Error bad_url(string_view why) { return Error(Errc::bad_request, std::string(why)); }

Result<UserUrl> take_apart(const boost::urls::url_view& url) {
  UserUrl out;
  const bool tls = same_text(std::string(url.scheme()), "https");
  if (!tls && !same_text(std::string(url.scheme()), "http"))
    return bad_url("only http and https URLs are fetched");
  if (url.has_userinfo()) return bad_url("a URL with a user name or password is not fetched");
  auto host = lower_case(std::string(url.host_address()));
  while (host.ends_with('.')) host.pop_back();
  if (host.empty()) return bad_url("the URL has no host");
  const bool control =
      std::any_of(host.begin(), host.end(), [](unsigned char c) { return c <= 0x20 || c >= 0x7f; });
  if (control || host.find('%') != std::string::npos) return bad_url("the URL's host is not valid");
  out.origin.tls = tls, out.origin.host = host;
  out.origin.port = tls ? 443 : 80;
  const auto port = std::string(url.port());
  auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), out.origin.port);
  const bool wrong = problem != std::errc() || end != port.data() + port.size() || out.origin.port == 0;
  if (!port.empty() && wrong) return bad_url("the URL's port is not valid");
  out.authority = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (out.origin.port != (tls ? 443 : 80)) out.authority += ":" + std::to_string(out.origin.port);
  out.target = std::string(url.encoded_path());
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (url.has_query()) out.target.append("?").append(url.encoded_query());
  out.text = std::string(url.buffer());
  return out;
}

} // namespace

Result<UserUrl> read_user_url(string_view url) {
  if (url.size() > 8192) return bad_url("the URL is too long");
  const auto parsed = boost::urls::parse_uri(boost::urls::string_view(url.data(), url.size()));
  if (!parsed) return bad_url("the URL is not valid");
  return take_apart(*parsed);
}

Result<UserUrl> read_redirect(const UserUrl& from, string_view location) {
  const auto base = boost::urls::parse_uri(from.text);
  const auto next =
      boost::urls::parse_uri_reference(boost::urls::string_view(location.data(), location.size()));
  boost::urls::url out;
  if (location.size() > 8192 || !base || !next || !boost::urls::resolve(*base, *next, out))
    return bad_url("it redirects to something that is no URL");
  return take_apart(out);
}

bool is_public(const address& any) noexcept {
  return any.is_v4() ? is_public4(any.to_v4().to_uint()) : is_public6(any.to_v6());
}

bool is_allowed(const UserUrl& url, const std::vector<std::string>& hosts) {
  auto& host = url.origin.host;
  const auto name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  const auto with_port = name + ":" + std::to_string(url.origin.port);
  return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& allowed) {
    return same_text(allowed, name) || same_text(allowed, with_port);
  });
}

bool is_blocked_address(const UserUrl& url) {
  boost::system::error_code none;
  const auto written = boost::asio::ip::make_address(url.origin.host, none);
  return !none && !is_public(written);
}

Result<upstream::Addresses> look_up_public(const std::string& host) {
  auto found = upstream::look_up(host);
  if (!found) return found;
  if (std::all_of(found->begin(), found->end(), is_public)) return found;
  return Error(Errc::api_connection, "the name leads to an address that is not public");
}

} // namespace switchyard::http
