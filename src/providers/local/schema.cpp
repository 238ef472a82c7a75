// The smallest value that a JSON schema allows, for structured output and tool arguments of local answers.
// Pure, any thread. What is not understood becomes null.
#include "providers/local/local.hpp"
#include "providers/openai/json_edit.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr unsigned k_max_depth = 16;
constexpr std::size_t k_max_size = 64 * 1024;

std::string value_of(string_view schema, string_view root, unsigned depth);

string_view member(const ObjectScan& object, string_view key) {
  auto* field = object.find(key);
  return field ? object.raw(*field) : string_view{};
}

string_view first_element(string_view array) {
  std::size_t pos = 0;
  string_view element;
  return next_element(array, pos, element) ? element : string_view{};
}

/// "#/$defs/Name" -> that member of the root.
std::string follow(string_view reference, string_view root, unsigned depth) {
  if (!reference.starts_with("#/")) return "null";
  reference.remove_prefix(2);
  string_view at = root;
  while (!reference.empty()) {
    auto slash = reference.find('/');
    ObjectScan object;
    if (!at.starts_with('{') || !scan_object(at, object)) return "null";
    at = member(object, reference.substr(0, slash));
    if (slash == string_view::npos) break;
    reference.remove_prefix(slash + 1);
  }
  return value_of(at, root, depth + 1);
}

/// Required properties, or all of them when none is said to be.
std::string object_value(const ObjectScan& schema, string_view root, unsigned depth) {
  ObjectScan properties;
  auto raw = member(schema, "properties");
  if (!raw.starts_with('{') || !scan_object(raw, properties)) return "{}";
  auto required = member(schema, "required");
  std::string out = "{";
  for (auto& field : properties.fields) {
    auto name = json_string(field.key);
    if (!required.empty() && required.find(name) == string_view::npos) continue;
    if (out.size() > k_max_size) break;
    out.append(out.size() > 1 ? "," : "").append(name).append(":");
    out += value_of(properties.raw(field), root, depth + 1);
  }
  return out + "}";
}

std::string array_value(const ObjectScan& schema, string_view root, unsigned depth) {
  auto least = as_int(member(schema, "minItems")).value_or(0);
  auto items = member(schema, "items");
  std::string out = "[";
  for (std::int64_t i = 0; i < std::min<std::int64_t>(least, 100) && out.size() < k_max_size; ++i)
    out.append(i ? "," : "").append(value_of(items, root, depth + 1));
  return out + "]";
}

std::string typed_value(string_view type, const ObjectScan& schema, string_view root, unsigned depth) {
  if (type == "\"object\"") return object_value(schema, root, depth);
  if (type == "\"array\"") return array_value(schema, root, depth);
  if (type == "\"string\"") return "\"string\"";
  if (type == "\"boolean\"") return "true";
  if (type == "\"integer\"" || type == "\"number\"") {
    auto least = member(schema, "minimum");
    return least.empty() ? "0" : std::string(least);
  }
  return "null";
}

std::string value_of(string_view raw, string_view root, unsigned depth) {
  ObjectScan schema;
  if (depth > k_max_depth || !raw.starts_with('{') || !scan_object(raw, schema)) return "null";
  if (auto fixed = member(schema, "const"); !fixed.empty()) return std::string(fixed);
  if (auto chosen = first_element(member(schema, "enum")); !chosen.empty()) return std::string(chosen);
  if (auto reference = string_member(schema, "$ref"); !reference.empty())
    return follow(reference, root, depth);
  for (auto key : {"anyOf", "oneOf", "allOf"})
    if (auto first = first_element(member(schema, key)); !first.empty())
      return value_of(first, root, depth + 1);
  auto type = member(schema, "type");
  if (type.starts_with('[')) type = first_element(type);
  if (type.empty() && schema.find("properties")) type = "\"object\"";
  return typed_value(type, schema, root, depth);
}

} // namespace

std::string smallest_value(string_view schema, string_view root) { return value_of(schema, root, 0); }

} // namespace switchyard::providers
