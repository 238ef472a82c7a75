// Tokens: what a shard remembers, and the home's fetching.
#include "http/token_desk.hpp"

#include "http/deadline.hpp"
#include "http/shard.hpp"
#include "http/upstream/client.hpp"
#include "http/upstream/file_read.hpp"

#include <switchyard/log.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

using std::chrono::seconds;

constexpr seconds k_renew_before{300}; ///< a token in use is fetched anew so long before it expires
constexpr seconds k_least{10};         ///< a token with less is not used any more
constexpr seconds k_between_renewals{30}, k_longest_pause{30}, k_first_pause{1};
constexpr Millis k_longest_flow{30'000};
constexpr int k_most_steps = 32;
constexpr std::size_t k_most_answer = 1024 * 1024, k_most_plans = 4096;

/// The answer of a step; owns what UpstreamAnswer points to.
struct StepAnswer {
  int status = 0;
  std::string content_type, headers, body;
};

aw<StepAnswer> send(Shard& shard, const providers::TokenRequest& request, CancelScope& cancel) {
  StepAnswer out;
  const std::array<std::string_view, 1> body = {request.body};
  upstream::Request wire;
  wire.origin = &request.origin, wire.head = request.head;
  if (!request.body.empty()) wire.body = body;
  wire.connect_timeout = wire.first_byte_timeout = wire.idle_timeout = request.timeout;
  wire.deadline = shard.now() + request.timeout;
  auto reply = co_await shard.client->send(wire, cancel);
  if (!reply) {
    out.body = reply.error().message;
    co_return out;
  }
  auto text = co_await settled(reply->read_all(k_most_answer, cancel));
  if (!text) {
    out.body = text.error().message;
    co_return out;
  }
  out.status = reply->status(), out.content_type = reply->header("content-type");
  out.headers = reply->raw_headers(), out.body = *text;
  co_return out;
}

aw<StepAnswer> read(Shard& shard, const providers::TokenFile& file, CancelScope& cancel) {
  StepAnswer out;
  auto bytes = co_await upstream::read_small_file(shard, file.path, cancel);
  out.status = bytes ? 200 : 404;
  if (bytes) out.body = std::move(*bytes);
  co_return out;
}

void give_up(void* scope) { static_cast<CancelScope*>(scope)->cancel(CancelReason::total_timeout); }

Error expired_already() {
  return Error(Errc::authentication,
               "litellm.AuthenticationError: the credentials that were fetched have expired "
               "already. Check this machine's clock.");
}

/// Carries a question to the home's thread. A duty that is dropped on the way answers `unavailable`.
struct Door final : Mailbox<Ask<TokenQuestion, TokenAnswer>>::Sink {
  Shard& home;
  explicit Door(Shard& shard) : home(shard) {}
  void send(Ask<TokenQuestion, TokenAnswer> message) const override {
    asio::post(home.context, [&shard = home, message = std::move(message)] {
      Tokens::of(shard).ask(message.query, message.duty);
    });
  }
};

/// Of an asker whose client has left. Posted behind the question, so that it finds it.
struct Departure {
  TokenQuestion question;
  Shard* home = nullptr;

  static void leave(void* self) {
    auto& departure = *static_cast<Departure*>(self);
    asio::post(departure.home->context, [&home = *departure.home, question = departure.question] {
      Tokens::of(home).leave(question);
    });
  }
};

} // namespace

TokenAnswer TokenAnswer::unavailable() {
  TokenAnswer answer;
  answer.error =
      Error(Errc::service_unavailable, "litellm.ServiceUnavailableError: credentials could not be fetched, "
                                       "the server is shutting down.");
  return answer;
}

Tokens& Tokens::of(Shard& shard) {
  if (!shard.tokens) shard.tokens = std::make_shared<Tokens>(shard);
  return *shard.tokens;
}

bool Tokens::lasts(const TokenPtr& token, seconds at_least) const {
  return token && token->expires - at_least > shard_.clock.wall();
}

