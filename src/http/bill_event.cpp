// The words of a spend row and of limit headers. Shard code.
#include "http/bill_event.hpp"

#include "http/access/key_hash.hpp"
#include "http/forward.hpp"
#include "http/route_facts.hpp"
#include "http/route_table.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/json_skim.hpp>
#include <switchyard/plane.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace switchyard::http {

namespace {

/// LiteLLM's call_type of an endpoint.
std::string_view call_type_of(Endpoint endpoint) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(Endpoint::k_count)> k_names = {
      "acompletion",        "atext_completion",   "aembedding",        "aresponses",
      "amoderation",        "aimage_generation",  "aimage_edit",       "aimage_variation",
      "atranscription",     "atranscription",     "aspeech",           "arerank",
      "anthropic_messages", "anthropic_messages", "agenerate_content", "agenerate_content"};
  if (endpoint == k_session_endpoint) return "_arealtime";
  return k_names[static_cast<std::size_t>(endpoint)];
}

void describe_caller(const RequestContext& context, SpendEvent& out) {
  if (!context.identity) {
    auto& master = context.config.general.master_key;
    if (context.is_master)
      out.api_key = access::hash_key(master.reveal()).text(), out.user = context.config.plane->admin_user_id;
    return;
  }
  auto& identity = *context.identity;
  auto& key = *identity.key;
  out.api_key = key.hash, out.key_alias = key.alias, out.user = key.user_id;
  out.team_id = key.team_id, out.project_id = key.project_id, out.agent_id = key.agent_id;
  out.organization_id = key.organization_id;
  if (identity.team) {
    out.team_alias = identity.team->alias;
    if (out.organization_id.empty()) out.organization_id = identity.team->organization_id;
  }
  out.member = !key.team_id.empty() && !key.user_id.empty();
}

/// Lays the members of a JSON object (or nothing) over `out`.
void lay_over(ValueMap& out, std::string_view json) {
  if (json.empty()) return;
  auto parsed = parse_json(json);
  if (!parsed || !parsed->as_map()) return;
  for (auto& [name, value] : *parsed->as_map()) set(out, name, value);
}

/// metadata.spend_logs_metadata of the body, as written; "" = none.
std::string_view of_body(const LlmRequest& request) {
  for (std::string_view place : {"metadata", "litellm_metadata"}) {
    auto* field = request.json ? request.scan.find(place) : nullptr;
    if (!field || field->kind != JsonKind::object) continue;
    ObjectScan inner;
    if (!scan_object(request.scan.raw(*field), inner)) continue;
    if (auto* own = inner.find("spend_logs_metadata")) return inner.raw(*own);
  }
  return {};
}

/// Team below key below request.
ValueMap spend_logs_metadata(const RequestContext& context, const LlmRequest& request) {
  ValueMap out;
  if (context.identity) {
    if (context.identity->team) lay_over(out, context.identity->team->spend_logs_metadata);
    lay_over(out, context.identity->key->spend_logs_metadata);
  }
  lay_over(out, of_body(request));
  lay_over(out, context.exchange.head.find("x-litellm-spend-logs-metadata"));
  return out;
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

/// What was asked, as written.
std::string_view prompt_of(const LlmRequest& request) {
  for (std::string_view name : {"messages", "input", "prompt"})
    if (auto* field = request.json ? request.scan.find(name) : nullptr) return request.scan.raw(*field);
  return {};
}

void append_breakdown(const CostBreakdown& cost, std::string& out) {
  const auto member = [&out](std::string_view start, Money amount) { out += start, out += amount.text(); };
  member("{\"input_cost\":", cost.input);
  member(",\"output_cost\":", cost.output);
  member(",\"tool_usage_cost\":", cost.tools);
  member(",\"original_cost\":", cost.original);
  member(",\"total_cost\":", cost.total);
  if (cost.discount != Money()) member(",\"discount_amount\":", cost.discount);
  if (cost.margin != Money()) member(",\"margin_total_amount\":", cost.margin);
  out += '}';
}

void header(std::string& out, std::string_view name, std::string_view value) {
  out += name, out += ": ", out += value, out += "\r\n";
}
void header(std::string& out, std::string_view name, std::int64_t value) {
  out += name, out += ": ", append_number(out, value), out += "\r\n";
}

/// "x-ratelimit-key-remaining-requests: 5"
void limit_header(std::string& out, std::string_view kind, std::string_view name, std::int64_t value) {
  out += "x-ratelimit-", out += kind, out += kind.empty() ? "" : "-";
  header(out, name, value);
}

void append_limit(const LimitState& state, std::string& out) {
  struct Part {
    std::string_view remaining, most;
    std::int64_t limit, left;
  };
  const Part parts[] = {{"remaining-requests", "limit-requests", state.rpm_limit, state.rpm_left},
                        {"remaining-tokens", "limit-tokens", state.tpm_limit, state.tpm_left}};
  for (auto& part : parts) {
    if (part.limit < 0) continue;
    const auto left = std::max<std::int64_t>(0, part.left);
    limit_header(out, name_of(state.kind), part.remaining, left);
    limit_header(out, name_of(state.kind), part.most, part.limit);
    if (state.kind != EntityKind::key) continue;
    limit_header(out, {}, part.remaining, left);
    limit_header(out, {}, part.most, part.limit);
  }
}

} // namespace

