// Parameters whose value depends on the provider: one small function per parameter, found in a table. Pure.
#include "providers/openai/param_rules.hpp"

#include "providers/openai/json_edit.hpp"
#include "providers/openai/messages.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_o_series_unsupported =
    "top_p presence_penalty frequency_penalty parallel_tool_calls logprobs top_logprobs";
constexpr string_view k_gpt5_sampling_unsupported =
    "stop modalities prediction audio presence_penalty frequency_penalty logit_bias web_search_options";
constexpr string_view k_gpt5_unsupported =
    "stop modalities prediction audio presence_penalty frequency_penalty logit_bias web_search_options top_p "
    "logprobs top_logprobs";

Verdict replace(std::string json) { return {std::move(json), false, {}}; }
Verdict remove() { return {{}, true, {}}; }
Verdict refuse(std::string text) { return {{}, false, std::move(text)}; }

std::string_view raw_of(const ObjectScan& scan, string_view key) {
  auto* field = scan.find(key);
  return field ? scan.raw(*field) : string_view{};
}

bool reasons(const ParamContext& context) {
  if (context.family != ModelFamily::gpt5_sampling) return true;
  auto effort = raw_of(context.scan, "reasoning_effort");
  return !effort.empty() && effort != "\"none\"" && effort != "null";
}

// LiteLLM's two texts.
std::string temperature_refusal(const ParamContext& context, string_view raw) {
  std::string value(raw);
  if (context.family == ModelFamily::o_series)
    return "O-series models don't support temperature=" + value +
           ". Only temperature=1 is supported. To drop unsupported openai params from the call, set "
           "`litellm.drop_params = True`";
  return std::string(context.model) + " doesn't support temperature=" + value +
         " while reasoning is active. Only temperature=1 is supported unless reasoning_effort resolves to "
         "'none', either set explicitly on the request or declared as the model's default_reasoning_effort. "
         "To "
         "drop unsupported params set `litellm.drop_params = True`";
}

bool is_mistral_7b(string_view model) {
  constexpr string_view k_name = "mistral-7b";
  return std::search(model.begin(), model.end(), k_name.begin(), k_name.end(),
                     [](char a, char b) { return lower(a) == b; }) != model.end();
}

Verdict temperature(const ParamContext& context, string_view raw) {
  auto& row = *context.target.row;
  const bool ruled =
      context.family != ModelFamily::plain || row.has(k_temperature_unit) || row.has(k_temperature_min);
  auto value = ruled ? as_number(raw) : std::nullopt;
  if (!value) return {};
  if (context.family != ModelFamily::plain && *value != 1 && reasons(context))
    return refuse(temperature_refusal(context, raw));
  if (row.has(k_temperature_unit) && *value > 1) return replace("1");
  auto n = as_int(raw_of(context.scan, "n"));
  if (row.has(k_temperature_unit) && *value < 0.3 && n && *n > 1) return replace("0.3");
  if (row.has(k_temperature_min) && *value == 0 && is_mistral_7b(context.model)) return replace("0.0001");
  return {};
}

/// Azure's older API versions ("2024-02-15-preview") and its dislike of a choice without tools.
Verdict azure_tool_choice(const ParamContext& context, bool required) {
  constexpr std::size_t k_date = 10, k_month = 7;
  if (raw_of(context.scan, "tools").empty()) return remove();
  auto date = string_view(context.target.api_version).substr(0, k_date);
  if (!date.starts_with("20")) return {}; // v1, latest, preview
  const std::string head = "Azure does not support ",
                    tail = ", for api_version=" + context.target.api_version;
  if (date < "2023-12-01")
    return refuse(head + "'tool_choice'" + tail + ". Bump your API version to '2023-12-01-preview' or later");
  if (required && date.starts_with("2024") && date.substr(0, k_month) <= "2024-05")
    return refuse(head + "'required' as a tool_choice param" + tail +
                  ". To drop 'tool_choice=required' for calls with this Azure API version, set "
                  "`litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: true`");
  return {};
}

Verdict tool_choice(const ParamContext& context, string_view raw) {
  auto& row = *context.target.row;
  bool required = raw == "\"required\"";
  if (row.has(k_azure_urls)) return azure_tool_choice(context, required);
  if (row.has(k_tool_choice_any) && (required || raw.starts_with('{'))) return replace("\"any\"");
  if (row.has(k_tool_choice_hint) && required) return remove();
  if (row.has(k_tool_choice_auto) && raw != "\"auto\"" && raw != "\"none\"") {
    auto text = unescape(raw);
    std::string label = context.target.provider == "deepinfra" ? "Deepinfra" : context.target.provider;
    return refuse(label + " doesn't support tool_choice=" + (text ? *text : std::string(raw)) +
                  ". To drop unsupported openai params from the call, set `litellm.drop_params = True`");
  }
  return {};
}

