// The rows of a group as one snapshot knows them. Immutable; rides in every pick, so that reloads and
// requests never disagree about an index.
#pragma once

#include "actors/address.hpp"
#include "actors/strategies/strategy.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace switchyard::actors {

using GroupAddress = Address<GroupHandle>;

/// A deployment's address is also the mailbox that leases report to.
class DeploymentAddress final : public Address<DeploymentHandle>, public Mailbox<Report>::Sink {
 public:
  using Address::Address;
  void send(Report report) const override { tell(std::move(report)); }
};

struct Seat {
  DeploymentPtr deployment;
  std::shared_ptr<const DeploymentAddress> address;
  std::array<std::optional<double>, 3> shares; ///< weight, rpm, tpm: what simple-shuffle draws by
};

struct Roster {
  const Strategy* strategy = nullptr;
  std::vector<Seat> seats;
};

/// Rows that may be picked at `now`.
Order healthy_seats(const Roster& roster, Instant now);

/// Nobody can take the request: answers no_deployments with the shortest remaining cooldown.
void refuse(const Roster& roster, Instant now, const Duty<PickAnswer>& duty);

} // namespace switchyard::actors
