// LiteLLM's two cooldown rules, and the breaker's. Pure.
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

using PolicyEntry = std::optional<int> AllowedFailsPolicy::*;

struct PolicyClass {
  Errc error;
  PolicyEntry entry;
};
constexpr PolicyClass k_policy_classes[] = {
    {Errc::bad_request, &AllowedFailsPolicy::bad_request},
    {Errc::unsupported_params, &AllowedFailsPolicy::bad_request},
    {Errc::context_window_exceeded, &AllowedFailsPolicy::bad_request},
    {Errc::content_policy_violation, &AllowedFailsPolicy::content_policy},
    {Errc::authentication, &AllowedFailsPolicy::authentication},
    {Errc::not_found, &AllowedFailsPolicy::not_found},
    {Errc::timeout, &AllowedFailsPolicy::timeout},
    {Errc::gateway_timeout, &AllowedFailsPolicy::timeout},
    {Errc::rate_limit, &AllowedFailsPolicy::rate_limit},
    {Errc::internal_server, &AllowedFailsPolicy::internal_server},
    {Errc::bad_gateway, &AllowedFailsPolicy::bad_gateway},
    {Errc::service_unavailable, &AllowedFailsPolicy::service_unavailable},
};

std::optional<int> policy_of(const CooldownRule& rule, Errc error) {
  for (const auto& row : k_policy_classes)
    if (row.error == error) return rule.policy.*row.entry;
  return std::nullopt;
}

bool trips(const CooldownRule& rule, const Outcome& failure, MinuteCount minute) {
  if (rule.counted) return minute.recent > policy_of(rule, failure.error).value_or(rule.allowed_fails);
  const int status = status_of(failure);
  if (status == 429 && !rule.alone) return true;
  if (status == 401 || status == 404) return true;
  const auto total = static_cast<double>(minute.success) + minute.failure;
  if (minute.success == 0 && total >= rule.thresholds.lone_requests) return true;
  // Retries get past a row that fails now and then; the breaker is for one that is down.
  if (rule.breaker && minute.in_a_row >= rule.thresholds.min_requests) return true;
  return !rule.alone && total >= rule.thresholds.min_requests &&
         minute.failure > rule.thresholds.failure_share * total;
}

} // namespace

bool blames_row(const CooldownRule& rule, const Outcome& failure) {
  if (failure.connection_error) return rule.breaker;
  if (rule.counted && policy_of(rule, failure.error)) return true; // written down, so meant
  return counts(status_of(failure));
}

Millis cooldown_length(const CooldownRule& rule, const Outcome& failure) {
  if (rule.row) return *rule.row;
  return failure.retry_after >= Millis{0} ? failure.retry_after : rule.router;
}

Millis cooldown_after(const CooldownRule& rule, const Outcome& failure, MinuteCount minute) {
  if (rule.off || !blames_row(rule, failure) || !trips(rule, failure, minute)) return Millis{0};
  return cooldown_length(rule, failure);
}

} // namespace switchyard::actors