TokenPtr Tokens::known(Shard& home, const TokenPlanPtr& plan) {
  const auto found = known_.find(plan->id);
  if (found == known_.end() || !lasts(found->second.token, k_least)) return nullptr;
  auto& known = found->second;
  const auto now = shard_.coarse_now();
  if (!lasts(known.token, k_renew_before) && now - known.asked >= k_between_renewals) {
    known.asked = now;
    asio::post(home.context, [&home, plan, &follower = shard_] { Tokens::of(home).renew(plan, follower); });
  }
  return known.token;
}

void Tokens::keep(const TokenPlanPtr& plan, TokenPtr token) {
  if (known_.size() >= k_most_plans) known_.clear();
  known_[plan->id].token = std::move(token);
}

void Tokens::refused(Shard& home, const TokenPlanPtr& plan, const TokenPtr& token) {
  const auto found = known_.find(plan->id);
  if (found != known_.end() && found->second.token == token) known_.erase(found);
  asio::post(home.context, [&home, plan, token] { Tokens::of(home).forget(plan, token); });
}

/// A token that came just now is not stale: whatever the upstream dislikes, another one will not help.
void Tokens::forget(const TokenPlanPtr& plan, const TokenPtr& token) {
  const auto found = entries_.find(plan->id);
  if (found == entries_.end() || found->second.token != token || shard_.now() < found->second.retry_at)
    return;
  found->second.token = nullptr;
}

void Tokens::ask(const TokenQuestion& question, Duty<TokenAnswer> duty) {
  make_space();
  auto& entry = entries_[question.plan->id];
  TokenAnswer answer;
  const bool paused = entry.error.code != Errc::none && shard_.now() < entry.retry_at;
  if (lasts(entry.token, k_least))
    answer.token = entry.token;
  else if (!entry.running && paused)
    answer.error = entry.error;
  else if (!entry.running && stopping_)
    answer = TokenAnswer::unavailable();
  else {
    entry.waiters.push_back({question.who, std::move(duty)});
    if (!entry.running) begin(question.plan, entry);
    return;
  }
  duty.answer(std::move(answer));
}

/// A duty that is dropped answers `unavailable`. At the end nobody is waited for.
void Tokens::leave(const TokenQuestion& question) {
  const auto found = entries_.find(question.plan->id);
  if (found == entries_.end()) return;
  auto& entry = found->second;
  std::erase_if(entry.waiters, [&](const Waiter& waiter) { return waiter.who == question.who; });
  if (stopping_ && entry.running && entry.waiters.empty()) entry.running->cancel(CancelReason::draining);
}

void Tokens::renew(const TokenPlanPtr& plan, Shard& follower) {
  make_space();
  auto& entry = entries_[plan->id];
  if (lasts(entry.token, k_renew_before)) {
    asio::post(follower.context,
               [&follower, plan, token = entry.token] { Tokens::of(follower).keep(plan, token); });
    return;
  }
  if (!entry.running && (stopping_ || shard_.now() < entry.retry_at)) return;
  entry.followers.push_back(&follower);
  if (!entry.running) begin(plan, entry);
}

void Tokens::stop(std::function<void()> idle) {
  stopping_ = true;
  if (running_ == 0) return idle();
  idle_ = std::move(idle);
  for (auto& entry : entries_)
    if (entry.second.running && entry.second.waiters.empty())
      entry.second.running->cancel(CancelReason::draining);
}

void Tokens::begin(const TokenPlanPtr& plan, Entry& entry) {
  entry.running = std::make_shared<CancelScope>();
  ++running_;
  asio::co_spawn(shard_.executor(), run(shared_from_this(), plan, entry.running), asio::detached);
}

aw<> Tokens::run(std::shared_ptr<Tokens> self, TokenPlanPtr plan, std::shared_ptr<CancelScope> cancel) {
  Result<TokenPtr> result =
      Error(Errc::internal_server, "litellm.InternalServerError: credentials: an exception");
  Deadline limit(self->shard_.deadlines, give_up, cancel.get());
  limit.expires_in(k_longest_flow);
  try {
    result = co_await self->fetch(*plan, *cancel);
  } catch (const std::exception& e) {
    log::error("token.escaped", {{"error", e.what()}});
  }
  limit.disarm();
  if (!result && cancel->reason() == CancelReason::draining) result = TokenAnswer::unavailable().error;
  self->finish(plan, std::move(result));
}