Verdict stop(const ParamContext& context, string_view raw) {
  constexpr std::size_t k_limit = 4;
  if (!context.target.row->has(k_stop_four) || !raw.starts_with('[')) return {};
  if (raw_of(context.scan, "disable_stop_sequence_limit") == "true") return {};
  std::string kept;
  std::size_t pos = 0, count = 0;
  for (string_view element; next_element(raw, pos, element); ++count) {
    if (count == k_limit) return replace("[" + kept + "]");
    kept.append(kept.empty() ? "" : ",").append(element);
  }
  return {};
}

Verdict response_format(const ParamContext& context, string_view raw) {
  auto& row = *context.target.row;
  if (!row.has(k_schema_object) && !row.has(k_schema_only)) return {};
  ObjectScan format;
  if (!raw.starts_with('{') || !scan_object(raw, format)) return {};
  bool schema = string_member(format, "type") == "json_schema";
  if (row.has(k_schema_only)) return schema ? Verdict{} : remove();
  auto* holder = format.find("json_schema");
  ObjectScan inner;
  if (!schema || !holder || !scan_object(format.raw(*holder), inner)) return {};
  auto* found = inner.find("schema");
  if (!found) return {};
  return replace("{\"type\":\"json_object\",\"schema\":" + std::string(inner.raw(*found)) + "}");
}

Verdict thinking(const ParamContext& context, string_view raw) {
  ObjectScan object;
  if (!context.target.row->has(k_thinking_type) || !raw.starts_with('{') || !scan_object(raw, object))
    return {};
  auto* type = object.find("type");
  return type ? replace("{\"type\":" + std::string(object.raw(*type)) + "}") : Verdict{};
}

Verdict messages(const ParamContext& context, string_view raw) {
  auto rewritten = rewrite_messages(*context.target.row, context.model, raw);
  if (context.target.row->has(k_tool_choice_hint) && raw_of(context.scan, "tool_choice") == "\"required\"")
    rewritten = with_tool_hint(rewritten ? string_view(*rewritten) : raw);
  return {std::move(rewritten), false, {}};
}

Verdict tools(const ParamContext& context, string_view raw) {
  return {rewrite_tools(*context.target.row, context.model, raw), false, {}};
}

struct Rule {
  string_view key;
  Verdict (*judge)(const ParamContext&, string_view raw);
  std::uint32_t quirks; ///< of the rows that it concerns; 0 = every row
};
constexpr std::array k_rules{
    Rule{"messages", messages, 0},
    Rule{"temperature", temperature, k_temperature_unit | k_temperature_min | k_reasoning_models},
    Rule{"tools", tools, 0},
    Rule{"tool_choice", tool_choice,
         k_tool_choice_any | k_tool_choice_hint | k_tool_choice_auto | k_azure_urls},
    Rule{"stop", stop, k_stop_four},
    Rule{"response_format", response_format, k_schema_object | k_schema_only},
    Rule{"thinking", thinking, k_thinking_type}};

} // namespace

void watch_judged(const ProviderRow& row, bool reasons, KeyFilter& watched) noexcept {
  const auto quirks =
      reasons ? row.quirks | k_reasoning_models : row.quirks & ~std::uint32_t{k_reasoning_models};
  for (auto& rule : k_rules)
    if (rule.quirks == 0 || (rule.quirks & quirks) != 0) watched.add(rule.key);
}

string_view family_unsupported(ModelFamily family) noexcept {
  switch (family) {
  case ModelFamily::o_series:
    return k_o_series_unsupported;
  case ModelFamily::gpt5:
    return k_gpt5_unsupported;
  case ModelFamily::gpt5_sampling:
    return k_gpt5_sampling_unsupported;
  case ModelFamily::plain:
    break;
  }
  return {};
}

Verdict judge_value(const ParamContext& context, string_view key, string_view raw) {
  for (auto& rule : k_rules)
    if (rule.key == key) return rule.judge(context, raw);
  return {};
}

std::string with_tool_hint(string_view messages) {
  constexpr string_view k_hint =
      R"({"role":"user","content":"Please select a tool to handle the current issue."})";
  auto close = messages.rfind(']');
  if (close == string_view::npos) return std::string(messages);
  std::string out(messages.substr(0, close));
  std::size_t pos = 0;
  string_view element;
  if (next_element(messages, pos, element)) out += ",";
  return out.append(k_hint).append("]");
}

} // namespace switchyard::providers
