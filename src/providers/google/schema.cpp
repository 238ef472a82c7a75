// Cleans schemas: references unfolded, null as `nullable`, unknown keywords gone. Pure, any thread.
#include "providers/google/schema.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// References unfold into copies: a hostile schema must not fill the memory.
constexpr std::size_t k_max_nodes = 20'000;
constexpr int k_max_depth = 64;

constexpr std::array k_kept{
    string_view{"description"}, string_view{"nullable"},      string_view{"maxItems"},
    string_view{"minItems"},    string_view{"minProperties"}, string_view{"maxProperties"},
    string_view{"minLength"},   string_view{"maxLength"},     string_view{"pattern"},
    string_view{"minimum"},     string_view{"maximum"},       string_view{"default"},
    string_view{"example"}};
constexpr std::array k_formats{string_view{"date-time"}, string_view{"enum"},  string_view{"int32"},
                               string_view{"int64"},     string_view{"float"}, string_view{"double"}};

template <class List>
bool contains(const List& list, string_view word) noexcept {
  for (auto& item : list)
    if (item == word) return true;
  return false;
}

const Value* member(const ValueMap& map, string_view key) noexcept {
  for (auto& [name, value] : map)
    if (name == key) return &value;
  return nullptr;
}
string_view text_of(const ValueMap& map, string_view key) noexcept {
  auto value = member(map, key);
  return value && value->as_string() ? string_view(*value->as_string()) : string_view{};
}

bool is_null_schema(const Value& schema) noexcept { return text_at(schema, "type") == "null"; }

class Cleaner {
 public:
  Cleaner(const Value& root, bool ordered) : root_(root), ordered_(ordered) {}

  Value clean(const Value& schema, int depth) {
    if (++nodes_ > k_max_nodes || depth > k_max_depth) too_large_ = true;
    auto map = schema.as_map();
    if (too_large_ || !map) return Value(ValueMap{});
    if (auto reference = schema.find("$ref"); reference && reference->as_string())
      return referred(*reference->as_string(), schema, depth);
    ValueMap out;
    for (auto& [name, value] : *map)
      if (contains(k_kept, name) && !value.is_null()) set(out, name, value);
    if (auto format = text_at(schema, "format"); contains(k_formats, format))
      set(out, "format", Value(std::string(format)));
    merge_all(schema, out, depth);
    type(schema, out, depth);
    enumeration(schema, out);
    any_of(schema, out, depth);
    properties(schema, out, depth);
    items(schema, out, depth);
    return Value(std::move(out));
  }

  bool too_large() const noexcept { return too_large_; }

 private:
  const Value* lookup(string_view reference) const noexcept {
    if (reference == "#") return &root_;
    if (!reference.starts_with("#/")) return nullptr;
    reference.remove_prefix(2);
    const Value* at = &root_;
    while (at && !reference.empty()) {
      auto slash = reference.find('/');
      at = at->find(reference.substr(0, slash));
      reference = slash == string_view::npos ? string_view{} : reference.substr(slash + 1);
    }
    return at;
  }

  // What it points to, with the description beside the reference. One that is inside itself ends as an open
  // object.
  Value referred(const std::string& reference, const Value& schema, int depth) {
    auto there = lookup(reference);
    Value out(ValueMap{{"type", Value(std::string("object"))}});
    if (there && !contains(open_, reference)) {
      open_.push_back(reference);
      out = clean(*there, depth + 1);
      open_.pop_back();
    }
    if (auto text = schema.find("description"); text && text->as_string()) set(out, "description", *text);
    return out;
  }

  void absorb(Value part, ValueMap& out) {
    auto map = std::get_if<ValueMap>(&part.data());
    if (!map) return;
    for (auto& [name, value] : *map)
      if (!member(out, name)) set(out, name, std::move(value));
  }

  // allOf of one entry is common (a reference with a description); of several, the first to say a thing wins,
  // and their properties are united.
  void merge_all(const Value& schema, ValueMap& out, int depth) {
    auto all = schema.find("allOf");
    if (!all || !all->as_list()) return;
    ValueMap united;
    ValueList required;
    for (auto& part : *all->as_list()) {
      auto cleaned = clean(part, depth + 1);
      if (auto members = cleaned.find("properties"); members && members->as_map())
        for (auto& [name, value] : *members->as_map()) set(united, name, value);
      if (auto names = cleaned.find("required"); names && names->as_list())
        required.insert(required.end(), names->as_list()->begin(), names->as_list()->end());
      absorb(std::move(cleaned), out);
    }
    if (!united.empty()) set(out, "properties", Value(std::move(united)));
    if (!required.empty()) set(out, "required", Value(std::move(required)));
  }

  void type(const Value& schema, ValueMap& out, int depth) {
    auto type = schema.find("type");
    if (type && type->as_string()) return set(out, "type", *type);
    if (type && type->as_list()) return types(*type->as_list(), schema, out, depth);
    const char* guess = schema.find("properties")                     ? "object"
                        : schema.find("items")                        ? "array"
                        : schema.find("enum") || schema.find("const") ? "string"
                                                                      : nullptr;
    if (guess) set(out, "type", Value(std::string(guess)));
  }

