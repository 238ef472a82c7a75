// What the round-trip tests share: random pieces of conversations, and short readers of JSON trees. Tests
// only.
#pragma once

#include "unit/providers/support.hpp"

#include <switchyard/json.hpp>

#include <random>

namespace switchyard::providers::test {

using Json = std::string;

struct Dice {
  std::mt19937_64 engine;
  std::size_t below(std::size_t n) { return engine() % n; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  std::string text() {
    static constexpr const char* k_words[] = {"hello", "\"quoted\"",  "é",    "🙂",
                                              "a\nb",  "back\\slash", "</s>", "{}",
                                              "\t.x",  "12345678",    "中文", "&amp;"};
    std::string out = k_words[below(4)]; // never blank: some providers refuse that
    for (auto more = below(4); more > 0; --more) out.append(" ").append(k_words[below(std::size(k_words))]);
    return out;
  }
  Json arguments() {
    Json out = "{\"city\":" + json_string(text());
    if (chance(2)) out += ",\"days\":" + std::to_string(below(100));
    if (chance(3)) out += ",\"deep\":{\"list\":[true,null,-1.5]}";
    return out + "}";
  }
};

inline std::string str(const Value* value) {
  return value && value->as_string() ? *value->as_string() : std::string();
}
inline std::string str(const Value& value) { return str(&value); }
inline std::string str(const Value& object, std::string_view key) { return str(object.find(key)); }
inline const Value& at(const Value& object, std::string_view key) {
  static const Value k_nothing;
  auto* found = object.find(key);
  return found ? *found : k_nothing;
}
inline const ValueList& list(const Value& object, std::string_view key) {
  static const ValueList k_none;
  auto* found = at(object, key).as_list();
  return found ? *found : k_none;
}
/// JSON text in one spelling.
inline Json same(const Json& json) {
  auto parsed = parse_json(json);
  return parsed ? to_json(*parsed) : "broken: " + json;
}

} // namespace switchyard::providers::test
