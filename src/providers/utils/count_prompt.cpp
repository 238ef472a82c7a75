// Tokens of a chat before it is sent, by OpenAI's published rule: a few for each message, the texts, the
// tools as TypeScript, images by their detail. Pure, any thread.
#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr std::size_t k_image_low = 85, k_image_high = 765; // 85 + 4 tiles of 170: 1024 x 1024
constexpr int k_max_depth = 32;                             // of a schema; deeper ones are "any"

// -- functions as the model sees them

void write_members(const Value& schema, int depth, std::string& out);

void write_enum(const ValueList& items, std::string& out) {
  bool first = true;
  for (auto& item : items) {
    if (!first) out += " | ";
    first = false;
    auto* text = item.as_string();
    out += text ? "\"" + *text + "\"" : to_json(item);
  }
}

void write_type(const Value& schema, int depth, std::string& out) {
  const auto type = text_at(schema, "type");
  auto& choices = list_at(schema, "enum");
  if (!choices.empty() && (type == "string" || type == "integer" || type == "number"))
    return write_enum(choices, out);
  if (depth > k_max_depth) return out += "any", void();
  if (type == "array") {
    auto* items = schema.find("items");
    items ? write_type(*items, depth + 1, out) : void(out += "any");
    out += "[]";
  } else if (type == "object") {
    out += "{\n";
    write_members(schema, depth + 1, out);
    out += "\n}";
  } else if (type == "integer" || type == "number") {
    out += "number";
  } else {
    out += type == "string" || type == "boolean" || type == "null" ? type : "any";
  }
}

void write_members(const Value& schema, int depth, std::string& out) {
  auto* properties = schema.find("properties");
  const auto required = texts_of(schema.find("required"));
  bool first = true;
  for (auto& [name, property] : properties ? map_of(*properties) : ValueMap{}) {
    if (!first) out += "\n";
    first = false;
    if (auto about = text_at(property, "description"); !about.empty())
      out.append("// ").append(about).append("\n");
    out += name;
    out += std::find(required.begin(), required.end(), name) == required.end() ? "?: " : ": ";
    write_type(property, depth, out);
    out += ",";
  }
}

std::string written_tools(const std::vector<Tool>& tools) {
  std::string out = "namespace functions {\n\n";
  for (auto& tool : tools) {
    if (!tool.description.empty()) out.append("// ").append(tool.description).append("\n");
    out.append("type ").append(tool.name);
    auto* properties = tool.parameters ? tool.parameters->find("properties") : nullptr;
    if (properties && !map_of(*properties).empty()) {
      out += " = (_: {\n";
      write_members(*tool.parameters, 0, out);
      out += "\n}) => any;\n\n";
    } else {
      out += " = () => any;\n\n";
    }
  }
  return out + "} // namespace functions";
}

// -- messages

std::size_t count_part(const TokenMeter& meter, const Value& part) {
  if (auto* text = part.as_string()) return meter.count(*text);
  if (auto* image = part.find("image_url"))
    return text_at(*image, "detail") == "high" ? k_image_high : k_image_low;
  std::size_t out = 0;
  for (auto key : {"text", "thinking"}) out += meter.count(text_at(part, key));
  if (auto* inner = part.find("content")) { // a tool's result
    out += meter.count(content_text(*inner));
  }
  return out;
}

std::size_t count_member(const TokenMeter& meter, const Value& message, const std::string& key,
                         const Value& value, std::size_t per_name) {
  if (auto* text = value.as_string()) return meter.count(*text) + (key == "name" ? per_name : 0);
  std::size_t out = 0;
  if (key == "content")
    for (auto& part : list_at(message, key)) out += count_part(meter, part);
  if (key == "tool_calls")
    for (auto& call : list_at(message, key))
      if (auto* function = call.find("function")) {
        auto* arguments = function->find("arguments");
        if (arguments)
          out += meter.count(arguments->as_string() ? *arguments->as_string() : to_json(*arguments));
      }
  return out;
}

std::size_t count_tools(const TokenMeter& meter, const Value& request, bool has_system) {
  std::size_t out = 0;
  if (const auto tools = tools_of(request); !tools.empty())
    out += meter.count(written_tools(tools)) + 9 - (has_system ? 4 : 0);
  const auto choice = tool_choice_of(request);
  if (choice.kind == ToolChoice::none) out += 1;
  if (choice.kind == ToolChoice::named) out += 7 + meter.count(choice.name);
  return out;
}

} // namespace

std::size_t count_prompt(const TokenMeter& meter, const Value& request, string_view model) {
  const bool oldest = model.ends_with("gpt-3.5-turbo-0301");
  const std::size_t per_message = oldest ? 4 : 3, per_name = oldest ? 0 : 1;
  std::size_t out = 3; // the answer is primed with its role
  bool has_system = false;
  for (auto& message : list_at(request, "messages")) {
    out += per_message;
    has_system = has_system || text_at(message, "role") == "system";
    for (auto& [key, value] : map_of(message)) out += count_member(meter, message, key, value, per_name);
  }
  return out + count_tools(meter, request, has_system);
}

} // namespace switchyard::providers