  // ["string","null"] is a nullable string; several others are an anyOf.
  void types(const ValueList& names, const Value& schema, ValueMap& out, int depth) {
    ValueList rest;
    for (auto& name : names) {
      if (!name.as_string()) continue;
      if (*name.as_string() == "null")
        set(out, "nullable", Value(true));
      else
        rest.push_back(name);
    }
    if (rest.size() == 1) return set(out, "type", rest[0]);
    ValueList options;
    for (auto& name : rest) {
      ValueMap option{{"type", name}};
      if (auto inner = schema.find("items"); *name.as_string() == "array")
        set(option, "items", inner ? clean(*inner, depth + 1) : string_schema());
      options.push_back(Value(std::move(option)));
    }
    if (!options.empty()) set(out, "anyOf", Value(std::move(options)));
  }

  static Value string_schema() { return Value(ValueMap{{"type", Value(std::string("string"))}}); }

  // Only texts can be enumerated; other constants are told in the description.
  void enumeration(const Value& schema, ValueMap& out) {
    ValueList values;
    if (auto one = schema.find("const")) values.push_back(*one);
    if (auto list = schema.find("enum"); list && list->as_list()) values = *list->as_list();
    ValueList texts;
    std::string others;
    bool whole = true;
    for (auto& value : values) {
      whole = whole && value.as_int();
      if (value.is_null())
        set(out, "nullable", Value(true));
      else if (!value.as_string())
        others += (others.empty() ? "" : ", ") + to_json(value);
      else if (!value.as_string()->empty())
        texts.push_back(value);
    }
    if (others.empty()) {
      if (!texts.empty()) set(out, "enum", Value(std::move(texts)));
      return;
    }
    if (text_of(out, "type") == "string") set(out, "type", Value(std::string(whole ? "integer" : "number")));
    auto said = std::string(text_of(out, "description"));
    set(out, "description", Value(said + (said.empty() ? "" : " ") + "One of: " + others));
  }

  void any_of(const Value& schema, ValueMap& out, int depth) {
    auto list = schema.find("anyOf");
    if (!list || !list->as_list()) list = schema.find("oneOf");
    if (!list || !list->as_list()) return;
    ValueList options;
    for (auto& option : *list->as_list())
      if (is_null_schema(option))
        set(out, "nullable", Value(true));
      else
        options.push_back(clean(option, depth + 1));
    if (options.size() == 1) return absorb(std::move(options[0]), out);
    if (options.empty()) return;
    set(out, "anyOf", Value(std::move(options)));
    switchyard::erase(out, "type"); // each option says its own
  }

  void properties(const Value& schema, ValueMap& out, int depth) {
    auto members = schema.find("properties");
    if (members && members->as_map()) {
      ValueMap cleaned;
      for (auto& [name, value] : *members->as_map()) cleaned.emplace_back(name, clean(value, depth + 1));
      if (!cleaned.empty()) set(out, "properties", Value(std::move(cleaned)));
    }
    if (auto names = schema.find("required"); names && names->as_list()) set(out, "required", *names);
    only_known(out);
  }

  // `required` may name only what is there; the order is that of the client.
  void only_known(ValueMap& out) const {
    auto members = member(out, "properties");
    auto names = member(out, "required");
    ValueList known, order;
    if (names && names->as_list() && members)
      for (auto& name : *names->as_list())
        if (name.as_string() && members->find(*name.as_string())) known.push_back(name);
    switchyard::erase(out, "required");
    if (!known.empty()) set(out, "required", Value(std::move(known)));
    if (!ordered_ || !member(out, "properties")) return;
    for (auto& [name, value] : *member(out, "properties")->as_map()) order.push_back(Value(name));
    set(out, "propertyOrdering", Value(std::move(order)));
  }

  // A list must say of what.
  void items(const Value& schema, ValueMap& out, int depth) {
    auto inner = schema.find("items");
    if (inner && inner->as_map()) {
      auto cleaned = clean(*inner, depth + 1);
      set(out, "items", map_size(cleaned) ? std::move(cleaned) : string_schema());
    } else if (text_of(out, "type") == "array") {
      set(out, "items", string_schema());
    }
  }

  static std::size_t map_size(const Value& value) noexcept {
    return value.as_map() ? value.as_map()->size() : 0;
  }

  const Value& root_;
  bool ordered_, too_large_ = false;
  std::size_t nodes_ = 0;
  std::vector<std::string> open_; ///< references being unfolded
};

} // namespace

Result<Value> clean_schema(const Value& schema, bool ordered) {
  Cleaner cleaner(schema, ordered);
  auto out = cleaner.clean(schema, 0);
  if (!cleaner.too_large()) return out;
  Error error;
  error.code = Errc::bad_request;
  error.message = "the JSON schema is too large or too deep";
  return error;
}

bool is_empty_object(const Value& schema) noexcept {
  auto map = schema.as_map();
  if (!map || map->empty()) return true;
  auto type = text_at(schema, "type", "object");
  return type == "object" && !schema.find("properties") && !schema.find("anyOf");
}

} // namespace switchyard::providers::google
