// What http/ and the actor graph say to each other: plain copyable messages and immutable snapshots. No CAF
// here. Actors decide; bodies never travel through these types.
#pragma once

#include <switchyard/ask.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/config.hpp>
#include <switchyard/deployment_view.hpp>
#include <switchyard/error.hpp>
#include <switchyard/pricing.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

namespace providers {
class Target; // provider.hpp
}

/// One row of model_list made ready. Immutable and shared by snapshots, grants and actors.
struct Deployment {
  ModelRow row;
  bool pattern = false;              ///< model_name has a '*': exempt from cooldown
  bool takes_response_format = true; ///< false: its provider would refuse the parameter
  /// Prepared by the provider; null when the provider can only be told per request (`model: "*"`).
  std::shared_ptr<const providers::Target> target;
  std::shared_ptr<DeploymentView> view = std::make_shared<DeploymentView>();
  ModelPricePtr price; ///< null = not known: calls cost nothing, and a warning says so
  PriceAdjustment adjust;
};
using DeploymentPtr = std::shared_ptr<const Deployment>;

// -- report

enum class OutcomeKind : std::uint8_t { success, failure, cancelled };

/// What a grant took from the row's limits. Rides in the grant; the Lease hands it back with the report.
struct Hold {
  std::int64_t second = 0;                            ///< when, as the usage window counts
  std::uint32_t prompt_tokens = 0, output_tokens = 0; ///< reserved until the true numbers are known
  bool probe = false;                                 ///< decides about a half-open breaker
  std::uint64_t tokens() const noexcept { return std::uint64_t{prompt_tokens} + output_tokens; }
  Amounts amounts() const noexcept { return {{1, tokens(), prompt_tokens, output_tokens}}; }
};

/// The end of one attempt. Failures are asked (the answer says whether the row cools now), the rest is sent.
struct Outcome {
  OutcomeKind kind = OutcomeKind::cancelled;
  Errc error = Errc::none;
  std::uint16_t status = 0;
  bool connection_error = false; ///< network failure: never cools (LiteLLM: "APIConnectionError")
  Millis retry_after{-1};        ///< upstream's, for the cooldown's length
  Instant now{};
  Micros latency{0}, first_token{0};
  std::uint32_t prompt_tokens = 0, completion_tokens = 0;
  std::uint32_t cached_tokens = 0; ///< of prompt_tokens: read from the provider's cache
  Hold hold{};                     ///< filled in by the Lease
};
struct OutcomeAck {
  bool cooled = false;
  static OutcomeAck unavailable() { return {}; }
};
using Report = Ask<Outcome, OutcomeAck>; ///< an empty duty = nobody waits

// -- pick

/// What a request asks of its row beyond being healthy; most requests ask nothing.
struct PickWants {
  std::vector<std::string> tags; ///< with enable_tag_filtering; "!tag" excludes, "&tag" requires
  std::string region;            ///< allowed_model_region: "eu", "us" or the name of a region
  std::string user_agent;        ///< "User-Agent: <value>", for tag_regex
  std::string team;              ///< whose rows may be used beside everybody's
  bool response_format = false;  ///< the request has one and nobody drops it
  std::uint64_t within = 0;      ///< only these rows can serve it: bit i = row i; 0 = any
};

struct PickQuery {
  Instant now{};
  std::uint64_t random = 0; ///< injected randomness, one draw per pick
  bool stream = false;
  std::int32_t only = -1;          ///< index into Group::deployments: exactly this row, cooldown ignored
  std::uint32_t prompt_tokens = 0; ///< estimate, for tpm limits and context windows
  std::uint32_t output_tokens = 0; ///< most tokens the answer may have; 0 = not known
  std::int32_t prefer = -1;   ///< this row first, while it may be picked at all: it holds the conversation
  std::int32_t except = -1;   ///< any row but this one, and none to wait for: a hedge
  std::uint64_t affinity = 0; ///< who asks, as a hash: the same rows of the first level go first; 0 = nobody
  std::int32_t priority = 0;  ///< of a waiting request; 0 goes first
  std::int64_t above_order = k_any_order; ///< only rows of a later `order`: the earlier levels have failed
  /// Of the prompt's beginning, for prefix-affinity and prompt_caching (there up to its mark); 0 = none.
  std::uint64_t prefix_hash = 0;
  std::uint64_t tried = 0; ///< rows to leave out while there are others: bit i = row i (weighted failover)
  Instant give_up{};       ///< may wait that long for a row with room; the default refuses at once
  std::shared_ptr<const PickWants> wants;
  static constexpr std::int64_t k_any_order = INT64_MIN;
};

/// Why nobody took a pick: the first rule, in the order of spec router.md 2.1, that left no row.
enum class Refusal : std::uint8_t {
  none,
  no_row,         ///< asked for by an index that does not exist
  cooling,        ///< 429
  rpm,            ///< 429: limit and used say which
  tpm,            ///< 429
  itpm,           ///< 429
  otpm,           ///< 429
  parallel,       ///< 429
  context_window, ///< 400, so that context_window_fallbacks apply: limit = largest window, used = the prompt
  region,         ///< 429
  tags,           ///< 401
  team,           ///< 400: the rows are another team's, as if there were none
  order,          ///< no later level: the error of the last attempt stands
  queue_full,     ///< 429
  queue_timeout,  ///< 429: give_up passed
  response_format ///< 400: no row takes the parameter
};

