// Session: the loop over requests, its deadlines and its end. Runs on one shard; every wait of a connection
// is bounded by the one deadline.
#include "http/session.hpp"

#include "http/shard_stats.hpp"

#include <switchyard/log.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace switchyard::http {
namespace {

constexpr std::size_t k_big_buffer = 64 * 1024;
constexpr std::size_t k_max_drained = 16 * 1024 * 1024; // a client that writes first must find its answer
constexpr Millis k_drain_grace{200}; // for a connection that drain() accepted: its request may be under way

/// Idle deadlines need no precision: whole seconds let thousands of connections share a wake-up.
Instant next_full_second(Instant at) {
  return Instant{std::chrono::ceil<std::chrono::seconds>(at.time_since_epoch())};
}

} // namespace

aw<> serve_connection(Edge& edge, std::unique_ptr<Transport> transport, std::string peer_ip) {
  {
    Session session(edge, std::move(transport), std::move(peer_ip));
    co_await session.run();
  }
  edge.left();
}

Session::Session(Edge& edge, std::unique_ptr<Transport> transport, std::string peer_ip)
    : edge_(edge), transport_(std::move(transport)), peer_ip_(std::move(peer_ip)),
      deadline_(edge.shard.deadlines, &Session::on_deadline, this),
      inbox_(*transport_, &Session::on_client_end, this),
      outbox_(*transport_, edge.shard.writes, &Session::on_sent, this), body_(edge.shard.limits),
      decoded_charge_(edge.shard.limits) {
  edge_.enter(*this);
}

aw<> Session::run() {
  try {
    co_await serve();
  } catch (const std::exception& e) {
    log::error("session_failed", {{"error", std::string_view(e.what())}});
  }
  if (!broken_) outbox_.push();
  transport_->close();
  co_await inbox_.settle();
  co_await outbox_.settle();
}

aw<> Session::serve() {
  wait_in(Phase::open, edge_.options.head_timeout);
  if (auto ec = co_await transport_->open()) co_return;
  for (bool goes_on = true; goes_on;) {
    scanner_.reset();
    received = {};
    auto found = look_for_head();
    while (found == Head::wanted) {
      co_await inbox_.more();
      found = look_for_head();
    }
    if (found == Head::none) break;
    if (found == Head::refused) co_await refuse(std::move(refusal_));
    goes_on = found == Head::complete && co_await serve_request();
  }
  if (broken_) co_return;
  co_await empty_outbox(); // also for a client that has closed its side only
  if (broken_ || inbox_.ended()) co_return;
  wait_in(Phase::linger, edge_.options.linger_timeout);
  co_await transport_->end_output();
}

/// Parses the head when it is there; prepares the wait when more of it is wanted.
Session::Head Session::look_for_head() {
  refusal_.code = Errc::none;
  if (broken_ || !head_arrived()) {
    if (refusal_.code != Errc::none) return Head::refused;
    if (over()) return Head::none;
    wait_for_head();
    inbox_.make_room(std::max(inbox_.unread().size(), Inbox::k_read_ahead));
    return Head::wanted;
  }
  inbox_.make_room(Inbox::k_read_ahead);
  begin_exchange();
  auto reason = parse_request_head(inbox_.unread().substr(0, scanner_.size()), head);
  if (reason.empty()) return Head::complete;
  refusal_ = Error{Errc::malformed_http, std::string(reason)};
  return Head::refused;
}

/// No further request comes, or none is taken.
bool Session::over() const noexcept {
  bool idle = inbox_.unread().empty();
  return timed_out_ || broken_ || inbox_.ended() || (edge_.shard.draining && idle && !fresh_);
}

/// Looks for the end of the head; refusal_ is set when there will be none that we take.
bool Session::head_arrived() {
  auto bytes = inbox_.unread();
  if (received == Instant{} && !bytes.empty()) received = edge_.shard.now();
  auto state = scanner_.scan(bytes);
  bool complete = state == HeadScanner::State::complete;
  auto size = complete ? scanner_.size() : bytes.size() + 1;
  if (state == HeadScanner::State::malformed) {
    refusal_ = Error{Errc::malformed_http, "Malformed HTTP request"};
  } else if (size > edge_.options.max_head_bytes) {
    refusal_ = Error{Errc::head_too_large, "Request header fields too large"};
  } else if (!complete && timed_out_ && !bytes.empty()) {
    edge_.shard.stats->client_timeouts.add();
    refusal_ = Error{Errc::client_timeout, "Timed out while reading the request"};
  }
  return complete && refusal_.code == Errc::none;
}

/// Moves the deadline: idle between requests, fixed from the first byte of a head on.
void Session::wait_for_head() {
  auto& options = edge_.options;
  inline_writes_ = 0;
  inline_bytes_ = 0;
  if (!inbox_.unread().empty()) {
    if (phase_ != Phase::head) wait_in(Phase::head, options.head_timeout);
  } else if (fresh_) {
    wait_in(Phase::idle, edge_.shard.draining ? k_drain_grace : options.head_timeout);
  } else {
    phase_ = Phase::idle;
    timed_out_ = false;
    deadline_.expires_at(next_full_second(edge_.shard.coarse_now() + options.idle_timeout));
  }
}

