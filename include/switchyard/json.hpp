// JSON text to Value and a few questions about values. For management bodies and database columns; the
// request path scans instead (json_scan.hpp). Any thread.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

/// Strict JSON, depth <= 256; integers beyond int64 become doubles; a repeated key keeps its last value.
/// Errors: invalid_request with the position.
Result<Value> parse_json(std::string_view text);

/// Member as text, or `fallback` when absent, null or of another type.
std::string_view text_at(const Value& object, std::string_view key, std::string_view fallback = {});
/// Sets or replaces a member of a map (a null value becomes a map first).
void set(Value& object, std::string_view key, Value value);
void set(ValueMap& object, std::string_view key, Value value);
/// Removes a member; false when it was not there.
bool erase(ValueMap& object, std::string_view key);
/// Strings of a list; anything else in it is skipped.
std::vector<std::string> texts_of(const Value* list);
/// {"a","b"} -> list value
Value list_of(const std::vector<std::string>& texts);

} // namespace switchyard
