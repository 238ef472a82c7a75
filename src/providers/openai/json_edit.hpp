// Edits inside JSON values that scan_object found valid: used only where a request or an answer must change
// below its top level. Pure, any thread.
#pragma once

#include <switchyard/json_scan.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers {

/// Copies an array, each element replaced by what f(element) returns; nullopt = no element changed.
template <class F>
std::optional<std::string> map_array(std::string_view array, F&& f) {
  std::string out;
  std::size_t pos = 0, copied = 0;
  bool changed = false;
  for (std::string_view element; next_element(array, pos, element);) {
    std::optional<std::string> replaced = f(element);
    if (!replaced) continue;
    changed = true;
    auto begin = static_cast<std::size_t>(element.data() - array.data());
    out.append(array.substr(copied, begin - copied)).append(*replaced);
    copied = begin + element.size();
  }
  if (!changed) return {};
  out.append(array.substr(copied));
  return out;
}

/// Value of a member that is a string, unescaped; "" otherwise.
std::string string_member(const ObjectScan& object, std::string_view key);

/// `json` without what `path` names ("a.b", "tools[*].x", "list[0].y"); nullopt = nothing there.
std::optional<std::string> remove_path(std::string_view json, std::string_view path);

/// Whether `text` holds `"key"` followed by a colon and `first` (0 = any value). Cheap and safe to be wrong
/// about: it only decides whether to look closer.
bool mentions_member(std::string_view text, std::string_view quoted_key, char first = 0);

} // namespace switchyard::providers
