// Sums and words of the router's budgets. Any thread.
#include "core/python_float.hpp"

#include <switchyard/provider.hpp>
#include <switchyard/route_budgets.hpp>

#include <algorithm>

namespace switchyard {

namespace {

std::int64_t millis_of(Instant now) {
  return std::chrono::duration_cast<Millis>(now.time_since_epoch()).count();
}

std::string_view provider_of_row(const Deployment& row) {
  return row.target ? std::string_view(row.target->provider) : std::string_view();
}

std::string sums(const RouteBudget& budget, Instant now) {
  return core::python_float(budget.spent(now).usd()) + " >= " + core::python_float(budget.most.usd());
}

} // namespace

void RouteBudget::add(Money cost, Instant now) const noexcept {
  const auto at = millis_of(now);
  const auto old = counter_->nanos.load(std::memory_order_relaxed);
  auto ends = counter_->ends_ms.load(std::memory_order_acquire);
  // Whoever begins the window takes out what it saw before: what others add meanwhile is not lost.
  if (ends <= at && counter_->ends_ms.compare_exchange_strong(
                        ends, at + std::max<std::int64_t>(period.count(), 1), std::memory_order_acq_rel))
    counter_->nanos.fetch_sub(old, std::memory_order_relaxed);
  counter_->nanos.fetch_add(std::max(cost, Money{}).nanos(), std::memory_order_relaxed);
}

Money RouteBudget::spent(Instant now) const noexcept {
  if (resets_in(now) == Millis{0}) return {};
  return Money::nanos(counter_->nanos.load(std::memory_order_relaxed));
}

Millis RouteBudget::resets_in(Instant now) const noexcept {
  return Millis{
      std::max<std::int64_t>(counter_->ends_ms.load(std::memory_order_acquire) - millis_of(now), 0)};
}

RouteBudgets::RouteBudgets(const std::vector<Row>& rows, const RouteBudgets* before) {
  for (const auto& row : rows) {
    const bool provider = row.scope == Row::Scope::provider;
    auto& map = provider ? providers_ : deployments_;
    const auto* known = !before    ? nullptr
                        : provider ? before->provider(row.name)
                                   : before->deployment(row.name);
    map.erase(row.name); // the last one counts
    map.emplace(row.name, RouteBudget(row.most, row.period, known));
  }
}

void RouteBudgets::add(const Deployment& row, Money cost, Instant now) const {
  if (const auto* budget = provider(provider_of_row(row))) budget->add(cost, now);
  if (const auto* budget = deployment(row.row.id)) budget->add(cost, now);
}

bool RouteBudgets::over(const Deployment& row, Instant now) const {
  const auto* mine = deployment(row.row.id);
  if (mine && mine->over(now)) return true;
  const auto* its = provider(provider_of_row(row));
  return its && its->over(now);
}

std::string RouteBudgets::refusal(const std::vector<DeploymentPtr>& rows, Instant now) const {
  const bool all = !rows.empty() &&
                   std::all_of(rows.begin(), rows.end(), [&](const auto& row) { return over(*row, now); });
  if (!all) return {};
  std::string reasons;
  bool of_providers = true;
  for (const auto& row : rows) {
    const auto* its = provider(provider_of_row(*row));
    const bool provider_over = its && its->over(now);
    of_providers = of_providers && provider_over;
    auto reason =
        provider_over
            ? "Exceeded budget for provider " + std::string(provider_of_row(*row)) + ": " + sums(*its, now)
            : "Exceeded budget for deployment model_name: " + row->row.model_name +
                  ", litellm_params.model: " + row->row.params.model + ", model_id: " + row->row.id + ": " +
                  sums(*deployment(row->row.id), now);
    if (reasons.find(reason) != std::string::npos) continue;
    if (!reasons.empty()) reasons += '\n';
    reasons += reason;
  }
  return std::string("No deployments available - crossed budget") + (of_providers ? " for provider" : "") +
         ": " + reasons;
}

} // namespace switchyard
