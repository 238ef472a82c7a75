// Members of a JSON object that is written into a string, for answers off the hot path. Pure.
#pragma once

#include <switchyard/json_scan.hpp>
#include <switchyard/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::http {

/// Adds "key": json to an object that is still open.
inline void member(std::string& out, std::string_view key, std::string_view json) {
  if (out.back() != '{') out += ',';
  append_json_string(out, key);
  out += ':', out += json;
}

template <class T>
void optional_member(std::string& out, std::string_view key, const std::optional<T>& value) {
  if (value) member(out, key, to_json(Value(Value::Data(*value))));
}

} // namespace switchyard::http