struct PickAnswer {
  Errc error = Errc::unavailable; ///< none = granted
  DeploymentPtr deployment;
  Mailbox<Report> report;
  Hold hold{};
  std::uint16_t healthy = 0; ///< rows not cooling at the time of the pick
  std::uint16_t total = 0;   ///< rows of the group
  // -- with no_deployments
  Refusal refusal = Refusal::none;
  std::int64_t limit = 0, used = 0; ///< of the limit that refused
  Millis retry_after{0};            ///< until the first row may be free again
  std::string cooling_ids;          ///< comma-separated ids, for LiteLLM's message
  static PickAnswer unavailable() { return {}; }
  static void discard(PickAnswer answer); ///< gives back a grant that nobody took
};
using Pick = Ask<PickQuery, PickAnswer>;

/// Move-only owner of one grant. Whoever holds it must call done(); otherwise its destructor reports
/// `cancelled`.
class Lease {
 public:
  Lease() = default;
  explicit Lease(PickAnswer grant) : grant_(std::move(grant)), held_(grant_.error == Errc::none) {}
  Lease(Lease&& other) noexcept : grant_(std::move(other.grant_)), held_(std::exchange(other.held_, false)) {}
  Lease& operator=(Lease&& other) noexcept {
    if (this != &other) drop(), grant_ = std::move(other.grant_), held_ = std::exchange(other.held_, false);
    return *this;
  }
  ~Lease() { drop(); }
  const Deployment& deployment() const { return *grant_.deployment; }
  const PickAnswer& grant() const { return grant_; }
  explicit operator bool() const noexcept { return held_; }
  /// Reports without waiting for an answer.
  void done(Outcome outcome) {
    outcome.hold = grant_.hold;
    if (std::exchange(held_, false)) grant_.report.send(Report{outcome, {}});
  }
  /// Reports a failure and waits until the deployment has decided on its cooldown, so that the next pick sees
  /// it.
  aw<OutcomeAck> done_and_wait(Outcome outcome, exec_t home) {
    held_ = false;
    outcome.hold = grant_.hold;
    co_return co_await ask(grant_.report, outcome, home);
  }

 private:
  void drop() {
    if (held_) done(Outcome{});
  }
  PickAnswer grant_;
  bool held_ = false;
};

inline void PickAnswer::discard(PickAnswer answer) { Lease unclaimed(std::move(answer)); }

// -- snapshot

/// What a health check found out about a row. With enable_health_check_routing a failing row is left out
/// until its mark is older than health_check_staleness_threshold.
struct HealthMark {
  Instant now{};
  bool healthy = true;
  Errc error = Errc::none; ///< of a failed check
  std::uint16_t status = 0;
};

/// To a group with waiting picks: time has gone by, so that those past their give_up are answered. Whoever
/// waits sends it when its own wait is over; actors have no clock.
struct Poke {
  Instant now{};
  std::uint64_t leave = 0; ///< PickQuery::random of a pick that nobody wants any more; it is refused at once
};

/// What a model_group actor publishes about itself. Single writer, relaxed readers.
struct GroupView {
  std::atomic<std::uint32_t> waiting{0};
  std::atomic<std::uint64_t> total_waited{0}, total_turned_away{0}; ///< queue_full and queue_timeout
};

/// What the rows of a group look at in a request beside its model; what nobody looks at is not computed.
struct GroupNeeds {
  bool tokens = false; ///< PickQuery::prompt_tokens and output_tokens
  bool wants = false;  ///< PickQuery::wants
  bool prefix = false; ///< PickQuery::prefix_hash
  bool marked = false; ///< the same, of prompts that are marked for the provider's cache
  bool room = false;   ///< rows may be full: picks wait until PickQuery::give_up
  bool levels = false; ///< rows have an `order`
};

/// A model name and its rows. Immutable; a reload makes a new one around the same actors where nothing
/// changed.
struct Group {
  std::string name;
  Mailbox<Pick> pick;
  std::vector<DeploymentPtr> deployments;
  std::vector<Mailbox<HealthMark>> health; ///< of the same rows, in the same order
  Mailbox<Poke> poke;
  std::shared_ptr<const GroupView> view = std::make_shared<GroupView>();
  std::string_view strategy; ///< name of the routing strategy
  GroupNeeds needs;
  bool pattern = false;
};
using GroupPtr = std::shared_ptr<const Group>;

struct Resolved {
  GroupPtr group;         ///< null = unknown model
  std::int32_t only = -1; ///< the name was a deployment id
  std::vector<std::string>
      stars; ///< what each '*' of the group's pattern matched, for substitution in params.model
};

/// The routing snapshot: published whole to every shard, immutable.
class Routing {
 public:
  virtual ~Routing() = default;
  /// deployment id -> alias -> exact name -> most specific wildcard -> row whose litellm_params.model equals
  /// the name (spec router.md 1.6). `name` empty = the first model of the list (the 2023 form).
  virtual Resolved resolve(std::string_view name) const = 0;
  /// The same for a member of `team`, whose own rows may go by model_info.team_public_model_name.
  virtual Resolved resolve_for(std::string_view team, std::string_view name) const {
    return static_cast<void>(team), resolve(name);
  }
  virtual std::span<const GroupPtr> groups() const = 0; ///< file order, patterns included
  /// Names for /v1/models: groups and visible aliases, patterns left out unless asked.
  virtual std::vector<std::string> model_names(bool with_patterns) const = 0;
  /// Public names of a team's own rows.
  virtual std::vector<std::string> team_names(std::string_view) const { return {}; }
  virtual const Config& config() const = 0;
};
using RoutingPtr = std::shared_ptr<const Routing>;

} // namespace switchyard
