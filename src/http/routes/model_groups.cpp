// GET /model_group/info: each group's facts as LiteLLM shows them, and its live numbers.
#include "http/access/llm_access.hpp"
#include "http/answers.hpp"
#include "http/json_members.hpp"
#include "http/query.hpp"
#include "http/routes/routes.hpp"
#include "http/state_json.hpp"

#include <algorithm>
#include <array>

namespace switchyard::http::routes {

namespace {

constexpr std::array<std::string_view, 6> k_capabilities = {"supports_parallel_function_calling",
                                                            "supports_vision",
                                                            "supports_web_search",
                                                            "supports_url_context",
                                                            "supports_reasoning",
                                                            "supports_function_calling"};

const Value* info_of(const Deployment& deployment, std::string_view key) {
  for (auto& [name, value] : deployment.row.model_info)
    if (name == key) return &value;
  return nullptr;
}

/// True when a row says so.
bool any_true(const Group& group, std::string_view key) {
  return std::any_of(group.deployments.begin(), group.deployments.end(), [&](auto& row) {
    const auto* value = info_of(*row, key);
    return value && value->as_bool() && *value->as_bool();
  });
}

/// The largest that a row says, as JSON; "null" when none does.
std::string largest(const Group& group, std::string_view key) {
  const Value* best = nullptr;
  double best_number = 0;
  for (auto& row : group.deployments) {
    double number = 0;
    const auto* value = info_of(*row, key);
    if (value && value->number(number) && (!best || number > best_number)) best = value, best_number = number;
  }
  return best ? to_json(*best) : "null";
}

/// rpm and tpm are sums: the rows' limits add up.
std::string sum(const Group& group, std::optional<std::int64_t> LitellmParams::*limit) {
  std::int64_t total = 0;
  for (auto& row : group.deployments) total += (row->row.params.*limit).value_or(0);
  return total != 0 ? std::to_string(total) : "null";
}

template <class Range>
std::string string_list(const Range& names) {
  std::string out = "[";
  for (auto& name : names) out += (out.size() > 1 ? "," : "") + json_string(name);
  return out + "]";
}

std::string providers_json(const Group& group) {
  std::vector<std::string> names;
  for (auto& row : group.deployments)
    if (row->target && std::find(names.begin(), names.end(), row->target->provider) == names.end())
      names.push_back(row->target->provider);
  return string_list(names);
}

std::string mode_of(const Group& group) {
  for (auto& row : group.deployments)
    if (!row->row.mode.empty()) return row->row.mode;
  return "chat";
}

/// What clients may send to a model of this mode.
std::string params_json(std::string_view mode) {
  struct Row {
    std::string_view mode;
    Endpoint endpoint;
  };
  constexpr Row k_rows[] = {{"chat", Endpoint::chat},
                            {"completion", Endpoint::completions},
                            {"embedding", Endpoint::embeddings},
                            {"responses", Endpoint::responses},
                            {"image_generation", Endpoint::images_generations},
                            {"audio_transcription", Endpoint::transcriptions},
                            {"audio_speech", Endpoint::speech},
                            {"moderation", Endpoint::moderations},
                            {"rerank", Endpoint::rerank}};
  for (auto& row : k_rows)
    if (row.mode == mode) return string_list(providers::openai_params(row.endpoint));
  return "[]";
}

std::string group_json(const Group& group, Instant now) {
  const auto mode = mode_of(group);
  std::string out = "{";
  member(out, "model_group", json_string(group.name));
  member(out, "providers", providers_json(group));
  for (std::string_view key : {"max_input_tokens", "max_output_tokens", "input_cost_per_token",
                               "output_cost_per_token", "input_cost_per_pixel"})
    member(out, key, largest(group, key));
  member(out, "mode", json_string(mode));
  member(out, "tpm", sum(group, &LitellmParams::tpm));
  member(out, "rpm", sum(group, &LitellmParams::rpm));
  for (auto key : k_capabilities) member(out, key, any_true(group, key) ? "true" : "false");
  member(out, "supported_openai_params", params_json(mode));
  member(out, "live", summary_json(state_of(group, now)));
  return out + "}";
}

} // namespace

aw<> model_group_info(RequestContext& context) {
  const auto wanted = query_value(context.exchange.head.query, "model_group");
  std::string body = "{\"data\":[";
  for (auto& group : context.routing->groups()) {
    if (group->pattern || (!wanted.empty() && group->name != wanted)) continue;
    if (!access::may_use_model(context, group->name)) continue;
    if (body.back() != '[') body += ',';
    body += group_json(*group, context.shard.now());
  }
  body += "]}";
  co_await answer_json(context.exchange, 200, body);
}

} // namespace switchyard::http::routes
