// reasoning_effort, thinking, max_tokens and response_format for Claude (spec providers.md 3.1, 3.2). Pure,
// any thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <algorithm>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

constexpr std::int64_t k_least_budget = 1024; ///< Claude refuses less
constexpr std::int64_t k_answer_tokens = 4096;

void set_config(ValueMap& body, string_view key, Value value) {
  for (auto& member : body)
    if (member.first == "output_config") return set(member.second, key, std::move(value));
  body.emplace_back("output_config", Value(ValueMap{{std::string(key), std::move(value)}}));
}

Value thinking_type(string_view type) { return Value(ValueMap{{"type", text_value(type)}}); }

/// reasoning_effort as text; Responses clients send {"effort":..}.
string_view effort_of(const Value& request) {
  auto* found = request.find("reasoning_effort");
  if (!found) return {};
  if (auto* text = found->as_string()) return *text;
  return text_at(*found, "effort");
}

/// Models with output_config.effort: its words are OpenAI's, but for the two lowest.
void add_effort(const Model& model, string_view effort, ValueMap& body) {
  const bool off = effort == "none" || effort == "disable", chosen = find_in(body, "thinking") != nullptr;
  if (off && !model.can(k_always_thinks)) { // the others think only when they are told to
    if (!chosen && model.can(k_thinks_by_default)) body.emplace_back("thinking", thinking_type("disabled"));
    return;
  }
  if (!chosen && !off && model.can(k_adaptive)) body.emplace_back("thinking", thinking_type("adaptive"));
  set_config(body, "effort", text_value(off || effort == "minimal" ? "low" : effort));
}

/// In the turn that is going on, Claude refuses thinking when a tool call came without its thinking.
bool lacks_thinking(const Turns& turns) {
  for (auto turn = turns.messages.rbegin(); turn != turns.messages.rend(); ++turn) {
    if (text_at(*turn, "role") != "assistant") continue;
    bool calls = false, thinks = false;
    for (auto& block : list_at(*turn, "content")) {
      calls = calls || text_at(block, "type") == "tool_use";
      thinks = thinks || text_at(block, "type").ends_with("thinking");
    }
    return calls && !thinks;
  }
  return false;
}

std::int64_t budget_of(const ValueMap& body) {
  auto* thinking = find_in(body, "thinking");
  if (!thinking || text_at(*thinking, "type") != "enabled") return 0;
  auto* budget = thinking->find("budget_tokens");
  return budget && budget->as_int() ? *budget->as_int() : 0;
}

constexpr string_view k_limits =
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength "
    "maxItems uniqueItems minProperties maxProperties";
constexpr string_view k_formats = "date-time time date duration email hostname uri ipv4 ipv6 uuid";

bool takes_keyword(string_view key, const Value& value) {
  if (key == "format") return value.as_string() && has_word(k_formats, *value.as_string());
  if (key == "minItems") return value.as_int() && (*value.as_int() == 0 || *value.as_int() == 1);
  return !has_word(k_limits, key);
}

Value closed_list(const ValueList& schemas) {
  ValueList out;
  for (auto& schema : schemas) out.push_back(closed_schema(schema));
  return Value(std::move(out));
}

Value closed_members(const ValueMap& schemas) {
  ValueMap out;
  for (auto& [name, schema] : schemas) out.emplace_back(name, closed_schema(schema));
  return Value(std::move(out));
}

Value closed_keyword(string_view key, const Value& value) {
  if (value.as_map() && has_word("properties $defs definitions", key)) return closed_members(*value.as_map());
  if (value.as_list() && has_word("anyOf allOf oneOf prefixItems", key)) return closed_list(*value.as_list());
  return key == "items" ? closed_schema(value) : value;
}

} // namespace

Value closed_schema(const Value& schema) {
  auto* map = schema.as_map();
  if (!map) return schema;
  ValueMap out;
  std::string limits;
  for (auto& [key, value] : *map) {
    if (takes_keyword(key, value))
      out.emplace_back(key == "oneOf" ? "anyOf" : key, closed_keyword(key, value));
    else
      limits.append(limits.empty() ? "" : ", ").append(key).append(": ").append(to_json(value));
  }
  if (text_at(schema, "type") == "object" || schema.find("properties"))
    set(out, "additionalProperties", Value(false));
  if (!limits.empty()) { // the model may still keep to them
    std::string text(text_at(schema, "description"));
    text.append(text.empty() ? "{" : "\n\n{").append(limits).append("}");
    set(out, "description", Value(std::move(text)));
  }
  return Value(std::move(out));
}

bool thinking_is_on(const ValueMap& body) noexcept {
  auto* thinking = find_in(body, "thinking");
  return thinking && text_at(*thinking, "type") != "disabled";
}

bool wants_json_tool(const Job& job, const Dialect& dialect) {
  auto format = output_format(job.request);
  if (format.kind == OutputFormat::text) return false;
  const bool native = dialect.structured_output && model_of(job.call.model).can(k_structured);
  return !native || !format.schema; // an open object is no schema that structured output takes
}

void add_output_format(const Job& job, const Dialect& dialect, ValueMap& body) {
  auto format = output_format(job.request);
  if (format.kind == OutputFormat::text || wants_json_tool(job, dialect)) return;
  set_config(body, "format",
             Value(ValueMap{{"type", text_value("json_schema")}, {"schema", closed_schema(*format.schema)}}));
}

Result<void> add_reasoning(const Job& job, const Turns& turns, ValueMap& body) {
  const auto model = model_of(job.call.model);
  const auto effort = effort_of(job.request);
  auto* thinking = job.request.find("thinking");
  if (auto* config = job.request.find("output_config"); config && config->as_map())
    body.emplace_back("output_config", *config);
  if (thinking && thinking->as_map()) body.emplace_back("thinking", *thinking);
  if (!effort.empty()) {
    const auto budget = effort_budget(effort);
    if (!budget)
      return bad_request(job.target, "reasoning_effort: '" + std::string(effort) +
                                         "' is not one of none, minimal, low, medium, high, xhigh, max");
    if (model.can(k_effort))
      add_effort(model, effort, body);
    else if (*budget > 0 && !find_in(body, "thinking"))
      body.emplace_back("thinking",
                        Value(ValueMap{{"type", text_value("enabled")},
                                       {"budget_tokens", Value(std::max(*budget, k_least_budget))}}));
  }
  if (modifies_params(job.target, job.call) && thinking_is_on(body) && lacks_thinking(turns))
    switchyard::erase(body, "thinking");
  const auto budget = budget_of(body);
  auto limit = max_tokens(job.request);
  if (!limit) limit = budget > 0 ? budget + k_answer_tokens : model.max_output;
  body.emplace_back("max_tokens", Value(*limit));
  return {};
}

} // namespace switchyard::providers::anthropic
