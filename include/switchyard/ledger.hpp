// What http/ and the ledgers actor say to each other (docs/adr/: one actor keeps all ledgers, so that an
// admission is all or nothing). Plain copyable messages, no CAF.
#pragma once

#include <switchyard/ask.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>
#include <switchyard/identity.hpp>
#include <switchyard/ledger_policy.hpp>
#include <switchyard/money.hpp>
#include <switchyard/spend.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// The end of an admitted request, once. cost 0 and tokens 0 give everything back.
struct Settle {
  std::uint64_t id = 0;
  Instant now{};
  WallTime wall{};
  Money cost;
  std::uint32_t tokens = 0; ///< by token_rate_limit_type
  bool ran = true;          ///< false: refused later or never sent: the request count goes back too
};

/// Asked before the call: reserve for everybody in `who` or for nobody.
struct AdmitQuery {
  Instant now{};
  WallTime wall{};
  std::vector<EntityPtr> who; ///< in the order of the errors' precedence (spec management.md 1.2, 1.6)
  Money worst;                ///< reserved against budgets; 0 = unknown price or free model
  Money worst_input;          ///< the part of it that clamping cannot lower
  std::uint32_t tokens = 0;   ///< reserved against tpm: prompt estimate + output bound
  /// Not 0: the output bound is a guess and this is the prompt alone; what requests of the ledger used lately
  /// is the better guess.
  std::uint32_t least_tokens = 0;
  BudgetPolicy policy = BudgetPolicy::alone;
  bool budgets = true; ///< false: a free model, budgets are not looked at
  /// Not 0: that open admission's worst case is now `worst` (a dearer fallback). Rates are not looked at,
  /// `who` is not read; refused: it keeps what it has. The answer's id is 0.
  std::uint64_t raises = 0;
  /// Id not 0: that open admission ends so, and this one begins, in one step: nobody else gets its place.
  Settle renews;
};

/// One rate limit's state after an admission, for the x-ratelimit-* headers.
struct LimitState {
  EntityKind kind = EntityKind::key;
  std::int64_t rpm_limit = -1, rpm_left = -1, tpm_limit = -1, tpm_left = -1; ///< -1 = none
  Millis reset{0};
};

struct AdmitAnswer {
  Error error = Error(Errc::unavailable); ///< none = admitted; messages and statuses of spec 1.6 and 6.1
  std::uint64_t id = 0;                   ///< to settle with; 0 = nothing to settle
  Money allowed = Money::most();          ///< clamp: the request may cost no more than this
  Money key_spend;                        ///< settled spend of the first `key` entity, for headers
  std::vector<LimitState> limits;
  /// With a limit error, beside Retry-After (Error::retry_after): "rate_limit_type: requests\r\nreset_at:
  /// ...".
  std::string headers;
  std::vector<std::pair<EntityKind, std::string>> soft_crossed; ///< soft budgets that are passed now
  static AdmitAnswer unavailable() { return {}; }
  static void discard(AdmitAnswer answer); ///< nobody took it: the reservation is released
  /// Where settle goes; carried so that an abandoned answer can release itself.
  Mailbox<Settle> settle;
};

/// News from outside: rows read again, batches committed, budgets reset.
struct LedgerNews {
  std::vector<EntityPtr> entities;         ///< limits and database spend as read now
  std::vector<Touched> forget;             ///< rows that are gone
  std::vector<FlushedSpend::Part> flushed; ///< the database has these now
  std::uint64_t version = 0;               ///< batches committed so far (Entity::version counts the same)
  bool spend_is_set = false;               ///< take the rows' spend as it is, also when it is lower (resets)
};

using Admit = Ask<AdmitQuery, AdmitAnswer>;

struct Ledgers {
  Mailbox<Admit> admit;
  Mailbox<Settle> settle;
  Mailbox<LedgerNews> news;
  explicit operator bool() const noexcept { return static_cast<bool>(admit); }
};

/// Settings of the ledgers actor; a reload hands it new ones.
struct LedgerOptions {
  double rate_window = 60; ///< seconds, LITELLM_RATE_LIMIT_WINDOW_SIZE
  std::string timezone;    ///< of budget windows, litellm_settings.timezone; "" = UTC
  int budget_status = 400; ///< of refusals for a budget
  Limits proxy; ///< litellm_settings.max_budget, global_max_parallel_requests: part of every admission
};

/// Move-only owner of an admission: settles with nothing when it dies unsettled.
class Admission {
 public:
  Admission() = default;
  explicit Admission(AdmitAnswer answer)
      : answer_(std::move(answer)), open_(answer_.error.code == Errc::none && answer_.id != 0) {}
  Admission(Admission&& other) noexcept
      : answer_(std::move(other.answer_)), open_(std::exchange(other.open_, false)) {}
  Admission& operator=(Admission&& other) noexcept {
    if (this != &other) drop(), answer_ = std::move(other.answer_), open_ = std::exchange(other.open_, false);
    return *this;
  }
  ~Admission() { drop(); }
  const AdmitAnswer& answer() const { return answer_; }
  explicit operator bool() const noexcept { return open_; }
  void settle(Settle how) {
    if (!std::exchange(open_, false)) return;
    how.id = answer_.id;
    answer_.settle.send(how);
  }
  /// Somebody else settles it. Its id; 0 = it is settled.
  std::uint64_t give_up() { return std::exchange(open_, false) ? answer_.id : 0; }

 private:
  void drop() {
    if (open_) settle(Settle{});
  }
  AdmitAnswer answer_;
  bool open_ = false;
};

inline void AdmitAnswer::discard(AdmitAnswer answer) { Admission unclaimed(std::move(answer)); }

} // namespace switchyard
