// Budgets that choose rows, not callers: of a provider and of a deployment (spec management.md 6.3). Shards
// add what requests cost and groups read it, without a lock: sums are atomics, everything else is immutable.
// They live in memory: a restart begins their windows again.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/money.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

class RouteBudget {
 public:
  RouteBudget(Money most, Millis period, const RouteBudget* before = nullptr)
      : most(most), period(period),
        counter_(before && before->period == period ? before->counter_ : std::make_shared<Counter>()) {}
  const Money most;
  const Millis period;

  /// The window begins with the first cost after the last one's end.
  void add(Money cost, Instant now) const noexcept;
  Money spent(Instant now) const noexcept;
  bool over(Instant now) const noexcept { return spent(now) >= most; }
  /// Until the present window ends; 0 when there is none.
  Millis resets_in(Instant now) const noexcept;

 private:
  struct Counter {
    std::atomic<std::int64_t> nanos{0}, ends_ms{0};
  };
  std::shared_ptr<Counter> counter_; ///< shared with the table of the configuration before
};

/// All of them as one configuration has them. Immutable but for the sums.
class RouteBudgets {
 public:
  struct Row {
    enum class Scope : std::uint8_t { provider, deployment };
    Scope scope = Scope::provider;
    std::string name; ///< "openai"; a deployment's id
    Money most;
    Millis period{0};
  };
  using Map = std::map<std::string, RouteBudget, std::less<>>;

  /// Sums of `before` (may be null) go on where scope, name and period are the same.
  explicit RouteBudgets(const std::vector<Row>& rows, const RouteBudgets* before = nullptr);

  const RouteBudget* provider(std::string_view name) const { return find(providers_, name); }
  const RouteBudget* deployment(std::string_view id) const { return find(deployments_, id); }
  const Map& providers() const noexcept { return providers_; }

  /// What a request to `row` cost. Any thread.
  void add(const Deployment& row, Money cost, Instant now) const;
  bool over(const Deployment& row, Instant now) const;
  /// LiteLLM's 429 when none of `rows` is within its budgets; else empty.
  std::string refusal(const std::vector<DeploymentPtr>& rows, Instant now) const;

 private:
  static const RouteBudget* find(const Map& map, std::string_view name) {
    const auto it = map.find(name);
    return it == map.end() ? nullptr : &it->second;
  }
  Map providers_, deployments_;
};
using RouteBudgetsPtr = std::shared_ptr<const RouteBudgets>;

} // namespace switchyard