void Session::begin_exchange() {
  edge_.shard.heap.busy();
  resume_handler();
  fresh_ = false;
  exchange_open_ = true;
  keep_ = true;
  body_state_ = Body::unread;
  stream_ = Stream::none;
  body_view_ = {};
  responded = false;
  cancel.reset();
  call_id.clear();
  extra_headers.clear();
  client_ip = peer_ip_;
}

void Session::start_request() {
  auto& stats = *edge_.shard.stats;
  inbox_.consume(scanner_.size());
  inbox_.hold();
  stats.requests.add();
  stats.requests_in_flight.add();
  inbox_.watch();
  if (inbox_.ended()) client_gone();
}

aw<bool> Session::serve_request() {
  start_request();
  try {
    co_await edge_.handler->handle(*this);
    if (!responded && stream_ == Stream::none && !cancel.cancelled())
      log::error("request_not_answered", {{"path", head.path}, {"call_id", call_id}});
  } catch (const std::exception& e) {
    handler_threw(e.what());
  }
  if (!responded && !cancel.cancelled()) {
    Error error{Errc::internal_server, "Internal server error"};
    co_await refuse(std::move(error));
  }
  auto& stats = *edge_.shard.stats;
  stats.requests_in_flight.sub();
  stats.bytes_in.add(inbox_.received() - std::exchange(counted_in_, inbox_.received()));
  end_exchange();
  if (!keep_ && !broken_ && (raw_ || body_on_wire())) co_await linger();
  co_return keep_;
}

void Session::handler_threw(const char* what) {
  log::error("request_failed",
             {{"error", std::string_view(what)}, {"path", head.path}, {"call_id", call_id}});
  keep_ = false;
  if (stream_ == Stream::head_pending) stream_ = Stream::none, responded = false; // nothing left yet
}

/// Decides whether the connection can take the next request and makes it ready for that.
void Session::end_exchange() {
  exchange_open_ = false;
  const bool unfinished =
      stream_ == Stream::open || stream_ == Stream::head_pending || stream_ == Stream::raw;
  if (unfinished) abort_connection();
  if (broken_ || !responded || cancel.cancelled()) keep_ = false;
  if (!keep_) return;
  if (body_state_ == Body::unread) inbox_.consume(head.content_length.value_or(0));
  body_.release();
  if (!decoded_.empty()) std::string().swap(decoded_), decoded_charge_.set(0);
  if (out_.capacity() > k_big_buffer) std::string().swap(out_);
  inbox_.release();
}

/// Answers an error of the protocol or of the handler, then closes.
aw<> Session::refuse(Error error) {
  if (!exchange_open_) begin_exchange(), head.clear();
  head.keep_alive = false;
  resume_handler();
  if (error.code == Errc::malformed_http) edge_.shard.stats->malformed.add();
  auto body = to_json(error);
  const std::string_view slices[] = {body};
  co_await settled(respond(error.http_status(), "Content-Type: application/json\r\n", slices));
  exchange_open_ = false;
  if (!broken_) co_await linger();
  broken_ = true;
}

/// Takes what the client still sends, so that the answer is not lost in a reset; then the caller closes.
aw<> Session::linger() {
  co_await empty_outbox();
  if (broken_) co_return;
  wait_in(Phase::linger, edge_.options.linger_timeout);
  auto limit = inbox_.received() + k_max_drained;
  co_await transport_->end_output();
  inbox_.release();
  while (!inbox_.ended() && !timed_out_ && inbox_.received() < limit) {
    inbox_.consume(inbox_.unread().size());
    inbox_.make_room(Inbox::k_read_ahead);
    co_await inbox_.more();
  }
  broken_ = true;
}

void Session::wait_in(Phase phase, Millis limit) {
  phase_ = phase;
  timed_out_ = false;
  deadline_.expires_in(limit);
}

void Session::resume_handler() {
  phase_ = Phase::handler;
  timed_out_ = false;
  deadline_.disarm_lazily();
}

void Session::on_deadline(void* self) {
  auto& session = *static_cast<Session*>(self);
  session.timed_out_ = true;
  switch (session.phase_) {
  case Phase::idle:
  case Phase::head:
  case Phase::body:
    return session.inbox_.interrupt();
  case Phase::write:
    session.edge_.shard.stats->client_timeouts.add();
    [[fallthrough]];
  case Phase::open:
  case Phase::linger:
    return session.transport_->close();
  case Phase::handler:
    return;
  }
}

void Session::on_client_end(void* self) { static_cast<Session*>(self)->client_gone(); }

void Session::client_gone() {
  if (!exchange_open_ || cancel.cancelled()) return;
  edge_.shard.stats->clients_gone.add();
  cancel.cancel(CancelReason::client_gone);
}

void Session::drain() {
  // What is open without end does not wait for the end of the drain.
  if (stream_ == Stream::raw) return cancel.cancel(CancelReason::draining);
  if (phase_ != Phase::idle) return;
  outbox_.push();
  if (fresh_ || outbox_.busy())
    deadline_.expires_in(k_drain_grace);
  else
    transport_->close();
}

void Session::stop() {
  if (exchange_open_) cancel.cancel(CancelReason::draining);
  outbox_.push();
  if (phase_ != Phase::handler) transport_->close();
}

} // namespace switchyard::http
