// Names of tools: what Converse takes, and the client's own again in the answer. Pure; ToolNames is one per
// answer.
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"

#include <algorithm>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

constexpr std::size_t k_longest = 64;

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_plain(char c) noexcept { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

} // namespace

std::string tool_name(string_view name) {
  std::string out(name.substr(0, k_longest));
  for (char& c : out)
    if (!is_plain(c)) c = '_';
  if (out.empty() || !is_letter(out[0])) out.insert(out.begin(), 'a');
  out.resize(std::min(out.size(), k_longest));
  return out;
}

std::string tool_use_id(string_view id) {
  std::string out(id.substr(id.size() - std::min(id.size(), k_longest))); // the random part stands at the end
  for (char& c : out)
    if (!is_plain(c) && c != '-') c = '_';
  return out.empty() ? "none" : out;
}

std::string json_tool_name(const OutputFormat& format) {
  return tool_name(format.name.empty() ? k_json_tool : format.name);
}

Value sent_member(const FamilyTarget& target, const Call& call, string_view key) {
  auto read = [](string_view json) {
    auto parsed = parse_json(json);
    return parsed ? std::move(*parsed) : Value();
  };
  for (auto& item : call.overrides)
    if (item.name == key) return read(item.json);
  auto* field = call.json ? call.json->find(key) : nullptr;
  if (field && field->kind != JsonKind::null) return read(call.json->raw(*field));
  for (auto& item : target.defaults)
    if (item.name == key) return read(item.json);
  return {};
}

ToolNames::ToolNames(const FamilyTarget& target, const Call& call) : target_(target), call_(call) {
  auto format = sent_member(target, call, "response_format");
  if (format.is_null()) return;
  const auto request = tagged("response_format", std::move(format));
  const auto wanted = output_format(request);
  if (wanted.kind != OutputFormat::text) json_tool_ = json_tool_name(wanted);
}

std::string ToolNames::client_name(string_view name) {
  if (!std::exchange(read_, true)) {
    ValueMap request;
    for (auto key : {"tools", "functions"}) put(request, key, sent_member(target_, call_, key));
    const Value whole(std::move(request));
    for (auto& tool : tools_of(whole))
      if (tool_name(tool.name) != tool.name) names_.emplace_back(tool.name);
  }
  for (auto& original : names_)
    if (tool_name(original) == name) return original;
  return std::string(name);
}

} // namespace switchyard::providers::bedrock
