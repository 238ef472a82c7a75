// A strict RFC 9112 request head parser: two byte tables and one pass. Pure.
#include "http/request_head.hpp"

#include "http/header_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace switchyard::http {
namespace {

using Bytes = std::array<bool, 256>;

constexpr bool is_alnum(unsigned c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr Bytes k_token = [] {
  Bytes table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = is_alnum(c);
  for (unsigned char c : {'!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~'})
    table[c] = true;
  return table;
}();
constexpr Bytes k_target = [] { // visible ASCII; a fragment never goes on the wire
  Bytes table{};
  for (unsigned c = 0x21; c < 0x7f; ++c) table[c] = c != '#';
  return table;
}();
constexpr Bytes k_host = [] { // reg-name, IPv4, [IPv6] and port
  Bytes table{};
  for (unsigned c = 0; c < 256; ++c) table[c] = is_alnum(c);
  for (unsigned char c :
       {'-', '.', '_', '~', '%', ':', '[', ']', '!', '$', '&', '\'', '(', ')', '*', '+', ';', '='})
    table[c] = true;
  return table;
}();

bool in(const Bytes& table, char c) { return table[static_cast<unsigned char>(c)]; }

/// What the framing rules need to remember while the lines go by.
struct Seen {
  bool host = false, length = false, encoding = false;
  bool close = false, keep_alive = false;
};

/// Reads forward; the head's final CRLF is a stop for every table, so no bound is checked per byte.
struct Cursor {
  const char* at;
  const char* end;

  std::string_view take(const Bytes& table) {
    auto* begin = at;
    while (in(table, *at)) ++at;
    return {begin, static_cast<std::size_t>(at - begin)};
  }
  std::string_view take_value() {
    auto* begin = at;
    at = find_control(at, end);
    return {begin, static_cast<std::size_t>(at - begin)};
  }
  bool skip(char c) { return *at == c ? (++at, true) : false; }
  bool end_of_line() { return at[0] == '\r' && at[1] == '\n' ? (at += 2, true) : false; }
};

bool good_method(std::string_view method) {
  if (method.empty() || method.size() > 20) return false;
  for (char c : method)
    if (!(c >= 'A' && c <= 'Z') && c != '-') return false;
  return true;
}

bool strip_scheme(std::string_view& target) {
  for (std::string_view scheme : {"http://", "https://"})
    if (same_text(target.substr(0, scheme.size()), scheme)) return target.remove_prefix(scheme.size()), true;
  return false;
}

/// origin-form, absolute-form (its authority is checked and dropped) and `*` for OPTIONS.
bool split_target(RequestHead& out) {
  auto rest = out.target;
  if (rest == "*") return out.path = rest, out.method == "OPTIONS";
  if (strip_scheme(rest)) {
    auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (authority.empty()) return false;
    for (char c : authority)
      if (!in(k_host, c)) return false; // user information in front of '@' is refused with the rest
    rest.remove_prefix(authority.size());
    if (rest.empty() || rest.front() == '?') {
      out.path = "/";
      if (!rest.empty()) out.query = rest.substr(1);
      return true;
    }
  }
  if (rest.empty() || rest.front() != '/') return false;
  auto mark = rest.find('?');
  out.path = rest.substr(0, mark);
  if (mark != rest.npos) out.query = rest.substr(mark + 1);
  return true;
}

std::string_view parse_request_line(Cursor& at, RequestHead& out) {
  out.method = at.take(k_token);
  if (!good_method(out.method) || !at.skip(' ')) return "invalid method";
  out.target = at.take(k_target);
  if (out.target.empty() || !at.skip(' ')) return "invalid request target";
  if (!split_target(out)) return "invalid request target";
  std::string_view version(at.at, std::min<std::size_t>(8, static_cast<std::size_t>(at.end - at.at)));
  if (version == "HTTP/1.0")
    out.http_1_0 = true;
  else if (version != "HTTP/1.1")
    return "unsupported HTTP version";
  at.at += version.size();
  return at.end_of_line() ? "" : "invalid request line";
}

std::string_view parse_line(Cursor& at, HeaderView& line) {
  if (*at.at == ' ' || *at.at == '\t') return "folded header line";
  line.name = at.take(k_token);
  if (line.name.empty() || !at.skip(':')) return "invalid header name";
  line.value = trim(at.take_value());
  return at.end_of_line() ? "" : "invalid character in a header value";
}

std::string_view note_length(std::string_view value, RequestHead& out, Seen& seen) {
  if (std::exchange(seen.length, true)) return "repeated Content-Length";
  if (value.empty() || value.size() > 18) return "invalid Content-Length";
  std::uint64_t length = 0;
  for (char c : value) {
    if (c < '0' || c > '9') return "invalid Content-Length";
    length = length * 10 + static_cast<unsigned>(c - '0');
  }
  out.content_length = length;
  return {};
}

std::string_view note_host(std::string_view value, Seen& seen) {
  if (std::exchange(seen.host, true)) return "repeated Host";
  for (char c : value)
    if (!in(k_host, c)) return "invalid Host";
  return {};
}

void note_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    auto comma = std::min(value.find(','), value.size());
    auto option = trim(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (same_text(option, "close"))
      seen.close = true;
    else if (same_text(option, "keep-alive"))
      seen.keep_alive = true;
  }
}

/// The fields that decide about framing and the connection; told apart by length first.
std::string_view note(const HeaderView& line, RequestHead& out, Seen& seen) {
  switch (line.name.size()) {
  case 4:
    if (same_text(line.name, "host")) return note_host(line.value, seen);
    break;
  case 6:
    if (same_text(line.name, "expect")) out.expect_continue = same_text(line.value, "100-continue");
    break;
  case 10:
    if (same_text(line.name, "connection")) note_connection(line.value, seen);
    break;
  case 14:
    if (same_text(line.name, "content-length")) return note_length(line.value, out, seen);
    break;
  case 17:
    if (!same_text(line.name, "transfer-encoding")) break;
    if (std::exchange(seen.encoding, true) || !same_text(line.value, "chunked"))
      return "unsupported Transfer-Encoding";
    out.chunked = true;
    break;
  default:
    break;
  }
  return {};
}

std::string_view check_framing(RequestHead& out, const Seen& seen) {
  if (!seen.host && !out.http_1_0) return "missing Host";
  if (out.chunked && out.http_1_0) return "Transfer-Encoding in HTTP/1.0";
  if (out.chunked && seen.length) return "Transfer-Encoding together with Content-Length";
  out.keep_alive = !seen.close && (!out.http_1_0 || seen.keep_alive);
  if (out.http_1_0) out.expect_continue = false;
  return {};
}

} // namespace

