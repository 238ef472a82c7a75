// Setters for settings of keys, budgets and spend that have a shape of their own. Pure.
#include "config/keys_plane.hpp"

#include <algorithm>
#include <array>

namespace switchyard::config {
namespace {

/// The name's place in `names`, or a problem that lists them.
template <std::size_t N>
Problem choose(const Value& value, const std::array<std::string_view, N>& names, std::size_t& out) {
  std::string name;
  if (Problem problem = read(value, name); !problem.empty()) return problem;
  const auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return out = static_cast<std::size_t>(it - names.begin()), Problem();
  std::string wanted = "one of";
  for (auto known : names) wanted += (known == names.front() ? " " : ", ") + std::string(known);
  return expected(wanted, value);
}

/// A share: 0.05 is 5 %.
Problem read_share(const Value& value, double& out) {
  Problem problem = read(value, out);
  if (problem.empty() && !(out >= 0 && out <= 1)) problem = expected("a share from 0 to 1", value);
  return problem;
}

Problem read_margin(const Value& value, PriceAdjustment& out) {
  if (!value.as_map()) {
    Problem problem = read(value, out.margin_share);
    return problem.empty() && out.margin_share < 0 ? expected("a share, 0.1 = 10 %", value) : problem;
  }
  for (auto& [name, part] : *value.as_map()) {
    Problem problem = name == "percentage"     ? read(part, out.margin_share)
                      : name == "fixed_amount" ? read(part, out.margin_fixed)
                                               : "unknown member " + name;
    if (!problem.empty()) return problem;
  }
  return {};
}

} // namespace

Problem read(const Value& value, Money& out) {
  double dollars = 0;
  Problem problem = read(value, dollars);
  if (problem.empty() && !(dollars >= 0 && dollars < 9e9)) problem = expected("dollars, not negative", value);
  if (problem.empty()) out = Money::from_usd(dollars);
  return problem;
}

Problem check_duration(const Value& value) {
  std::string text;
  if (Problem problem = read(value, text); !problem.empty()) return problem;
  const auto digits = text.find_first_not_of("0123456789");
  constexpr std::string_view k_units = "smhdw";
  if (digits == 0 || digits == std::string::npos || k_units.find(text[digits]) == std::string_view::npos)
    return expected("a period such as 30s, 5m, 24h, 7d, 1w or 1mo", value);
  return {};
}

Problem put_provider_budgets(const Value& value, Target& target) {
  for (auto& [provider, budget] : *value.as_map()) {
    const Value* limit =
        budget.find("budget_limit") ? budget.find("budget_limit") : budget.find("max_budget");
    const Value* period =
        budget.find("time_period") ? budget.find("time_period") : budget.find("budget_duration");
    if (!limit || !period)
      return provider + ": " + expected("a mapping with budget_limit and time_period", budget);
    Money most;
    if (Problem problem = read(*limit, most); !problem.empty()) return provider + ".budget_limit: " + problem;
    if (Problem problem = check_duration(*period); !problem.empty())
      return provider + ".time_period: " + problem;
  }
  target.plane->provider_budget_config = value;
  return {};
}

Problem put_budget_policy(const Value& value, Target& target) {
  constexpr std::array<std::string_view, 3> k_names = {"alone", "clamp", "strict"};
  std::size_t at = 0;
  Problem problem = choose(value, k_names, at);
  if (problem.empty()) target.plane->budget_policy = static_cast<BudgetPolicy>(at);
  return problem;
}

Problem put_budget_status(const Value& value, Target& target) {
  Problem problem = read(value, target.plane->budget_exceeded_status);
  const int status = target.plane->budget_exceeded_status;
  return problem.empty() && status != 400 && status != 429 ? expected("400 or 429", value) : problem;
}

Problem put_token_type(const Value& value, Target& target) {
  constexpr std::array<std::string_view, 3> k_names = {"total", "input", "output"};
  std::size_t at = 0;
  Problem problem = choose(value, k_names, at);
  if (problem.empty()) target.plane->token_rate_limit_type = k_names[at];
  return problem;
}

Problem put_encryption(const Value& value, Target& target) {
  constexpr std::array<std::string_view, 2> k_names = {"xsalsa20-poly1305", "aes-256-gcm"};
  std::size_t at = 0;
  Problem problem = choose(value, k_names, at);
  if (problem.empty()) target.plane->encryption_algorithm = k_names[at];
  return problem;
}

Problem put_discounts(const Value& value, Target& target) {
  for (auto& [provider, share] : *value.as_map())
    if (Problem problem = read_share(share, target.plane->adjustments[provider].discount); !problem.empty())
      return provider + ": " + problem;
  return {};
}

Problem put_margins(const Value& value, Target& target) {
  for (auto& [provider, margin] : *value.as_map())
    if (Problem problem = read_margin(margin, target.plane->adjustments[provider]); !problem.empty())
      return provider + ": " + problem;
  return {};
}

Problem put_header_mappings(const Value& value, Target& target) {
  const ValueList single{value};
  for (const Value& item : value.as_list() ? *value.as_list() : single) {
    EndUserHeader header;
    const Value* name = item.find("header_name");
    const Value* role = item.find("litellm_user_role");
    if (!name || !role) return expected("a mapping with header_name and litellm_user_role", item);
    if (Problem problem = read(*name, header.header_name); !problem.empty()) return problem;
    if (Problem problem = read(*role, header.role); !problem.empty()) return problem;
    target.plane->user_header_mappings.push_back(std::move(header));
  }
  return {};
}

Problem put_service_accounts(const Value& value, Target& target) {
  for (auto& [name, part] : *value.as_map()) {
    if (name != "enforced_params") return "unknown member " + name + "; known: enforced_params";
    if (Problem problem = read(part, target.plane->service_account_enforced_params); !problem.empty())
      return problem;
  }
  return {};
}

/// A window of its own per tag, as of budget_limits. Made into entities here, so that requests share them.
Problem put_tag_budgets(const Value& value, Target& target) {
  for (auto& [tag, budget] : *value.as_map()) {
    const Value *most = budget.find("max_budget"), *period = budget.find("budget_duration");
    if (!most) most = budget.find("budget_limit");
    if (!period) period = budget.find("time_period");
    if (!most || !period)
      return tag + ": " + expected("a mapping with max_budget and budget_duration", budget);
    auto entity = std::make_shared<Entity>();
    entity->kind = EntityKind::tag, entity->id = tag;
    BudgetWindow window;
    if (Problem problem = read(*most, window.most); !problem.empty()) return tag + ".max_budget: " + problem;
    if (Problem problem = check_duration(*period); !problem.empty())
      return tag + ".budget_duration: " + problem;
    window.duration = *period->as_string();
    entity->limits.windows.push_back(std::move(window));
    target.plane->tag_budgets[tag] = std::move(entity);
  }
  return {};
}

/// LiteLLM's documentation shows 0 here, and means none.
Problem put_max_parallel(const Value& value, Target& target) {
  std::int64_t most = 0;
  Problem problem = read(value, most);
  if (problem.empty() && most > 0) target.config->router.default_max_parallel_requests = most;
  return problem;
}

Problem put_key_hook(const Value& value, Target& target) {
  std::string url;
  if (Problem problem = read(value, url); !problem.empty()) return problem;
  if (url.starts_with("http://") || url.starts_with("https://"))
    return target.plane->custom_key_generate_url = url, Problem();
  return "names Python code, which cannot be loaded here, and keys would be made without its consent. Give "
         "the "
         "URL of an HTTP hook instead (docs/keys.md), or use key_generation_settings and "
         "upperbound_key_generate_params";
}

Problem put_rotation_hook(const Value& value, Target& target) {
  std::string url;
  if (Problem problem = read(value, url); !problem.empty()) return problem;
  if (!url.starts_with("http://") && !url.starts_with("https://"))
    return expected("an http or https URL", value);
  return target.plane->key_rotation_hook = url, Problem();
}

Problem put_db_objects(const Value& value, Target& target) {
  std::vector<std::string> names;
  Problem problem = read(value, names);
  if (problem.empty())
    target.plane->load_db_models = std::find(names.begin(), names.end(), "models") != names.end();
  return problem;
}

Problem put_custom_auth(const Value& value, Target& target) {
  std::string url;
  if (Problem problem = read(value, url); !problem.empty()) return problem;
  if (url.starts_with("http://") || url.starts_with("https://"))
    return target.plane->custom_auth_url = url, Problem();
  std::string note =
      "names Python code, which cannot be loaded here and is ignored: virtual keys and the master key "
      "decide. Give the URL of an HTTP hook instead (docs/keys.md)";
  target.notes.push_back(std::move(note));
  return {};
}

Problem put_custom_auth_settings(const Value& value, Target& target) {
  const Value* mode = value.find("mode");
  if (!mode) return {};
  constexpr std::array<std::string_view, 3> k_names = {"on", "off", "auto"};
  std::size_t at = 0;
  Problem problem = choose(*mode, k_names, at);
  if (problem.empty()) target.plane->custom_auth_mode = k_names[at];
  return problem;
}

} // namespace switchyard::config
