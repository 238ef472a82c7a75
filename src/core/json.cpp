// The small questions of json.hpp, and whether a text is JSON at all, which simdjson says fastest. Any
// thread.
#include "core/json_check.hpp"

#include <switchyard/json.hpp>

#include <simdjson.h>

#include <algorithm>

namespace switchyard {
namespace {

namespace dom = simdjson::dom;

constexpr int k_deepest = 256;

simdjson::error_code parse(std::string_view text, dom::element& root) {
  constexpr std::size_t k_kept = 16 * 1024; // allocate() takes new memory at every change of the size
  thread_local dom::parser parser;
  const auto wanted = std::max(text.size(), k_kept);
  if (parser.capacity() != wanted)
    if (auto problem = parser.allocate(wanted, k_deepest)) return problem;
  if (text.empty()) text = ""; // simdjson copies from the pointer, and an empty view may have none
  return parser.parse(text.data(), text.size()).get(root);
}

} // namespace

bool core::is_json(std::string_view text) {
  dom::element root;
  return parse(text, root) == simdjson::SUCCESS;
}

std::string_view text_at(const Value& object, std::string_view key, std::string_view fallback) {
  auto* member = object.find(key);
  auto* text = member ? member->as_string() : nullptr;
  return text ? std::string_view(*text) : fallback;
}

void set(ValueMap& object, std::string_view key, Value value) {
  for (auto& [name, old] : object)
    if (name == key) {
      old = std::move(value);
      return;
    }
  object.emplace_back(std::string(key), std::move(value));
}

void set(Value& object, std::string_view key, Value value) {
  if (!object.as_map()) object = Value(ValueMap{});
  set(std::get<ValueMap>(object.data()), key, std::move(value));
}

bool erase(ValueMap& object, std::string_view key) {
  auto it = std::find_if(object.begin(), object.end(), [&](auto& member) { return member.first == key; });
  if (it == object.end()) return false;
  object.erase(it);
  return true;
}

std::vector<std::string> texts_of(const Value* list) {
  std::vector<std::string> out;
  if (auto* parts = list ? list->as_list() : nullptr)
    for (auto& part : *parts)
      if (auto* text = part.as_string()) out.push_back(*text);
  return out;
}

Value list_of(const std::vector<std::string>& texts) {
  ValueList list;
  for (auto& text : texts) list.emplace_back(text);
  return Value(std::move(list));
}

} // namespace switchyard