void describe_request(const RequestContext& context, const LlmRequest& request, SpendEvent& out) {
  auto& exchange = context.exchange;
  auto& general = context.config.general;
  out.call_id = exchange.call_id;
  out.call_type = is_passed_on(context) ? "pass_through_endpoint" : call_type_of(request.endpoint);
  out.route = context.path;
  describe_caller(context, out);
  if (!context.config.plane->disable_end_user_tracking) out.end_user = request.end_user;
  out.model = out.model_group = request.model;
  out.tags = request.spend_tags;
  if (context.config.plane->store_prompts) out.messages = prompt_of(request);
  out.session_id = session_of(request, exchange.head);
  const bool forwarded = general.use_x_forwarded_for && exchange.head.has("x-forwarded-for");
  out.requester_ip = forwarded ? exchange.head.find("x-forwarded-for") : std::string_view(exchange.client_ip);
}

std::string_view response_id(std::string_view json) {
  JsonSkim skim(json);
  while (skim.next()) {
    if (skim.key() == "id") {
      const auto value = skim.value();
      return value.size() > 2 && value.front() == '"' ? value.substr(1, value.size() - 2)
                                                      : std::string_view();
    }
    if (skim.key() == "response" && skim.kind() == '{') return response_id(skim.value());
  }
  return {};
}

void describe_row(const Deployment& row, std::string_view upstream_model, SpendEvent& out) {
  out.model = upstream_model;
  out.model_group = row.row.model_name;
  out.model_id = row.row.id;
  if (!row.target) return;
  out.provider = row.target->provider;
  out.api_base = row.target->api_base_public;
}

std::string metadata_of(const RequestContext& context, const LlmRequest& request, const CostBreakdown& cost,
                        const std::string& problem) {
  auto extra = spend_logs_metadata(context, request);
  std::string out = "{\"spend_logs_metadata\":";
  out.reserve(256);
  out += extra.empty() ? "null" : to_json(Value(std::move(extra)));
  out += ",\"cost_breakdown\":", append_breakdown(cost, out);
  if (!problem.empty()) out += ",\"error_information\":", out += problem;
  return out += '}';
}

std::string error_information(const Error& error, int status) {
  constexpr std::size_t k_longest = 2048;
  return to_json(Value(ValueMap{{"error_code", Value(std::to_string(status))},
                                {"error_class", Value(std::string(describe(error.code).name))},
                                {"error_message", Value(error.message.substr(0, k_longest))}}));
}

void append_limit_headers(const access::Identity& identity, const AdmitAnswer& answer, Money cost,
                          std::string& out) {
  header(out, "x-litellm-key-spend", (answer.key_spend + cost).text());
  if (auto& entity = identity.key->entity) { // who comes by a token or a hook has no key of ours
    auto& limits = entity->limits;
    if (limits.max_budget) header(out, "x-litellm-key-max-budget", limits.max_budget->text());
    if (limits.tpm) header(out, "x-litellm-key-tpm-limit", *limits.tpm);
    if (limits.rpm) header(out, "x-litellm-key-rpm-limit", *limits.rpm);
  }
  for (auto& state : answer.limits) append_limit(state, out);
}

} // namespace switchyard::http