HeadScanner::State HeadScanner::scan(std::string_view bytes) noexcept {
  if (bytes.empty()) return State::partial;
  if (bytes.front() < 'A' || bytes.front() > 'Z') return State::malformed;
  while (auto* found = static_cast<const char*>(std::memchr(bytes.data() + at_, '\n', bytes.size() - at_))) {
    auto feed = static_cast<std::size_t>(found - bytes.data());
    if (feed == 0 || bytes[feed - 1] != '\r') return State::malformed;
    bool empty = feed - line_ == 1;
    line_ = at_ = feed + 1;
    if (empty) return State::complete;
  }
  at_ = bytes.size();
  return State::partial;
}

std::string_view parse_request_head(std::string_view head, RequestHead& out) {
  out.clear();
  Cursor at{head.data(), head.data() + head.size()};
  Seen seen;
  if (auto bad = parse_request_line(at, out); !bad.empty()) return bad;
  while (!at.end_of_line()) {
    if (out.headers.size() == k_max_headers) return "too many header lines";
    HeaderView line;
    if (auto bad = parse_line(at, line); !bad.empty()) return bad;
    out.headers.add(line);
    if (auto bad = note(line, out, seen); !bad.empty()) return bad;
  }
  if (at.at != at.end) return "invalid header section";
  return check_framing(out, seen);
}

void RequestHead::clear() noexcept {
  method = target = path = query = {};
  headers.clear();
  http_1_0 = expect_continue = chunked = false;
  keep_alive = true;
  content_length.reset();
}

} // namespace switchyard::http
