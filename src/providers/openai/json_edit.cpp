// Edits inside valid JSON values. Pure, any thread; never on the path of an ordinary request.
#include "providers/openai/json_edit.hpp"

#include <charconv>
#include <cstring>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr unsigned k_max_depth = 64;

std::optional<std::string> remove_at(string_view json, string_view path, unsigned depth);

/// "name" or "name.rest" or "name[...]...": splits off the name.
string_view take_name(string_view& path) {
  auto end = path.find_first_of(".[");
  auto name = path.substr(0, end);
  path.remove_prefix(name.size());
  if (path.starts_with('.')) path.remove_prefix(1);
  return name;
}

std::optional<std::string> remove_member(string_view json, string_view path, unsigned depth) {
  ObjectScan object;
  if (!json.starts_with('{') || !scan_object(json, object)) return {};
  auto name = take_name(path);
  auto* field = object.find(name);
  if (!field) return {};
  JsonSplice splice(object);
  if (path.empty()) {
    splice.remove(name);
    return splice.str();
  }
  auto inner = remove_at(object.raw(*field), path, depth + 1);
  if (!inner) return {};
  splice.set(name, *inner);
  return splice.str();
}

/// "[*].rest" or "[0].rest"; an element itself can be removed only by its rest.
std::optional<std::string> remove_in_array(string_view json, string_view path, unsigned depth) {
  auto close = path.find(']');
  if (close == string_view::npos || !json.starts_with('[')) return {};
  auto which = path.substr(1, close - 1);
  auto rest = path.substr(close + 1);
  if (rest.starts_with('.')) rest.remove_prefix(1);
  if (rest.empty()) return which == "*" ? std::optional<std::string>("[]") : std::nullopt;
  std::size_t wanted = 0, index = 0;
  bool all = which == "*";
  if (!all && std::from_chars(which.data(), which.data() + which.size(), wanted).ec != std::errc()) return {};
  return map_array(json, [&](string_view element) -> std::optional<std::string> {
    if (!all && index++ != wanted) return {};
    return remove_at(element, rest, depth + 1);
  });
}

std::optional<std::string> remove_at(string_view json, string_view path, unsigned depth) {
  if (depth > k_max_depth) return {};
  return path.starts_with('[') ? remove_in_array(json, path, depth) : remove_member(json, path, depth);
}

} // namespace

std::string string_member(const ObjectScan& object, string_view key) {
  auto* field = object.find(key);
  if (!field || field->kind != JsonKind::string) return {};
  auto text = unescape(object.raw(*field));
  return text ? std::move(*text) : std::string{};
}

std::optional<std::string> remove_path(string_view json, string_view path) {
  return remove_at(json, path, 0);
}

bool mentions_member(string_view text, string_view quoted_key, char first) {
  while (text.size() > quoted_key.size()) {
    auto* hit =
        static_cast<const char*>(::memmem(text.data(), text.size(), quoted_key.data(), quoted_key.size()));
    if (!hit) return false;
    text.remove_prefix(static_cast<std::size_t>(hit - text.data()) + quoted_key.size());
    auto at = text.find_first_not_of(" \t\r\n");
    if (at == string_view::npos || text[at] != ':') continue;
    if (first == 0) return true;
    at = text.find_first_not_of(" \t\r\n", at + 1);
    if (at != string_view::npos && text[at] == first) return true;
  }
  return false;
}

} // namespace switchyard::providers
