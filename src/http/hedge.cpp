// Two tries side by side, each a coroutine of this shard with a cancel scope of its own. They share the Hedge
// with the caller, which waits for both.
#include "http/hedge.hpp"

#include "http/one_try.hpp"
#include "http/pick.hpp"
#include "http/retry.hpp"

#include <switchyard/log.hpp>
#include <switchyard/router_state.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <array>

namespace switchyard::http {

namespace {

/// Fewer answers say nothing about the slowest of them.
constexpr std::uint32_t k_least_samples = 20;
constexpr double k_late_share = 0.95;
/// Of streams only the mean time to the first token is known.
constexpr std::int64_t k_late_factor = 3;

struct Side {
  Lease lease;
  AttemptResult result;
  CancelScope cancel;
  StreamProgress progress; ///< the winner's becomes the call's
};

class Hedge final : public Race {
 public:
  Hedge(CallState& c, Hop& h) : call(c), hop(h), changed(c.context.shard.context) {}

  bool won_by(const Attempt& attempt) override {
    const int side = attempt.cancel == &sides[1].cancel ? 1 : 0;
    if (winner < 0) {
      winner = side;
      sides[1 - side].cancel.cancel(CancelReason::client_gone);
    }
    return winner == side;
  }
  void cancel_both(CancelReason reason) {
    for (auto& side : sides) side.cancel.cancel(reason);
  }
  bool undecided() const { return winner < 0 && open > 0; }

  CallState& call;
  Hop& hop;
  std::array<Side, 2> sides;
  int winner = -1;
  int open = 0;         ///< sides that run
  steady_timer changed; ///< cancelled whenever one ends
};

/// Also when its coroutine is destroyed or throws.
struct EndOfSide {
  std::shared_ptr<Hedge> hedge;
  ~EndOfSide() {
    --hedge->open;
    hedge->changed.cancel();
  }
};

aw<> run_side(std::shared_ptr<Hedge> hedge, std::size_t number) {
  EndOfSide end{hedge};
  auto& side = hedge->sides[number];
  Lane lane{hedge.get(), &side.cancel, &side.progress};
  co_await try_once(hedge->call, hedge->hop, side.lease, side.result, lane);
}

void start(const std::shared_ptr<Hedge>& hedge, std::size_t side) {
  ++hedge->open;
  asio::co_spawn(hedge->call.context.shard.executor(), run_side(hedge, side), asio::detached);
}

/// Until a side ends or `until` has passed.
aw<> wait(Hedge& hedge, Instant until) {
  hedge.changed.expires_at(until);
  auto [ec] = co_await hedge.changed.async_wait(tuple_aw);
  (void)ec;
}

/// A row that is free now and not the first one's; nothing waits for it.
aw<bool> pick_second(Hedge& hedge) {
  auto& call = hedge.call;
  auto& group = *hedge.hop.resolved->group;
  auto query = make_query(call, hedge.hop);
  query.except = static_cast<std::int32_t>(row_index(group, hedge.sides[0].lease.deployment()));
  query.give_up = {}, query.prefer = -1, query.affinity = 0;
  auto answer = co_await ask(group.pick, query, call.context.shard.executor());
  if (answer.error != Errc::none) co_return false;
  Lease lease(std::move(answer));
  if (hedge.undecided()) hedge.sides[1].lease = std::move(lease);
  co_return static_cast<bool>(hedge.sides[1].lease);
}

void log_second(const Hedge& hedge) {
  log::info("attempt.hedged", {{"call_id", hedge.call.context.exchange.call_id},
                               {"group", hedge.hop.resolved->group->name},
                               {"model_id", hedge.sides[0].lease.deployment().row.id},
                               {"second", hedge.sides[1].lease.deployment().row.id}});
}

/// When most requests of this row are answered; nothing when too little is known.
std::optional<Millis> late_at(const DeploymentView& view, bool stream) {
  if (view.recent_count.load(std::memory_order_relaxed) < k_least_samples) return std::nullopt;
  Micros late = latency_percentile(view, k_late_share);
  if (stream) late = Micros(k_late_factor * view.ttft_us.load(std::memory_order_relaxed));
  if (late.count() == 0) return std::nullopt; // no stream has been seen
  return std::chrono::ceil<Millis>(late);
}

} // namespace

std::optional<Millis> hedge_delay(const CallState& call, const Hop& hop) {
  auto& router = call.context.config.router;
  if (!router.hedged_requests) return std::nullopt; // the usual case
  auto& rows = hop.resolved->group->deployments;
  if (is_session(call.request)) return std::nullopt; // two sessions would both be paid for
  if (call.progress.open || hop.resolved->only >= 0 || rows.size() < 2) return std::nullopt;
  if (router.hedge_delay) return to_millis(*router.hedge_delay);
  std::optional<Millis> late;
  for (auto& row : rows)
    if (auto own = late_at(*row->view, call.request.stream); own && (!late || *own < *late)) late = own;
  return late;
}

aw<> try_hedged(CallState& call, Hop& hop, Lease& lease, Millis delay, AttemptResult& result) {
  const auto shared = std::make_shared<Hedge>(call, hop);
  auto& hedge = *shared;
  auto& cancel = call.context.exchange.cancel;
  CancelScope::Waiter waiter(
      cancel, [](void* self) { static_cast<Hedge*>(self)->cancel_both(CancelReason::client_gone); }, &hedge);
  if (cancel.cancelled()) hedge.cancel_both(cancel.reason());
  hedge.sides[0].lease = std::move(lease);
  start(shared, 0);
  const auto started = call.context.shard.now(), late = started + delay;
  while (hedge.undecided() && call.context.shard.now() < late) co_await wait(hedge, late);
  if (hedge.undecided() && co_await pick_second(hedge)) {
    ++call.hedges;
    log_second(hedge);
    start(shared, 1);
  }
  while (hedge.open > 0) co_await wait(hedge, Instant::max());
  auto& best = hedge.sides[hedge.winner > 0 ? 1 : 0];
  remember_row(call, hop, best.lease.deployment());
  call.upstream += std::chrono::duration_cast<Micros>(call.context.shard.now() - started);
  call.progress = std::move(best.progress);
  auto& error = best.result.error;
  if (!best.result.answered && error.code == Errc::none)
    error = Error(Errc::internal_server, "Internal server error"); // its coroutine threw
  if (error.code != Errc::none)
    call.max_retries = retry_limit(call, *hop.resolved->group, best.lease.deployment(), error);
  result = std::move(best.result);
  for (auto& side : hedge.sides) side.lease = {}; // one that never ran is given back
}

} // namespace switchyard::http
