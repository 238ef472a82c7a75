// Setters of router_settings with a shape of their own: strategies, groups of models, policies by error
// class. Pure.
#include "config/keys.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/strategies.hpp>

#include <algorithm>
#include <re2/re2.h>
#include <set>

namespace switchyard::config {
namespace {

// -- strategies

/// LiteLLM's other names: of its enum, its older pages and its source files.
struct Spelling {
  std::string_view written, name;
};
constexpr Spelling k_spellings[] = {
    {"shuffle", "simple-shuffle"},
    {"lowest-tpm-rpm", "usage-based-routing"},
    {"lowest-tpm-rpm-v2", "usage-based-routing-v2"},
    {"lowest-latency", "latency-based-routing"},
    {"lowest-cost", "cost-based-routing"},
};

/// "LATENCY_BASED", "latency-based" and "latency-based-routing" are one name.
std::string plain(std::string_view written) {
  std::string out;
  for (const char c : written) out += c == '_' ? '-' : lower(c);
  if (const auto at = out.find("-routing"); at != std::string::npos) out.erase(at, 8);
  return out;
}

/// Empty = no such strategy.
std::string_view canonical(std::string_view wanted) {
  for (const auto name : k_strategy_names)
    if (plain(name) == wanted) return name;
  for (const Spelling& row : k_spellings)
    if (row.written == wanted) return row.name;
  return {};
}

Problem read_strategy(const Value& value, std::string& out) {
  std::string written;
  if (Problem problem = read(value, written); !problem.empty()) return problem;
  const std::string wanted = plain(written);
  out = canonical(wanted);
  if (!out.empty()) return {};
  if (wanted == "provider-budget" ||
      wanted == "provider-budget-limiting") // budgets filter under any strategy
    return out = k_strategy_names.front(), Problem();
  std::string known;
  for (const auto name : k_strategy_names) known.append(known.empty() ? "" : ", ").append(name);
  return "unknown strategy \"" + written + "\"; known are " + known;
}

template <auto Member>
Problem put_arg(const Value& value, StrategyArgs& out) {
  return read(value, out.*Member);
}

struct Argument {
  std::string_view name;
  Check check;
  Problem (*put)(const Value& value, StrategyArgs& out);
};
constexpr Argument k_arguments[] = {
    {"ttl", valid_seconds, put_arg<&StrategyArgs::ttl>},
    {"lowest_latency_buffer", not_negative, put_arg<&StrategyArgs::lowest_latency_buffer>},
    {"max_latency_list_size", at_least_one, put_arg<&StrategyArgs::max_latency_list_size>},
};

Problem read_args(const Value& value, StrategyArgs& out, std::vector<std::string>& notes) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping", value);
  for (const auto& entry : *map) {
    const auto& [name, member] = entry;
    const auto found = std::find_if(std::begin(k_arguments), std::end(k_arguments),
                                    [&](const Argument& row) { return row.name == entry.first; });
    if (found == std::end(k_arguments))
      notes.push_back(name + " is not an argument of a strategy and is ignored");
    if (found == std::end(k_arguments) || member.is_null()) continue;
    Problem problem = found->check(member);
    if (problem.empty()) problem = found->put(member, out);
    if (!problem.empty()) return name + ": " + problem;
  }
  return {};
}

Problem read_group(const Value& value, RoutingGroup& out, std::vector<std::string>& notes) {
  if (!value.as_map()) return expected("a mapping with group_name, models and routing_strategy", value);
  const auto member = [&](std::string_view name) -> const Value* {
    const Value* found = value.find(name);
    return found && !found->is_null() ? found : nullptr;
  };
  const Value *name = member("group_name"), *models = member("models"),
              *strategy = member("routing_strategy");
  if (!name || !models) return "group_name and models are needed";
  if (Problem problem = read(*name, out.group_name); !problem.empty()) return "group_name: " + problem;
  if (out.group_name == "default") return "group_name: \"default\" is reserved";
  if (Problem problem = read(*models, out.models); !problem.empty()) return "models: " + problem;
  if (strategy)
    if (Problem problem = read_strategy(*strategy, out.routing_strategy); !problem.empty())
      return "routing_strategy: " + problem;
  const Value* args = member("routing_strategy_args");
  return args ? read_args(*args, out.args, notes) : Problem();
}

// -- policies: {SomethingError + suffix: number}

template <class Policy>
struct PolicyKey {
  std::string_view name;
  std::optional<int> Policy::*entry;
};

constexpr PolicyKey<AllowedFailsPolicy> k_allowed_fails[] = {
    {"BadRequestErrorAllowedFails", &AllowedFailsPolicy::bad_request},
    {"AuthenticationErrorAllowedFails", &AllowedFailsPolicy::authentication},
    {"TimeoutErrorAllowedFails", &AllowedFailsPolicy::timeout},
    {"RateLimitErrorAllowedFails", &AllowedFailsPolicy::rate_limit},
    {"ContentPolicyViolationErrorAllowedFails", &AllowedFailsPolicy::content_policy},
    {"InternalServerErrorAllowedFails", &AllowedFailsPolicy::internal_server},
    {"ServiceUnavailableErrorAllowedFails", &AllowedFailsPolicy::service_unavailable},
    {"BadGatewayErrorAllowedFails", &AllowedFailsPolicy::bad_gateway},
    {"NotFoundErrorAllowedFails", &AllowedFailsPolicy::not_found},
};
constexpr PolicyKey<RetryPolicy> k_retries[] = {
    {"BadRequestErrorRetries", &RetryPolicy::bad_request},
    {"AuthenticationErrorRetries", &RetryPolicy::authentication},
    {"TimeoutErrorRetries", &RetryPolicy::timeout},
    {"RateLimitErrorRetries", &RetryPolicy::rate_limit},
    {"ContentPolicyViolationErrorRetries", &RetryPolicy::content_policy},
    {"InternalServerErrorRetries", &RetryPolicy::internal_server},
    {"ServiceUnavailableErrorRetries", &RetryPolicy::service_unavailable},
    {"NotFoundErrorRetries", &RetryPolicy::not_found},
    {"DefaultRetries", &RetryPolicy::fallback},
};

template <class Policy, std::size_t N>
Problem read_policy(const Value& value, const PolicyKey<Policy> (&keys)[N], Policy& out,
                    std::vector<std::string>& notes) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping of error classes to numbers", value);
  for (const auto& entry : *map) {
    const auto& [name, member] = entry;
    if (member.is_null()) continue;
    const auto found = std::find_if(std::begin(keys), std::end(keys),
                                    [&](const auto& key) { return key.name == entry.first; });
    if (found == std::end(keys)) {
      notes.push_back(name + " is not an error class of this policy and is ignored");
      continue;
    }
    Problem problem = not_negative(member);
    if (problem.empty()) problem = read(member, out.*found->entry);
    if (!problem.empty()) return name + ": " + problem;
  }
  return {};
}

