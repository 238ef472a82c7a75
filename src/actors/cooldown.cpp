// LiteLLM's default cooldown rule (spec router.md 3.4). Pure.
#include "actors/cooldown.hpp"

namespace switchyard::actors {

namespace {

int status_of(const Outcome& failure) {
  return failure.status != 0 ? failure.status : describe(failure.error).status;
}

/// 5xx and unknown statuses count; of the 4xx only those that another row may not have.
bool counts(int status) {
  if (status < 400 || status >= 500) return true;
  return status == 401 || status == 404 || status == 408 || status == 429;
}

bool trips(const CooldownRule& rule, int status, MinuteCount minute) {
  const auto total = minute.success + minute.failure;
  if (status == 429 && !rule.alone) return true;
  if (status == 401 || status == 404) return true;
  if (minute.success == 0 && total >= k_lone_min_requests) return true;
  return !rule.alone && total >= k_min_requests && minute.failure > k_failure_share * total;
}

} // namespace

Millis cooldown_after(const CooldownRule& rule, const Outcome& failure, MinuteCount minute) {
  if (rule.off || failure.connection_error) return Millis{0};
  const int status = status_of(failure);
  if (!counts(status) || !trips(rule, status, minute)) return Millis{0};
  if (rule.row) return *rule.row;
  return failure.retry_after >= Millis{0} ? failure.retry_after : rule.router;
}

} // namespace switchyard::actors
