// A configuration value as written by the user: a JSON-like tree that remembers where it came from.
// Immutable after loading; read on every thread. Never used per request.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard {

class Value;
using ValueList = std::vector<Value>;
using ValueMap = std::vector<std::pair<std::string, Value>>; ///< file order kept

/// File (index into Config::files) and 1-based line of a value; line 0 = not from a file.
struct Place {
  std::uint16_t file = 0;
  std::uint32_t line = 0;
};

class Value {
 public:
  using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, ValueList, ValueMap>;

  Value() = default;
  Value(Data data, Place place = {}) : data_(std::move(data)), place_(place) {}

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(data_); }
  const bool* as_bool() const noexcept { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const std::string* as_string() const noexcept { return std::get_if<std::string>(&data_); }
  const ValueList* as_list() const noexcept { return std::get_if<ValueList>(&data_); }
  const ValueMap* as_map() const noexcept { return std::get_if<ValueMap>(&data_); }
  /// int or double
  bool number(double& out) const noexcept {
    if (auto i = std::get_if<std::int64_t>(&data_)) return out = static_cast<double>(*i), true;
    if (auto d = std::get_if<double>(&data_)) return out = *d, true;
    return false;
  }
  /// Member of a map, or nullptr (also when this is not a map).
  const Value* find(std::string_view key) const noexcept {
    if (auto map = as_map())
      for (auto& [name, value] : *map)
        if (name == key) return &value;
    return nullptr;
  }
  Data& data() noexcept { return data_; }
  const Data& data() const noexcept { return data_; }
  Place place() const noexcept { return place_; }

 private:
  Data data_;
  Place place_;
};

/// Compact JSON text of a value (strings escaped, doubles shortest round-trip). Implemented in
/// src/core/value.cpp.
std::string to_json(const Value& value);

} // namespace switchyard