/// What optional_pre_call_checks may name.
struct PreCallCheck {
  std::string_view name;
  bool& (*of)(RouterSettings& router); ///< null = needs no setting
};
constexpr PreCallCheck k_pre_call_checks[] = {
    {"enforce_model_rate_limits", [](RouterSettings& r) -> bool& { return r.enforce_model_rate_limits; }},
    {"session_affinity", [](RouterSettings& r) -> bool& { return r.affinity.session; }},
    {"deployment_affinity", [](RouterSettings& r) -> bool& { return r.affinity.deployment; }},
    {"responses_api_deployment_check", [](RouterSettings& r) -> bool& { return r.affinity.responses; }},
    {"prompt_caching", [](RouterSettings& r) -> bool& { return r.prompt_caching; }},
    {"router_budget_limiting", nullptr},                // wherever a budget is
    {"forward_client_headers_by_model_group", nullptr}, // wherever model_group_settings names a group
    {"encrypted_content_affinity", [](RouterSettings& r) -> bool& { return r.affinity.encrypted; }},
};

/// What an entry of model_group_affinity_config may name.
struct AffinityCheck {
  std::string_view name;
  bool AffinityChecks::*setting;
};
constexpr AffinityCheck k_affinity_checks[] = {
    {"deployment_affinity", &AffinityChecks::deployment},
    {"session_affinity", &AffinityChecks::session},
    {"responses_api_deployment_check", &AffinityChecks::responses},
    {"encrypted_content_affinity", &AffinityChecks::encrypted},
};

