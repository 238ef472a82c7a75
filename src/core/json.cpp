// JSON text to Value through simdjson's DOM, and the small questions of json.hpp. Any thread.
#include "core/json_check.hpp"

#include <switchyard/json.hpp>

#include <simdjson.h>

#include <algorithm>
#include <unordered_map>

namespace switchyard {
namespace {

namespace dom = simdjson::dom;

constexpr int k_deepest = 256;

Value convert(const dom::element& element);

/// The last value of a repeated key counts, at its first place. Large objects are looked up by an index.
Value convert_object(const dom::object& object) {
  constexpr std::size_t k_small = 32;
  ValueMap map;
  std::unordered_map<std::string_view, std::size_t> places;
  if (object.size() <= k_small) {
    map.reserve(object.size());
    for (auto member : object) set(map, member.key, convert(member.value));
    return Value(std::move(map));
  }
  for (auto member : object) {
    const auto [place, fresh] = places.emplace(member.key, map.size());
    if (fresh)
      map.emplace_back(std::string(member.key), convert(member.value));
    else
      map[place->second].second = convert(member.value);
  }
  return Value(std::move(map));
}

Value convert(const dom::element& element) {
  switch (element.type()) {
  case dom::element_type::ARRAY: {
    ValueList list;
    list.reserve(dom::array(element).size());
    for (auto part : dom::array(element)) list.push_back(convert(part));
    return Value(std::move(list));
  }
  case dom::element_type::OBJECT: {
    return convert_object(dom::object(element));
  }
  case dom::element_type::INT64:
    return Value(std::int64_t(element));
  case dom::element_type::UINT64:
    return Value(static_cast<double>(std::uint64_t(element)));
  case dom::element_type::DOUBLE:
    return Value(double(element));
  case dom::element_type::STRING:
    return Value(std::string(std::string_view(element)));
  case dom::element_type::BOOL:
    return Value(bool(element));
  case dom::element_type::NULL_VALUE:
    break;
  }
  return {};
}

/// The root lives until the thread's next call.
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

Result<Value> parse_json(std::string_view text) {
  dom::element root;
  if (auto problem = parse(text, root))
    return Error(Errc::invalid_request, std::string("JSON: ") + simdjson::error_message(problem));
  return convert(root);
}

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
