// What one call keeps across its tries and fallbacks, and the questions the policy asks about it. Shard code.
#pragma once

#include "http/bill.hpp"
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
  std::int64_t above_order = PickQuery::k_any_order; ///< rows up to this level have failed
  std::uint64_t tried = 0;                           ///< rows tried, with enable_weighted_failover
};

/// What the request tells a group beside its model; computed when the first group asks.
struct RowFacts {
  std::optional<std::uint32_t> prompt_tokens;
  std::shared_ptr<const PickWants> wants;
  std::uint64_t prefix = 0;
  std::optional<std::uint64_t> marked;
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
  int hedges = 0;                       ///< second tries that were started
  std::shared_ptr<SharedAnswer> shared; ///< what those who wait for this call will get; null = nobody may
  bool row_retries = false;             ///< the last row has a num_retries of its own
  std::optional<std::int64_t> level;    ///< its `order`
  RowFacts facts;
  StreamProgress progress; ///< of the client's stream, if it has one
  Bill bill;
  std::vector<JsonParam> clamped; ///< the hop's overrides with the output limit that a budget leaves

  CallState(RequestContext& c, LlmRequest& r) : context(c), request(r), bill(c, r) {}
};

/// Rows of a group that are not cooling now.
int healthy_rows(const Group& group, Instant now);
/// Seconds for non-streams and streams: request > row > router > request_timeout.
double whole_timeout(const CallState& call, const Deployment& deployment);
double stream_timeout(const CallState& call, const Deployment& deployment);

/// The targets to try after `error` in `group`, or null (spec router.md 3.3).
const std::vector<FallbackTarget>* fallbacks_for(const CallState& call, std::string_view group,
                                                 const Error& error);
/// "['a', 'b']" for messages.
std::string target_names(const std::vector<FallbackTarget>* targets);
/// The group is being tried already: a fallback never returns to it.
bool on_path(const CallState& call, std::string_view model);
/// True when a content-policy error of this group has somewhere to fall back to.
bool has_content_fallback(const CallState& call, std::string_view group);
/// True when a list for this kind of error is configured, so that retrying is pointless.
bool has_special_fallbacks(const CallState& call, const Error& error);

Error unknown_model(const CallState& call, std::string_view model);
/// mock_testing_* flags of the request, for the first group only; none = no flag.
Error mock_testing_error(const CallState& call);

} // namespace switchyard::http
