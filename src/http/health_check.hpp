// One health check: a small real call to a deployment, by its mode. Runs on a shard, for GET /health and for
// the background rounds alike. It reports to its caller only: what a result means is not decided here.
#pragma once

#include "http/cancel.hpp"
#include "http/shard.hpp"

#include <switchyard/provider.hpp>

#include <map>
#include <string>

namespace switchyard::http {

struct CheckResult {
  bool called = false; ///< false: this row cannot be checked, which says nothing about it
  Error error;         ///< code none = healthy
  CheckResult() : error(Errc::internal_server, "not checked") {}
  bool healthy() const noexcept { return error.code == Errc::none; }
};

/// The latest whole round of background checks. Immutable; posted to every shard.
struct HealthResults {
  Instant finished{};
  std::map<std::string, CheckResult, std::less<>> rows; ///< by deployment id
};

/// What a check of this row sends, `model` left empty for the provider; "" for modes that are not checked
/// since they need files or cost much.
struct CheckRequest {
  Endpoint endpoint = Endpoint::chat;
  std::string body;
};
CheckRequest check_request(const ModelRow& row, const HealthSettings& settings);

/// Ends within the row's health_check_timeout, or at once with `cancelled`.
aw<CheckResult> check_health(Shard& shard, const Deployment& deployment, const HealthSettings& settings,
                             CancelScope& cancel);

} // namespace switchyard::http
