// The retry decisions. Shard code; the loop that follows them is attempt.cpp.
#include "http/retry.hpp"

#include <algorithm>

namespace switchyard::http {

namespace {

constexpr double k_longest_retry_after = 60.0; // seconds

/// The classes of retry_policy; context-window errors are bad requests to it, as in LiteLLM.
struct PolicyRow {
  Errc code;
  std::optional<int> RetryPolicy::*entry;
};
constexpr PolicyRow k_policy[] = {
    {Errc::authentication, &RetryPolicy::authentication},
    {Errc::permission_denied, &RetryPolicy::authentication},
    {Errc::timeout, &RetryPolicy::timeout},
    {Errc::gateway_timeout, &RetryPolicy::timeout},
    {Errc::rate_limit, &RetryPolicy::rate_limit},
    {Errc::content_policy_violation, &RetryPolicy::content_policy},
    {Errc::content_policy_violation, &RetryPolicy::bad_request},
    {Errc::context_window_exceeded, &RetryPolicy::bad_request},
    {Errc::bad_request, &RetryPolicy::bad_request},
    {Errc::internal_server, &RetryPolicy::internal_server},
    {Errc::service_unavailable, &RetryPolicy::service_unavailable},
    {Errc::not_found, &RetryPolicy::not_found},
};

std::optional<int> entry_of(const RetryPolicy& policy, Errc code) {
  for (auto& row : k_policy)
    if (row.code == code && policy.*row.entry) return policy.*row.entry;
  return std::nullopt;
}

/// The group's policy where it has one, else the router's.
const RetryPolicy* policy_of(const CallState& call, const Group& group) {
  auto& router = call.context.config.router;
  auto own = router.model_group_retry_policy.find(group.name);
  if (own != router.model_group_retry_policy.end()) return &own->second;
  return router.retry_policy ? &*router.retry_policy : nullptr;
}

/// Another row can take the retry at once.
bool another_row(const CallState& call, const Group& group) {
  auto now = call.context.shard.now();
  return std::any_of(group.deployments.begin(), group.deployments.end(),
                     [&](auto& row) { return row->row.id != call.model_id && !row->view->cooling(now); });
}

} // namespace

bool policy_decides(const CallState& call, const Group& group, const Error& error) {
  if (call.request.num_retries || call.row_retries) return false;
  auto* policy = policy_of(call, group);
  return policy && entry_of(*policy, error.code);
}

int retry_limit(const CallState& call, const Group& group, const Deployment& deployment, const Error& error) {
  auto& router = call.context.config.router;
  if (call.request.num_retries) return *call.request.num_retries;
  if (deployment.row.params.num_retries) return *deployment.row.params.num_retries;
  if (auto* policy = policy_of(call, group)) {
    if (auto entry = entry_of(*policy, error.code)) return *entry;
    if (policy->fallback) return *policy->fallback;
  }
  return router.num_retries;
}

bool worth_retrying(const CallState& call, const Group& group, const Error& error) {
  // never sent: the same again
  if (error.code == Errc::unsupported_params || error.code == Errc::budget_exceeded) return false;
  if (policy_decides(call, group, error)) return true;
  int status = error.http_status();
  if (has_special_fallbacks(call, error)) return false;
  bool retryable =
      status == 408 || status == 409 || status == 429 || status >= 500 || status == 401 || status == 403;
  if (!retryable || error.code == Errc::not_found) return false;
  if (error.code == Errc::authentication && group.deployments.size() == 1) return false;
  return healthy_rows(group, call.context.shard.now()) > 0;
}

Millis retry_delay(CallState& call, const Group& group, const Error& error, bool no_row) {
  auto& router = call.context.config.router;
  auto& backoff = router.backoff;
  double seconds = 0;
  double asked = static_cast<double>(error.retry_after.count()) / 1000.0;
  if (!no_row && another_row(call, group))
    seconds = 0;
  else if (asked > 0 && asked <= k_longest_retry_after)
    seconds = asked;
  else
    seconds =
        std::min(backoff.initial * static_cast<double>(1u << std::min(call.retries, 10)), backoff.longest) +
        backoff.jitter * call.context.shard.random.unit();
  return to_millis(std::max(seconds, router.retry_after));
}

} // namespace switchyard::http
