// What an upstream said about its failure, as text that may be shown. Pure, any thread.
#include "providers/openai/errors.hpp"
#include "providers/openai/json_edit.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr std::size_t k_longest = 4096;

std::string_view trim(string_view text) {
  constexpr string_view k_space = " \t\r\n";
  auto begin = text.find_first_not_of(k_space);
  if (begin == string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_space) - begin + 1);
}

bool is_html(string_view text) {
  return text.starts_with("<!") || text.starts_with("<html") || text.starts_with("<HTML") ||
         text.starts_with("<head") || text.starts_with("<body");
}

/// Tags out, scripts and styles out with their content, runs of space to one.
std::string html_text(string_view html) {
  constexpr std::size_t k_enough = 300;
  std::string out;
  bool gap = false;
  for (std::size_t i = 0; i < html.size() && out.size() < k_enough; ++i) {
    char c = html[i];
    if (c == '<') {
      auto rest = html.substr(i);
      auto skip = rest.starts_with("<script")  ? rest.find("</script")
                  : rest.starts_with("<style") ? rest.find("</style")
                                               : 0;
      auto close = html.find('>', skip == string_view::npos ? html.size() : i + skip);
      if (close == string_view::npos) break;
      i = close, gap = true;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      gap = true;
    } else {
      if (gap && !out.empty()) out += ' ';
      gap = false, out += c;
    }
  }
  return out;
}

/// error.message, error as a string, message, detail; "" when the body says nothing of the kind.
std::string json_message(string_view body) {
  ObjectScan object;
  if (!body.starts_with('{') || !scan_object(body, object)) return {};
  if (auto* error = object.find("error"); error && error->kind == JsonKind::object) {
    ObjectScan inner;
    if (scan_object(object.raw(*error), inner))
      if (auto text = string_member(inner, "message"); !text.empty()) return text;
  }
  for (auto key : {"error", "message", "detail"})
    if (auto text = string_member(object, key); !text.empty()) return text;
  return {};
}

bool is_key_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

} // namespace

std::string upstream_message(const ProviderRow& row, int status, string_view body) {
  body = trim(body);
  if (body.empty()) return "Error code: " + std::to_string(status);
  if (is_html(body)) {
    auto text = html_text(body);
    return text.empty() ? "Error code: " + std::to_string(status) : text;
  }
  if (!row.has(k_raw_errors))
    if (auto text = json_message(body); !text.empty()) return text;
  return std::string(body.substr(0, k_longest));
}

std::string without_secrets(std::string text, const Secret& key) {
  constexpr std::size_t k_shortest_key = 8;
  if (auto bytes = key.reveal(); bytes.size() >= k_shortest_key)
    for (auto at = text.find(bytes); at != std::string::npos; at = text.find(bytes, at))
      text.replace(at, bytes.size(), "***");
  for (auto at = text.find("sk-"); at != std::string::npos; at = text.find("sk-", at + 3)) {
    if (at > 0 && is_key_char(text[at - 1])) continue; // "task-..." is a word
    auto end = at + 3;
    while (end < text.size() && is_key_char(text[end])) ++end;
    if (end - at - 3 >= k_shortest_key) text.replace(at + 3, end - at - 3, "***");
  }
  return text;
}

} // namespace switchyard::providers
