// coalesce_requests: identical non-stream requests in flight share one attempt, over all shards. The shard
// that owns a request's digest keeps the list of who waits for its answer; everybody else asks it by message.
// Off by default; nothing here runs then.
#pragma once

#include "http/llm_request.hpp"
#include "http/request.hpp"

#include <switchyard/ask.hpp>

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace switchyard::http {

/// SHA-256 of everything that makes two requests the same: endpoint, key, body, router headers.
using Digest = std::array<unsigned char, 32>;

/// What the first of them got. Empty when that cannot be shared: everybody asks for himself.
struct SharedAnswer {
  Error error = Error(Errc::none); ///< or a whole response:
  int status = 0;
  std::string headers, body;
  bool empty() const noexcept { return error.code == Errc::none && status == 0; }
  void keep(int response_status, std::string_view response_headers, Slices slices);
};
using SharedAnswerPtr = std::shared_ptr<const SharedAnswer>;

/// Held by the request that asks the upstream for all. Whoever drops it without an answer (its client went
/// away) hands the lead to the next one who waits.
class Leadership {
 public:
  Leadership(Shard& owner, const Digest& digest);
  ~Leadership();
  Leadership(const Leadership&) = delete;
  Leadership& operator=(const Leadership&) = delete;
  /// Everybody who waits gets it.
  void land(SharedAnswerPtr answer);

 private:
  Shard* owner_;                ///< alive while its flights are
  std::weak_ptr<Flights> home_; ///< gone at the end of the process
  Digest digest_;
  bool landed_ = false;
};

/// An answer, or the lead, or neither (the process is ending: ask for yourself).
struct Joined {
  SharedAnswerPtr answer;
  std::shared_ptr<Leadership> lead;
  static Joined unavailable() { return {}; }
};

/// A question to the owner of a digest. `who` names the asker, so that it can leave.
struct Join {
  Digest digest{};
  std::uint64_t who = 0;
};

/// The flights of one shard. Never touched from another thread.
class Flights {
 public:
  void join(Shard& owner, const Join& join, Duty<Joined> duty);
  void leave(const Join& join);
  void land(Shard& owner, const Digest& digest, const SharedAnswerPtr& answer);

 private:
  struct Waiter {
    std::uint64_t who;
    Duty<Joined> duty;
  };
  using Waiters = std::deque<Waiter>;
  static bool give_lead(Shard& owner, const Digest& digest, Waiters& waiters);
  std::map<Digest, Waiters> open_;
};

/// Whether the setting is on and the request is of a kind that can be shared.
bool may_coalesce(const RequestContext& context, const LlmRequest& request);
/// Waits while an identical request is in flight, or until the client leaves.
aw<Joined> join_flight(RequestContext& context, const LlmRequest& request);

} // namespace switchyard::http
