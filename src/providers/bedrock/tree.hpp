// Shorthand for building Value trees. Pure, any thread.
#pragma once

#include <switchyard/json.hpp>
#include <switchyard/value.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace switchyard::providers::bedrock {

inline Value str(std::string_view text) { return Value(std::string(text)); }
inline Value num(std::int64_t number) { return Value(number); }
/// {"key":value}, without a copy of the value.
inline Value tagged(std::string_view key, Value value) {
  ValueMap out;
  out.emplace_back(std::string(key), std::move(value));
  return Value(std::move(out));
}
inline void put(ValueMap& map, std::string_view key, Value value) {
  map.emplace_back(std::string(key), std::move(value));
}
/// Takes a member out of a map; null when it is not there.
inline Value take(Value& object, std::string_view key) {
  auto* map = std::get_if<ValueMap>(&object.data());
  if (!map) return {};
  for (auto at = map->begin(); at != map->end(); ++at)
    if (at->first == key) {
      Value out = std::move(at->second);
      map->erase(at);
      return out;
    }
  return {};
}
/// A count as providers report it; anything else is 0.
inline std::uint32_t count_at(const Value& object, std::string_view key) noexcept {
  auto* found = object.find(key);
  auto* number = found ? found->as_int() : nullptr;
  return number && *number > 0 ? static_cast<std::uint32_t>(std::min<std::int64_t>(*number, UINT32_MAX)) : 0;
}

} // namespace switchyard::providers::bedrock
