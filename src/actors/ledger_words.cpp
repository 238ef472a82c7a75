// The table of budget comparisons and wordings, one row per kind of entity. Pure.
#include "actors/ledger_words.hpp"

#include "core/python_float.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <ctime>

namespace switchyard::actors {

namespace {

enum class Wording : std::uint8_t {
  cost,  ///< Budget has been exceeded! {who}Current cost: c, Max budget: m
  over,  ///< ExceededBudget: {who} over budget. Spend=c, Budget=m
  model, ///< {who}, exceeded budget for model=m
};

struct Row {
  /// # = the id, of a model its owner's; < and > the parts of that before and after the colon; @ = the label
  std::string_view who;
  Wording wording;
  bool full_at_cap; ///< spend >= budget refuses; else spend > budget
};

// In the enum's order.
constexpr std::array<Row, static_cast<std::size_t>(EntityKind::k_count)> k_rows{{
    {"", Wording::cost, true},                                       // key
    {"LiteLLM Virtual Key: #, key_alias: @", Wording::model, false}, // key_model
    {"User=#", Wording::over, true},                                 // user
    {"LiteLLM User: #", Wording::model, false},                      // user_model
    {"Team=#", Wording::cost, false},                                // team
    {"LiteLLM Team: #", Wording::model, false},                      // team_model
    {"User=> in Team=<", Wording::cost, true},                       // member
    {"LiteLLM Team Member: user=>, team=<", Wording::model, false},  // member_model
    {"Project=#", Wording::cost, false},                             // project
    {"LiteLLM Project: #", Wording::model, false},                   // project_model
    {"Organization=#", Wording::cost, true},                         // organization
    {"LiteLLM Organization: #", Wording::model, false},              // organization_model
    {"End User=#", Wording::over, false},                            // customer
    {"LiteLLM End User: #", Wording::model, false},                  // customer_model
    {"Tag=#", Wording::cost, false},                                 // tag
    {"", Wording::cost, false},                                      // proxy
}};

const Row& row_of(EntityKind kind) { return k_rows[static_cast<std::size_t>(kind)]; }

std::string_view before_colon(std::string_view id) { return id.substr(0, id.find(':')); }
std::string_view after_colon(std::string_view id) {
  const auto at = id.find(':');
  return at == std::string_view::npos ? std::string_view() : id.substr(at + 1);
}

/// The id without the model.
std::string_view owner_of(const Entity& entity) {
  const std::string_view id = entity.id;
  return per_model(entity.kind) ? id.substr(0, entity.owner_size) : id;
}
std::string_view model_of(const Entity& entity) {
  return std::string_view(entity.id).substr(std::min<std::size_t>(entity.owner_size + 1, entity.id.size()));
}

std::string who(const Entity& entity) {
  const auto owner = owner_of(entity);
  std::string out;
  for (const char c : row_of(entity.kind).who) {
    if (c == '#')
      out += owner;
    else if (c == '<')
      out += before_colon(owner);
    else if (c == '>')
      out += after_colon(owner);
    else if (c == '@')
      out += entity.label.empty() ? "None" : entity.label;
    else
      out += c;
  }
  return out;
}

/// Clients compare these messages.
std::string python(Money money) { return core::python_float(money.usd()); }

std::string rounded(Money money, int digits) {
  char buffer[64];
  return std::string(
      buffer, static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, "%.*f", digits, money.usd())));
}

std::string window_message(const Entity& entity, const OverBudget& over) {
  auto name = who(entity);
  if (name.empty()) name = entity.kind == EntityKind::key ? "Key" : "Proxy";
  return "ExceededBudget: " + name + " over " + std::string(over.window) + " budget. Spend=$" +
         rounded(over.cost, 4) + ", Limit=$" + rounded(over.most, 2);
}

std::string message(const Entity& entity, const OverBudget& over) {
  const auto wording = row_of(entity.kind).wording;
  auto name = who(entity);
  if (wording == Wording::model) return name + ", exceeded budget for model=" + std::string(model_of(entity));
  if (!over.window.empty()) return window_message(entity, over);
  if (wording == Wording::over)
    return "ExceededBudget: " + name + " over budget. Spend=" + python(over.cost) +
           ", Budget=" + python(over.most);
  if (!name.empty()) name += ' ';
  return "Budget has been exceeded! " + name + "Current cost: " + python(over.cost) +
         ", Max budget: " + python(over.most);
}

std::string utc(WallTime when) {
  const auto seconds = std::chrono::system_clock::to_time_t(when);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char buffer[40];
  return std::string(buffer, std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S UTC", &parts));
}

} // namespace

bool per_model(EntityKind kind) noexcept { return row_of(kind).wording == Wording::model; }
bool full_at_cap(EntityKind kind) noexcept { return row_of(kind).full_at_cap; }

Error budget_error(const Entity& entity, const OverBudget& over, int status) {
  return Error(Errc::budget_exceeded, message(entity, over), static_cast<std::uint16_t>(status));
}

Error limit_error(const Entity& entity, const OverLimit& over, WallTime now) {
  Error error(Errc::limit_exceeded);
  error.message = "Rate limit exceeded for " + std::string(name_of(entity.kind)) + ": " + entity.id +
                  ". Limit type: " + std::string(over.type) +
                  ". Current limit: " + std::to_string(over.limit) +
                  ", Remaining: " + std::to_string(over.left) + ". Limit resets at: " + utc(now + over.wait);
  error.retry_after = over.wait;
  error.extra().param = "None";
  return error;
}

std::string limit_headers(const OverLimit& over, WallTime now) {
  return "rate_limit_type: " + std::string(over.type) + "\r\nreset_at: " + utc(now + over.wait) + "\r\n";
}

} // namespace switchyard::actors
