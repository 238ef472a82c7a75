// The rows of a group as one snapshot knows them. Immutable; rides in every pick, so that reloads and
// requests never disagree about an index.
#pragma once

#include "actors/address.hpp"
#include "actors/filters/filter.hpp"
#include "actors/limits.hpp"
#include "actors/strategies/strategy.hpp"

#include <switchyard/route_budgets.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchyard::actors {

/// A group's address carries what the group publishes, which outlives each of its lives.
class GroupAddress final : public Address<GroupHandle> {
 public:
  using Address::Address;
  const std::shared_ptr<GroupView> view = std::make_shared<GroupView>();
};

/// A deployment's address is also the mailbox that leases and health checks report to.
class DeploymentAddress final : public Address<DeploymentHandle>,
                                public Mailbox<Report>::Sink,
                                public Mailbox<HealthMark>::Sink {
 public:
  using Address::Address;
  void send(Report report) const override { tell(std::move(report)); }
  void send(HealthMark mark) const override { tell(mark); }
};

struct Seat {
  DeploymentPtr deployment;
  std::shared_ptr<const DeploymentAddress> address;
  std::array<std::optional<double>, 3> shares; ///< weight, rpm, tpm: what simple-shuffle draws by
  LimitRule limits;
  double price = 0;          ///< input and output of one token
  std::uint64_t id_hash = 0; ///< the same after a restart and on other instances
  std::string region;        ///< lower case; empty = not known
  std::vector<std::shared_ptr<const re2::RE2>> tag_regex;
};

struct Roster {
  const Strategy* strategy = nullptr;
  StrategyArgs args;
  std::vector<const Filter*> filters; ///< those that this roster needs, in order
  bool match_any_tag = true;
  bool prompt_caching = false;  ///< marked prompts stay on one row
  Millis affinity_ttl{0};       ///< how long an asker that was moved stays where it is; 0 = not at all
  bool health_routing = false;  ///< rows with a bad health mark are left out
  std::size_t most_waiting = 0; ///< max_queued_requests
  GroupNeeds needs;
  std::shared_ptr<const GroupAddress> group;
  std::vector<Seat> seats;
  RouteBudgetsPtr budgets; ///< null: none of its rows has one
};

/// Rows that may be picked at `now`: not cooling, not unhealthy. When no health check succeeded all rows are
/// as good (spec router.md 2.9).
void healthy_seats(const Roster& roster, Instant now, Shortlist& list);

/// Whether a pick that finds no room may wait for some.
inline bool may_wait(const Roster& roster, const PickQuery& query) {
  return roster.most_waiting > 0 && query.give_up > query.now;
}

/// Nobody can take the request: answers no_deployments with the best reason and the shortest wait.
void refuse(const Roster& roster, Instant now, const Duty<PickAnswer>& duty, const Shortfall& why);

} // namespace switchyard::actors
