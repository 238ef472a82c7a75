// What one call keeps across its tries and fallbacks, and the questions the policy asks about it. Shard code.
#pragma once

#include "http/relay.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// One group on the way: the requested one (depth 0) or a fallback.
struct Hop {
  std::string model;        ///< name to resolve
  std::string client_model; ///< "model" of the answer
  const std::vector<JsonParam>* overrides = nullptr;
  int depth = 0;
  std::optional<Resolved> resolved = std::nullopt;
};

struct CallState {
  RequestContext& context;
  LlmRequest& request;
  int retries = 0;      ///< of the group being tried
  int max_retries = 0;  ///< likewise
  int fallbacks = 0;    ///< hops tried so far
  Micros upstream{0};   ///< all tries together
  double timeout = 0;   ///< seconds, of the last try
  std::string model_id; ///< last deployment tried
  std::vector<std::string>
      path;             ///< groups being tried, outermost first: a fallback never returns to one of them
  AttemptResult answer; ///< of the try that answered
  int total_retries = 0;
  StreamProgress progress; ///< of the client's stream, if it has one

  CallState(RequestContext& c, LlmRequest& r) : context(c), request(r) {}
};

/// Rows of a group that are not cooling now.
int healthy_rows(const Group& group, Instant now);
/// Retries allowed for this failure: request > row > router.
int retry_limit(const CallState& call, const Deployment& deployment);
/// Seconds for non-streams and streams: request > row > router > request_timeout.
double whole_timeout(const CallState& call, const Deployment& deployment);
double stream_timeout(const CallState& call, const Deployment& deployment);

/// The targets to try after `error` in `group`, or null (spec router.md 3.3).
const std::vector<FallbackTarget>* fallbacks_for(const CallState& call, std::string_view group,
                                                 const Error& error);
/// True when a list for this kind of error is configured, so that retrying is pointless.
bool has_special_fallbacks(const CallState& call, const Error& error);

Error unknown_model(const CallState& call, std::string_view model);
Error no_deployments(const PickAnswer& refusal, std::string_view model);
/// mock_testing_* flags of the request, for the first group only; none = no flag.
Error mock_testing_error(const CallState& call);

} // namespace switchyard::http
