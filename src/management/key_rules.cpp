// What a new or changed key must keep with regard to other rows: aliases, owners, references, allocation.
// Store threads.
#include "management/key_fields.hpp"

#include <switchyard/budget_window.hpp>

#include <array>

namespace switchyard::management {
namespace {

Reply bad(std::string_view field, const std::string& message) {
  return refuse(400, message, "bad_request_error", field);
}

Out<void> check_duration(std::string_view text, std::string_view field) {
  if (auto length = duration_of(text); !length)
    return bad(field, std::string(field) + ": " + length.error().message);
  return {};
}

/// {"budget_duration","max_budget"}
Out<void> check_window(const Value& window) {
  double most = 0;
  auto* budget = window.find("max_budget");
  if (!budget || !budget->number(most) || most < 0)
    return bad("budget_limits", "budget_limits: every entry needs a max_budget of 0 or more");
  return check_duration(text_at(window, "budget_duration"), "budget_limits");
}

/// A number, or {"budget_limit"|"max_budget", "time_period"|"budget_duration"}.
Out<void> check_model_budget(const std::string& model, const Value& budget) {
  double most = 0;
  if (budget.number(most)) {
    if (most >= 0) return {};
    return bad("model_max_budget", "model_max_budget: the budget of " + model + " cannot be negative");
  }
  auto* limit = budget.find("max_budget");
  if (!limit) limit = budget.find("budget_limit");
  if (!limit || !limit->number(most) || most < 0)
    return bad("model_max_budget", "model_max_budget: " + model + " needs a budget_limit of 0 or more");
  const auto period = text_at(budget, "budget_duration", text_at(budget, "time_period"));
  return period.empty() ? Out<void>() : check_duration(period, "model_max_budget");
}

Out<void> check_limit_map(const Body& body, std::string_view field) {
  for (auto& [model, limit] : body.object(field))
    if (auto* number = limit.as_int(); !number || *number < 0)
      return bad(field, std::string(field) + ": the limit of " + model + " is not an integer of 0 or more");
  return {};
}

Out<void> check_limit_type(const Body& body, std::string_view field) {
  const std::string type = body.text(field);
  if (type.empty() || type == "guaranteed_throughput" || type == "best_effort_throughput" ||
      type == "dynamic")
    return {};
  return invalid("body", field,
                 "Input should be 'guaranteed_throughput', 'best_effort_throughput' or 'dynamic'",
                 "literal_error");
}

Out<std::int64_t> allocated(Session& session, const Row& key, std::string_view column,
                            std::string_view owner) {
  const std::array<Condition, 2> where{Condition{std::string(owner), "=", at(key, owner)},
                                       Condition{"token", "!=", at(key, "token")}};
  Select what{"VerificationToken", {where.begin(), where.end()}};
  what.columns = {std::string(column), "metadata"};
  auto rows = session.select(what);
  if (!rows) return failed(rows.error());
  std::int64_t sum = 0;
  for (auto& row : *rows)
    if (auto* limit = at(row, column).as_int())
      if (__builtin_add_overflow(sum, *limit, &sum)) sum = INT64_MAX;
  return sum;
}

} // namespace

Out<void> check_shapes(const Call&, const Body& body) {
  if (auto* windows = body.find("budget_limits"))
    for (auto& window : *windows->as_list())
      if (auto fine = check_window(window); !fine) return fine;
  for (auto& [model, budget] : body.object("model_max_budget"))
    if (auto fine = check_model_budget(model, budget); !fine) return fine;
  for (auto field : {"model_rpm_limit", "model_tpm_limit"})
    if (auto fine = check_limit_map(body, field); !fine) return fine;
  for (auto field : {"rpm_limit_type", "tpm_limit_type"})
    if (auto fine = check_limit_type(body, field); !fine) return fine;
  for (auto field : {"budget_duration", "rotation_interval", "team_member_key_duration"})
    if (body.has(field))
      if (auto fine = check_duration(body.text(field), field); !fine) return fine;
  for (auto& [from, to] : body.object("aliases"))
    if (!to.as_string()) return bad("aliases", "aliases: what " + from + " stands for is not a model name");
  if (body.has("temp_budget_increase") != body.has("temp_budget_expiry"))
    return bad("temp_budget_increase", "temp_budget_increase and temp_budget_expiry must be given together");
  if (body.has("temp_budget_expiry") && !storage::read_time(body.text("temp_budget_expiry")))
    return bad("temp_budget_expiry", "temp_budget_expiry is not a date");
  return {};
}

Out<void> check_allocation(Session& session, const Row& key, const Row& team) {
  struct Rule {
    std::string_view column, type, name;
  };
  constexpr Rule k_rules[] = {{"tpm_limit", "tpm_limit_type", "TPM"}, {"rpm_limit", "rpm_limit_type", "RPM"}};
  const auto metadata = Value(object_in(key, "metadata"));
  for (auto& rule : k_rules) {
    auto *mine = at(key, rule.column).as_int(), *most = at(team, rule.column).as_int();
    if (!mine || !most || text_at(metadata, rule.type) != "guaranteed_throughput") continue;
    auto others = allocated(session, key, rule.column, "team_id");
    if (!others) return others.error();
    if (*others > *most - *mine)
      return refuse(400, "Allocated " + std::string(rule.name) + " limit=" + std::to_string(*others) +
                             " + Key " + std::string(rule.name) + " limit=" + std::to_string(*mine) +
                             " is greater than team " + std::string(rule.name) +
                             " limit=" + std::to_string(*most));
  }
  return {};
}

Out<void> check_alias(Session& session, std::string_view alias, std::string_view token) {
  if (alias.empty()) return {};
  const std::array<Condition, 2> where{Condition{"key_alias", "=", text_value(alias)},
                                       Condition{"token", "!=", text_value(token)}};
  auto count = session.count("VerificationToken", where);
  if (!count) return failed(count.error());
  if (*count == 0) return {};
  return bad("key_alias", "Key with alias '" + std::string(alias) +
                              "' already exists. Unique key aliases across all keys are required.");
}

Out<void> check_alias_form(const Call& call, std::string_view alias) {
  constexpr std::string_view k_words = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const auto is_word = [&](char c) { return k_words.find(c) != std::string_view::npos; };
  const auto fits = [&](char c) {
    return is_word(c) || std::string_view("_-/.@").find(c) != std::string_view::npos;
  };
  if (alias.empty() || !call.config->plane->check_key_aliases) return {};
  if (alias.size() >= 2 && alias.size() <= 255 && is_word(alias.front()) && is_word(alias.back()) &&
      std::all_of(alias.begin(), alias.end(), fits))
    return {};
  return bad("key_alias",
             "Invalid key_alias format. Must be 2-255 characters, start/end with alphanumeric, and "
             "only contain a-zA-Z0-9_-/.@.");
}

Out<void> check_references(Session& session, const Body& body) {
  struct Reference {
    std::string_view field, table, message;
  };
  constexpr Reference k_references[] = {
      {"organization_id", "OrganizationTable", "Organization not found for organization_id="},
      {"project_id", "ProjectTable", "Project not found for project_id="},
      {"budget_id", "BudgetTable", "Budget not found for budget_id="}};
  for (auto& reference : k_references) {
    if (!body.has(reference.field)) continue;
    auto row = find_row(session, reference.table, reference.field, *body.find(reference.field));
    if (!row) return row.error();
    if (row->empty())
      return bad(reference.field, std::string(reference.message) + body.text(reference.field));
  }
  return {};
}

Out<void> check_owner(Session& session, const Call& call, std::string_view user_id) {
  if (call.caller.is_admin() || user_id.empty() || user_id == call.caller.user_id) return {};
  auto user = find_row(session, "UserTable", "user_id", text_value(user_id));
  if (!user) return user.error();
  if (text_of(*user, "user_role").starts_with("proxy_admin") || user_id == call.config->plane->admin_user_id)
    return forbidden("Only proxy admins can make keys of a proxy admin.");
  return {};
}

} // namespace switchyard::management
