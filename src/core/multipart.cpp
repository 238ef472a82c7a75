// Reads multipart/form-data bodies. Any thread; pure.
#include <switchyard/ascii.hpp>
#include <switchyard/multipart.hpp>

#include <algorithm>
#include <cctype>

namespace switchyard {

namespace {

Error malformed(std::string_view what) {
  Error error;
  error.code = Errc::invalid_request;
  error.message = "multipart/form-data body: " + std::string(what);
  return error;
}

/// Value of `; name=value` or `; name="value"` in a header value; quotes are honoured while searching.
bool parameter(std::string_view header, std::string_view name, std::string& out) {
  std::size_t at = header.find(';');
  while (at != std::string_view::npos && at < header.size()) {
    auto equals = header.find('=', at + 1);
    if (equals == std::string_view::npos) return false;
    auto key = trim(header.substr(at + 1, equals - at - 1));
    std::string value;
    std::size_t i = equals + 1;
    while (i < header.size() && header[i] == ' ') ++i;
    if (i < header.size() && header[i] == '"') {
      for (++i; i < header.size() && header[i] != '"'; ++i) {
        if (header[i] == '\\' && i + 1 < header.size()) ++i;
        value += header[i];
      }
      at = header.find(';', i);
    } else {
      at = header.find(';', i);
      value = trim(header.substr(i, at == std::string_view::npos ? std::string_view::npos : at - i));
    }
    if (same_text(key, name)) return out = std::move(value), true;
  }
  return false;
}

/// Fills name and file from the part's head lines.
bool read_disposition(std::string_view head, FormPart& part) {
  while (!head.empty()) {
    auto line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(std::min(head.size(), line.size() + 2));
    auto colon = line.find(':');
    if (colon == std::string_view::npos || !same_text(trim(line.substr(0, colon)), "content-disposition"))
      continue;
    auto value = line.substr(colon + 1);
    std::string ignored;
    part.file = parameter(value, "filename", ignored) || parameter(value, "filename*", ignored);
    return parameter(value, "name", part.name);
  }
  return false;
}

constexpr std::size_t k_max_parts = 1000, k_max_part_head = 16 * 1024;

} // namespace

std::string multipart_boundary(std::string_view content_type) {
  std::string boundary;
  if (!parameter(content_type, "boundary", boundary) || boundary.size() > 70) return {};
  return boundary;
}

Result<std::vector<FormPart>> parse_multipart(std::string_view body, std::string_view content_type) {
  auto boundary = multipart_boundary(content_type);
  if (boundary.empty()) return malformed("Content-Type has no boundary");
  const std::string delimiter = "\r\n--" + boundary;
  std::vector<FormPart> parts;
  auto first = std::string_view(delimiter).substr(2);
  std::size_t at = body.starts_with(first) ? 0 : body.find(delimiter);
  if (at == std::string_view::npos) return malformed("the first boundary is missing");
  if (at != 0) at += 2;
  for (;;) {
    auto begin = at;
    at += first.size();
    if (body.substr(at).starts_with("--")) return parts;
    while (at < body.size() && (body[at] == ' ' || body[at] == '\t')) ++at;
    if (!body.substr(at).starts_with("\r\n")) return malformed("a boundary line is not ended by CRLF");
    auto head_end = body.find("\r\n\r\n", at);
    if (head_end == std::string_view::npos || head_end - at > k_max_part_head)
      return malformed("a part has no end of its head");
    FormPart part;
    if (!read_disposition(body.substr(at + 2, head_end - at - 2 + 2), part))
      return malformed("a part has no name");
    auto content = head_end + 4;
    auto next = body.find(delimiter, content - 2);
    if (next == std::string_view::npos) return malformed("the closing boundary is missing");
    part.content = body.substr(content, next < content ? 0 : next - content);
    part.whole = body.substr(begin, next + 2 - begin);
    parts.push_back(std::move(part));
    if (parts.size() > k_max_parts) return malformed("more than 1000 parts");
    at = next + 2;
  }
}

} // namespace switchyard
