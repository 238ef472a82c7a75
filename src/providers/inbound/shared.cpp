// What the bridges share: pieces of chat requests, tool names, schemas. Pure, any thread.
#include "providers/inbound/inbound.hpp"
#include "providers/openai/provider.hpp"

#include <switchyard/ascii.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace switchyard::providers::inbound {

using std::string_view;

Value text_part(string_view text) { return Value(ValueMap{{"type", str("text")}, {"text", str(text)}}); }

Value image_part(string_view url) {
  return Value(ValueMap{{"type", str("image_url")}, {"image_url", Value(ValueMap{{"url", str(url)}})}});
}

Value tool_call(string_view id, string_view name, std::string arguments) {
  if (arguments.empty()) arguments = "{}";
  return Value(ValueMap{
      {"id", str(id)},
      {"type", str("function")},
      {"function", Value(ValueMap{{"name", str(name)}, {"arguments", Value(std::move(arguments))}})}});
}

Value function_tool(string_view name, const Value* description, const Value* parameters,
                    const Value* strict) {
  ValueMap function{{"name", str(name)}};
  if (description && description->as_string()) function.emplace_back("description", *description);
  function.emplace_back("parameters",
                        parameters && parameters->as_map()
                            ? *parameters
                            : Value(ValueMap{{"type", str("object")}, {"properties", Value(ValueMap{})}}));
  if (strict && strict->as_bool()) function.emplace_back("strict", *strict);
  return Value(ValueMap{{"type", str("function")}, {"function", Value(std::move(function))}});
}

Value content_of(ValueList parts) {
  if (parts.empty()) return {};
  if (parts.size() == 1 && map_of(parts.front()).size() == 2 && text_at(parts.front(), "type") == "text")
    return str(text_at(parts.front(), "text"));
  return Value(std::move(parts));
}

Error refuse(string_view field, string_view why) {
  Error error(Errc::invalid_request, std::string(field) + ": " + std::string(why));
  error.extra().param = field;
  return error;
}

void copy(const Value& from, string_view key, ValueMap& to, string_view as) {
  auto* found = from.find(key);
  if (found && !found->is_null()) set(to, as.empty() ? key : as, *found);
}

bool is_openai_format(const Target& target) noexcept { return target.translator == &openai_provider(); }

bool is_claude(const Side& side) noexcept {
  std::string name(side.call.model);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return side.target.provider == "anthropic" || name.find("claude") != std::string::npos ||
         name.find("anthropic") != std::string::npos || name.find("arn:aws:bedrock") != std::string::npos;
}

string_view effort_of_budget(std::int64_t budget) noexcept {
  if (budget >= 10000) return "high";
  if (budget >= 5000) return "medium";
  return budget >= 2000 ? "low" : "minimal";
}

namespace {

/// Members that hold schemas by name, lists of schemas, or one schema.
constexpr std::array<string_view, 3> k_named{"properties", "$defs", "definitions"};
constexpr std::array<string_view, 4> k_listed{"anyOf", "allOf", "oneOf", "prefixItems"};

bool is_one_of(const auto& names, string_view key) {
  return std::find(names.begin(), names.end(), key) != names.end();
}

Value strict_member(const std::string& key, const Value& value) {
  if (key == "items") return strict_schema(value);
  if (is_one_of(k_named, key) && value.as_map()) {
    ValueMap out;
    for (auto& member : *value.as_map()) out.emplace_back(member.first, strict_schema(member.second));
    return Value(std::move(out));
  }
  if (is_one_of(k_listed, key) && value.as_list()) {
    ValueList out;
    for (auto& item : *value.as_list()) out.push_back(strict_schema(item));
    return Value(std::move(out));
  }
  return value;
}

} // namespace

Value strict_schema(const Value& schema) {
  if (!schema.as_map()) return schema;
  ValueMap out;
  for (auto& member : *schema.as_map())
    out.emplace_back(member.first, strict_member(member.first, member.second));
  auto* properties = schema.find("properties");
  if (!(properties && properties->as_map()) && text_at(schema, "type") != "object")
    return Value(std::move(out));
  set(out, "additionalProperties", yes(false));
  ValueList required;
  if (properties)
    for (auto& property : map_of(*properties)) required.push_back(str(property.first));
  set(out, "required", Value(std::move(required)));
  return Value(std::move(out));
}

Value json_schema_format(string_view name, Value schema, bool strict) {
  return Value(ValueMap{
      {"type", str("json_schema")},
      {"json_schema",
       Value(ValueMap{{"name", str(name)}, {"schema", std::move(schema)}, {"strict", yes(strict)}})}});
}

string_view cut(string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

std::int64_t seconds(const Call& call) noexcept {
  return std::chrono::duration_cast<std::chrono::seconds>(call.now.time_since_epoch()).count();
}

// -- tool names

namespace {
constexpr std::size_t k_longest_name = 64, k_kept = 55, k_hash_bytes = 4;
}

std::string short_tool_name(string_view name) {
  if (name.size() <= k_longest_name) return std::string(name);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), hash.data());
  std::string out(cut(name, k_kept));
  out += '_';
  constexpr string_view k_hex = "0123456789abcdef";
  for (std::size_t i = 0; i < k_hash_bytes; ++i) out += k_hex[hash[i] >> 4], out += k_hex[hash[i] & 15];
  return out;
}

ToolNames::ToolNames(const Value& client) {
  for (auto& tool : list_at(client, "tools")) {
    auto name = text_at(tool, "name");
    if (name.size() > k_longest_name) names_.emplace_back(short_tool_name(name), std::string(name));
  }
}

string_view ToolNames::original(string_view name) const noexcept {
  for (auto& entry : names_)
    if (entry.first == name) return entry.second;
  return name;
}

} // namespace switchyard::providers::inbound
