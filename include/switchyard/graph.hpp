// What http/ and the actor graph say to each other: plain copyable messages and immutable snapshots. No CAF
// here. Actors decide; bodies never travel through these types.
#pragma once

#include <switchyard/ask.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/config.hpp>
#include <switchyard/error.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

namespace providers {
class Target; // provider.hpp
}

/// What a deployment actor publishes about itself: single writer (the actor), relaxed readers anywhere.
struct DeploymentView {
  std::atomic<std::uint32_t> in_flight{0};
  std::atomic<std::int64_t> cooldown_until_ms{0}; ///< steady clock, milliseconds; 0 = not cooling
  std::atomic<std::uint32_t> minute_success{0}, minute_failure{0};
  std::atomic<std::uint64_t> total_success{0}, total_failure{0}, total_tokens{0}, total_cooldowns{0};
  std::atomic<std::uint32_t> latency_us{0}; ///< moving average of whole-request latency
  std::atomic<std::uint32_t> ttft_us{0};    ///< moving average of time to first token, streams only
  bool cooling(Instant now) const noexcept {
    auto until = cooldown_until_ms.load(std::memory_order_relaxed);
    return until != 0 && until > std::chrono::duration_cast<Millis>(now.time_since_epoch()).count();
  }
};

/// One row of model_list made ready. Immutable and shared by snapshots, grants and actors.
struct Deployment {
  ModelRow row;
  bool pattern = false; ///< model_name has a '*': exempt from cooldown
  /// Prepared by the provider; null when the provider can only be told per request (`model: "*"`).
  std::shared_ptr<const providers::Target> target;
  std::shared_ptr<DeploymentView> view = std::make_shared<DeploymentView>();
};
using DeploymentPtr = std::shared_ptr<const Deployment>;

// -- report

enum class OutcomeKind : std::uint8_t { success, failure, cancelled };

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
};
struct OutcomeAck {
  bool cooled = false;
  static OutcomeAck unavailable() { return {}; }
};
using Report = Ask<Outcome, OutcomeAck>; ///< an empty duty = nobody waits

// -- pick

struct PickQuery {
  Instant now{};
  std::uint64_t random = 0; ///< injected randomness, one draw per pick
  bool stream = false;
  std::int32_t only = -1;          ///< index into Group::deployments: exactly this row, cooldown ignored
  std::uint32_t prompt_tokens = 0; ///< estimate, for strategies with tpm
};

struct PickAnswer {
  Errc error = Errc::unavailable; ///< none = granted
  DeploymentPtr deployment;
  Mailbox<Report> report;
  std::uint16_t healthy = 0; ///< rows not cooling at the time of the pick
  std::uint16_t total = 0;   ///< rows of the group
  Millis retry_after{0};     ///< with no_deployments: shortest remaining cooldown
  std::string cooling_ids;   ///< with no_deployments: comma-separated ids, for LiteLLM's message
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
    if (std::exchange(held_, false)) grant_.report.send(Report{outcome, {}});
  }
  /// Reports a failure and waits until the deployment has decided on its cooldown, so that the next pick sees
  /// it.
  aw<OutcomeAck> done_and_wait(Outcome outcome, exec_t home) {
    held_ = false;
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

/// A model name and its rows. Immutable; a reload makes a new one around the same actors where nothing
/// changed.
struct Group {
  std::string name;
  Mailbox<Pick> pick;
  std::vector<DeploymentPtr> deployments;
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
  virtual std::span<const GroupPtr> groups() const = 0; ///< file order, patterns included
  /// Names for /v1/models: groups and visible aliases, patterns left out unless asked.
  virtual std::vector<std::string> model_names(bool with_patterns) const = 0;
  virtual const Config& config() const = 0;
};
using RoutingPtr = std::shared_ptr<const Routing>;

} // namespace switchyard