Problem read_affinity(const Value& value, AffinityChecks& out, std::vector<std::string>& notes) {
  std::vector<std::string> checks;
  if (Problem problem = read(value, checks); !problem.empty()) return problem;
  for (const auto& check : checks) {
    const auto known = std::find_if(std::begin(k_affinity_checks), std::end(k_affinity_checks),
                                    [&](const AffinityCheck& row) { return row.name == check; });
    if (known == std::end(k_affinity_checks))
      notes.push_back("\"" + check + "\" is not a known check and is ignored");
    else
      out.*known->setting = true;
  }
  return {};
}

} // namespace

Problem put_strategy(const Value& value, Target& target) {
  return read_strategy(value, target.config->router.routing_strategy);
}

Problem put_strategy_args(const Value& value, Target& target) {
  return read_args(value, target.config->router.routing_strategy_args, target.notes);
}

Problem put_routing_groups(const Value& value, Target& target) {
  const ValueList* list = value.as_list();
  if (!list) return expected("a list of groups", value);
  std::vector<RoutingGroup> groups;
  std::set<std::string> names, models;
  for (const Value& item : *list) {
    RoutingGroup group;
    Problem problem = read_group(item, group, target.notes);
    if (problem.empty() && !names.insert(group.group_name).second) problem = "group_name: is used twice";
    for (const auto& model : group.models)
      if (problem.empty() && !models.insert(model).second) problem = "models: " + model + " is in two groups";
    if (!problem.empty()) return "group " + std::to_string(groups.size()) + ": " + problem;
    groups.push_back(std::move(group));
  }
  return target.config->router.routing_groups = std::move(groups), Problem();
}

Problem put_pre_call_checks(const Value& value, Target& target) {
  std::vector<std::string> checks;
  if (Problem problem = read(value, checks); !problem.empty()) return problem;
  auto& router = target.config->router;
  for (const auto& known : k_pre_call_checks)
    if (known.of) known.of(router) = false;
  for (const auto& check : checks) {
    const auto known = std::find_if(std::begin(k_pre_call_checks), std::end(k_pre_call_checks),
                                    [&](const PreCallCheck& row) { return row.name == check; });
    if (known == std::end(k_pre_call_checks))
      target.notes.push_back("\"" + check + "\" is not a known check and is ignored");
    else if (known->of)
      known->of(router) = true;
  }
  return {};
}

Problem put_group_affinity(const Value& value, Target& target) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping of model groups to lists of checks", value);
  std::map<std::string, AffinityChecks, std::less<>> groups;
  for (const auto& entry : *map)
    if (Problem problem = read_affinity(entry.second, groups[entry.first], target.notes); !problem.empty())
      return entry.first + ": " + problem;
  return target.config->router.group_affinity = std::move(groups), Problem();
}

Problem put_tag_regex(const Value& value, Target& target) {
  std::vector<std::string> patterns;
  if (Problem problem = read(value, patterns); !problem.empty()) return problem;
  for (const auto& text : patterns)
    if (const RE2 pattern(text, RE2::Quiet); !pattern.ok())
      return "\"" + text + "\" is not a regular expression: " + pattern.error();
  return target.row->params.tag_regex = std::move(patterns), Problem();
}

Problem put_allowed_fails_policy(const Value& value, Target& target) {
  AllowedFailsPolicy policy;
  Problem problem = read_policy(value, k_allowed_fails, policy, target.notes);
  if (problem.empty()) target.config->router.allowed_fails_policy = policy;
  return problem;
}

Problem put_retry_policy(const Value& value, Target& target) {
  RetryPolicy policy;
  Problem problem = read_policy(value, k_retries, policy, target.notes);
  if (problem.empty()) target.config->router.retry_policy = policy;
  return problem;
}

Problem put_group_retry_policy(const Value& value, Target& target) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping of model groups to policies", value);
  for (const auto& [group, member] : *map) {
    RetryPolicy policy;
    if (Problem problem = read_policy(member, k_retries, policy, target.notes); !problem.empty())
      return group + ": " + problem;
    target.config->router.model_group_retry_policy[group] = policy;
  }
  return {};
}

} // namespace switchyard::config
