// Fetched credentials (OAuth, STS, metadata servers). Every shard remembers the tokens it used; one of them,
// the home, fetches for all: one acquisition per plan at a time, again in the background when a token that is
// in use will expire soon. Shard code: other shards are reached by asio::post only.
#pragma once

#include "http/cancel.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/ask.hpp>
#include <switchyard/credentials.hpp>
#include <switchyard/identity.hpp>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard::http {

class Shard;

using TokenPtr = std::shared_ptr<const providers::Token>;
using TokenPlanPtr = std::shared_ptr<const providers::TokenPlan>;

/// A question to the home. `who` names the asker, so that it can leave.
struct TokenQuestion {
  TokenPlanPtr plan;
  std::uint64_t who = 0;
};
/// A token, or why there is none.
struct TokenAnswer {
  TokenPtr token;
  Error error = Error(Errc::none);
  static TokenAnswer unavailable();
};

/// The tokens of one shard; on the home shard also the desk that fetches. Made when first needed.
class Tokens : public std::enable_shared_from_this<Tokens> {
 public:
  explicit Tokens(Shard& shard) : shard_(shard) {}
  static Tokens& of(Shard& shard);

  // -- any shard
  /// The token, when it is here and good for some time still. Null = ask the home. Asks the home to renew a
  /// token that expires soon, without waiting for it.
  TokenPtr known(Shard& home, const TokenPlanPtr& plan);
  void keep(const TokenPlanPtr& plan, TokenPtr token);
  /// The upstream took no request with this token: the next question gets another one, unless this one was
  /// fetched just now.
  void refused(Shard& home, const TokenPlanPtr& plan, const TokenPtr& token);

  // -- the home
  void ask(const TokenQuestion& question, Duty<TokenAnswer> duty);
  void leave(const TokenQuestion& question);
  void renew(const TokenPlanPtr& plan, Shard& follower);
  /// Fetches nothing new from now on; `idle` runs when nothing is being fetched any more.
  void stop(std::function<void()> idle);

 private:
  struct Waiter {
    std::uint64_t who;
    Duty<TokenAnswer> duty;
  };
  struct Known {
    TokenPtr token;
    Instant asked{}; ///< to renew it
  };
  struct Entry {
    TokenPtr token;
    Error error = Error(Errc::none);      ///< of the last try
    Instant retry_at{};                   ///< no try before it
    int failures = 0;                     ///< in a row
    std::shared_ptr<CancelScope> running; ///< of the fetch, while there is one
    std::vector<Waiter> waiters;
    std::vector<Shard*> followers; ///< get the new token unasked
  };
  using Entries = std::unordered_map<std::string, Entry, TextHash, std::equal_to<>>;

  bool lasts(const TokenPtr& token, std::chrono::seconds at_least) const;
  void begin(const TokenPlanPtr& plan, Entry& entry);
  static aw<> run(std::shared_ptr<Tokens> self, TokenPlanPtr plan, std::shared_ptr<CancelScope> cancel);
  aw<Result<TokenPtr>> fetch(const providers::TokenPlan& plan, CancelScope& cancel);
  void finish(const TokenPlanPtr& plan, Result<TokenPtr> result);
  void note(Entry& entry, const Result<TokenPtr>& result);
  void make_space();
  void forget(const TokenPlanPtr& plan, const TokenPtr& token);

  Shard& shard_;
  std::unordered_map<std::string, Known, TextHash, std::equal_to<>> known_;
  Entries entries_; ///< the home's
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::function<void()> idle_;
};

/// The token of a plan, from here or through the home; waits only when there is none that is still good.
/// Errors: what the flow says, `cancelled`.
aw<Result<TokenPtr>> token_for(Shard& shard, Shard& home, TokenPlanPtr plan, CancelScope& cancel);

} // namespace switchyard::http