aw<Result<TokenPtr>> Tokens::fetch(const providers::TokenPlan& plan, CancelScope& cancel) {
  const auto flow = plan.start();
  auto step = flow->next(shard_.clock.wall(), nullptr);
  for (int count = 0; step && count < k_most_steps; ++count) {
    if (auto token = std::get_if<providers::Token>(&*step))
      co_return std::make_shared<const providers::Token>(std::move(*token));
    StepAnswer answer;
    if (auto file = std::get_if<providers::TokenFile>(&*step))
      answer = co_await read(shard_, *file, cancel);
    else
      answer = co_await send(shard_, std::get<providers::TokenRequest>(*step), cancel);
    providers::UpstreamAnswer view;
    view.status = answer.status, view.content_type = answer.content_type;
    view.headers = answer.headers, view.body = answer.body;
    step = flow->next(shard_.clock.wall(), &view);
  }
  if (!step) co_return step.error();
  co_return Error(Errc::authentication, "litellm.AuthenticationError: the credentials need too many steps.");
}

/// A token that is still good outlives a failure to renew it.
void Tokens::note(Entry& entry, const Result<TokenPtr>& result) {
  const auto now = shard_.now();
  if (result) {
    entry.token = *result, entry.error = Error(Errc::none), entry.failures = 0;
    entry.retry_at = now + k_between_renewals;
    return;
  }
  entry.error = result.error();
  entry.retry_at = now + std::min(k_longest_pause, k_first_pause * (1 << std::min(entry.failures++, 5)));
  log::warning("token.not_fetched", {{"error", entry.error.message}, {"failures", entry.failures}});
}

void Tokens::finish(const TokenPlanPtr& plan, Result<TokenPtr> result) {
  auto& entry = entries_[plan->id];
  entry.running = nullptr;
  if (result && !lasts(*result, seconds{0})) result = expired_already();
  note(entry, result);
  const auto waiters = std::exchange(entry.waiters, {});
  const auto followers = std::exchange(entry.followers, {});
  TokenAnswer answer;
  if (lasts(entry.token, seconds{0}))
    answer.token = entry.token;
  else
    answer.error = entry.error;
  for (auto& waiter : waiters) waiter.duty.answer(answer);
  for (auto* follower : followers)
    if (result)
      asio::post(follower->context,
                 [&shard = *follower, plan, token = entry.token] { Tokens::of(shard).keep(plan, token); });
  if (--running_ == 0 && stopping_ && idle_) std::exchange(idle_, nullptr)();
}

/// Plans come from the configuration; those of earlier ones are forgotten when there are very many.
void Tokens::make_space() {
  if (entries_.size() < k_most_plans) return;
  std::erase_if(entries_, [](const auto& entry) { return !entry.second.running; });
}

aw<Result<TokenPtr>> token_for(Shard& shard, Shard& home, TokenPlanPtr plan, CancelScope& cancel) {
  if (auto token = Tokens::of(shard).known(home, plan)) co_return token;
  Departure departure;
  departure.question.plan = plan, departure.question.who = shard.random.next(), departure.home = &home;
  const Mailbox<Ask<TokenQuestion, TokenAnswer>> door(std::make_shared<Door>(home));
  Pending<TokenAnswer> pending(door, departure.question, shard.executor());
  CancelScope::Waiter waiter(cancel, Departure::leave, &departure);
  if (cancel.cancelled()) Departure::leave(&departure);
  if (!pending.ready()) co_await pending.wait();
  auto answer = pending.take();
  if (cancel.cancelled()) co_return Error(Errc::cancelled);
  if (!answer.token) co_return answer.error;
  Tokens::of(shard).keep(plan, answer.token);
  co_return answer.token;
}

} // namespace switchyard::http
