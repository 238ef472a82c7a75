// Strict parser of upstream reply heads. Pure, used on every shard. Tolerates what real upstreams send (no
// reason phrase, any case, extra spaces, HTTP/1.0, repeated equal Content-Length) and refuses what hides a
// second reply.
#include "http/upstream/reply_head.hpp"

#include "http/header_text.hpp"
#include "http/upstream/failure.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace switchyard::http::upstream {
namespace {

constexpr std::size_t k_max_headers = 1000;
constexpr std::string_view k_version = "HTTP/1.";

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto k_token = make_token_table();

Error malformed(std::string_view what) { return failure(Errc::bad_gateway, "malformed reply: ", what); }

bool is_token(std::string_view text) noexcept {
  for (unsigned char c : text)
    if (!k_token[c]) return false;
  return !text.empty();
}

/// What the framing headers said, collected over all lines.
struct Framers {
  bool http_1_0 = false, close = false, keep_alive = false, chunked = false;
};

Result<void> parse_status_line(std::string_view line, ReplyHead& out, Framers& seen) {
  auto rest = line.substr(k_version.size());
  if (rest.empty() || (rest[0] != '0' && rest[0] != '1')) return malformed("unknown HTTP version");
  seen.http_1_0 = rest[0] == '0';
  rest.remove_prefix(1);
  if (rest.empty() || rest[0] != ' ') return malformed("bad status line");
  rest = trim(rest);
  auto [end, ec] =
      std::from_chars(rest.data(), rest.data() + std::min<std::size_t>(rest.size(), 3), out.status);
  bool ends_well = rest.size() == 3 || (rest.size() > 3 && rest[3] == ' ');
  if (ec != std::errc() || end != rest.data() + 3 || !ends_well || out.status < 100 || rest[0] == '-')
    return malformed("bad status code");
  return has_control(rest) ? Result<void>(malformed("control character in the status line")) : Result<void>();
}

Result<void> on_content_length(std::string_view value, ReplyHead& out, Framers&) {
  std::uint64_t length = 0;
  auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (ec != std::errc() || end != value.data() + value.size() || value.empty())
    return malformed("bad Content-Length");
  if (out.content_length && *out.content_length != length)
    return malformed("Content-Length twice with different values");
  out.content_length = length;
  return {};
}

Result<void> on_transfer_encoding(std::string_view value, ReplyHead&, Framers& seen) {
  if (seen.chunked || !same_text(value, "chunked")) return malformed("Transfer-Encoding other than chunked");
  seen.chunked = true;
  return {};
}

Result<void> on_connection(std::string_view value, ReplyHead&, Framers& seen) {
  while (!value.empty()) {
    auto comma = std::min(value.find(','), value.size());
    auto token = trim(value.substr(0, comma));
    seen.close |= same_text(token, "close");
    seen.keep_alive |= same_text(token, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return {};
}

struct FramingRow {
  std::string_view name;
  Result<void> (*read)(std::string_view value, ReplyHead& out, Framers& seen);
};
constexpr FramingRow k_framing_headers[] = {{"content-length", on_content_length},
                                            {"transfer-encoding", on_transfer_encoding},
                                            {"connection", on_connection}};

Result<void> parse_header(std::string_view line, ReplyHead& out, Framers& seen) {
  if (line[0] == ' ' || line[0] == '\t') return malformed("folded header line");
  auto colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return malformed("bad header name");
  HeaderView header{line.substr(0, colon), trim(line.substr(colon + 1))};
  if (has_control(header.value)) return malformed("control character in a header");
  if (out.headers.size() == k_max_headers) return malformed("too many headers");
  out.headers.add(header);
  for (auto& row : k_framing_headers)
    if (row.name.size() == header.name.size() && same_text(row.name, header.name))
      return row.read(header.value, out, seen);
  return {};
}

Result<void> decide_framing(bool to_head, const Framers& seen, ReplyHead& out) {
  if (seen.chunked && out.content_length) return malformed("Transfer-Encoding and Content-Length together");
  if (seen.chunked && seen.http_1_0) return malformed("Transfer-Encoding in HTTP/1.0");
  out.keep_alive = !seen.close && (!seen.http_1_0 || seen.keep_alive);
  bool bodyless = to_head || out.status < 200 || out.status == 204 || out.status == 304;
  if (bodyless)
    out.framing = Framing::none;
  else if (seen.chunked)
    out.framing = Framing::chunked;
  else if (out.content_length)
    out.framing = *out.content_length == 0 ? Framing::none : Framing::length;
  else
    out.framing = Framing::until_close;
  if (out.framing == Framing::until_close) out.keep_alive = false;
  return {};
}

} // namespace

void ReplyHead::clear() noexcept {
  status = 0;
  headers.clear();
  raw_headers = {};
  content_length.reset();
  framing = Framing::none;
  keep_alive = false;
}

Result<std::size_t> find_reply_head(std::string_view bytes, std::size_t& line) {
  auto known = std::min(bytes.size(), k_version.size());
  if (bytes.substr(0, known) != k_version.substr(0, known)) return malformed("not an HTTP/1 reply");
  while (line < bytes.size()) {
    auto* found = static_cast<const char*>(std::memchr(bytes.data() + line, '\n', bytes.size() - line));
    if (!found) return std::size_t{0};
    std::size_t at = found - bytes.data();
    if (at == line || bytes[at - 1] != '\r') return malformed("line ends with LF alone");
    bool empty = at - 1 == line;
    line = at + 1;
    if (empty) return line;
  }
  return std::size_t{0};
}

Result<void> parse_reply_head(std::string_view head, bool to_head, ReplyHead& out) {
  out.clear();
  Framers seen;
  auto end = head.find("\r\n");
  if (auto ok = parse_status_line(head.substr(0, end), out, seen); !ok) return ok;
  auto lines = head.substr(end + 2, head.size() - end - 4);
  out.raw_headers = lines;
  while (!lines.empty()) {
    auto stop = lines.find("\r\n");
    if (auto ok = parse_header(lines.substr(0, stop), out, seen); !ok) return ok;
    lines.remove_prefix(stop + 2);
  }
  return decide_framing(to_head, seen, out);
}

} // namespace switchyard::http::upstream
