// The exchange on an upstream connection: request out, head in, interruption. Lives on a shard. A reply that
// comes while the request is still being written is taken at once; the write goes on behind it and the
// connection is not reused.
#include "http/upstream/connection.hpp"

#include "http/upstream/failure.hpp"
#include "http/upstream/requests.hpp"

#include <algorithm>
#include <array>

namespace switchyard::http::upstream {
namespace {

constexpr int k_max_interim = 10;

} // namespace

Connection::Connection(Pool& home)
    : home_(home), signal_(new Signal(home.pools.shard.executor())),
      deadline_(
          home.pools.shard.deadlines,
          [](void* argument) {
            auto* self = static_cast<Connection*>(argument);
            self->expired_ = self->phase_;
            self->interrupt();
          },
          this) {
  ++home_.open;
}

Connection::~Connection() {
  --home_.open;
  signal_->when_unheard(nullptr, nullptr);
  if (race_) race_->stop();
  if (link_) link_->close();
}

Connection::Watch::Watch(Connection& connection, CancelScope& cancel) noexcept
    : connection_(connection),
      waiter_(
          cancel, [](void* self) { static_cast<Connection*>(self)->interrupt(); }, &connection) {
  connection.cancel_ = &cancel;
}

Connection::Watch::~Watch() {
  connection_.cancel_ = nullptr;
  connection_.deadline_.disarm_lazily();
}

void Connection::arm(Phase phase, Millis limit) {
  auto when = home_.pools.shard.coarse_now() + limit;
  bool total = total_deadline_ < when;
  phase_ = total ? Phase::total : phase;
  limit_ = limit;
  deadline_.expires_at(total ? total_deadline_ : when);
}

/// Closes what runs, so that its pending operation ends; the waiting coroutine goes on from the loop, not
/// from here.
void Connection::interrupt() noexcept {
  if (race_) race_->stop();
  if (link_) link_->close();
  signal_->notify_later();
  if (written_) written_->notify_later();
}

std::optional<Error> Connection::stopped() const {
  if (cancel_ && cancel_->cancelled()) return cancelled(cancel_->reason());
  if (expired_ != Phase::none) return timed_out();
  return std::nullopt;
}

Error Connection::timed_out() const {
  auto& name = home_.name;
  switch (expired_) {
  case Phase::connect:
    return failure(Errc::timeout, "Connection timed out after ", seconds(limit_), ": connecting to ", name);
  case Phase::first_byte:
    return failure(Errc::timeout, "no reply within ", seconds(limit_), " from ", name);
  case Phase::idle:
    return failure(Errc::timeout, "no data within ", seconds(limit_), " from ", name);
  default: {
    auto total = std::chrono::duration_cast<Millis>(total_deadline_ - timings_.started);
    return failure(Errc::timeout, "Connection timed out after ", seconds(total), ": ", name,
                   " did not finish");
  }
  }
}

Error Connection::lost(std::string_view when) const {
  auto& link = *link_;
  bool ended = link.at_end() || !link.read_error();
  auto reason =
      ended && !link.write_error()
          ? std::string("the connection was closed")
          : (link.read_error() && !link.at_end() ? link.read_error() : link.write_error()).message();
  return failure(Errc::api_connection, home_.name, ": ", reason, " ", when);
}

aw<Result<void>> Connection::exchange(const Request& request, CancelScope& cancel, Instant started,
                                      bool reused) {
  Watch watch(*this, cancel);
  timings_.started = started, timings_.reused = reused;
  timings_.sent = timings_.first_byte = {};
  total_deadline_ = request.deadline;
  idle_limit_ = request.idle_timeout;
  send(request);
  arm(Phase::first_byte, request.first_byte_timeout);
  for (;;) {
    if (auto got = head_at_hand()) co_return *std::move(got);
    co_await signal_->wait();
  }
}

std::optional<Result<void>> Connection::head_at_hand() {
  auto& link = *link_;
  note_progress();
  auto taken = take_head();
  if (!taken) return taken.error();
  if (*taken) return timings_.first_byte = home_.pools.shard.now(), Result<void>();
  if (auto reason = stopped()) return *std::move(reason);
  if (!link.reading() && !link.in.make_room(0)) return out_of_memory();
  link.read();
  if (!link.reading()) return lost("before the reply");
  return std::nullopt;
}

void Connection::send(const Request& request) {
  signal_->when_unheard(nullptr, nullptr);
  interim_replies_ = 0;
  scanned_ = 0;
  head_taken_ = body_done_ = false;
  expired_ = Phase::none;
  received_before_ = link_->received();
  to_head_ = request.head.starts_with("HEAD ");
  may_upgrade_ = request.upgrade;
  write_request(*link_, request, home_);
}

/// The first-byte time-out runs from the request's last byte, so it is pushed while the write goes on.
void Connection::note_progress() {
  if (phase_ == Phase::connect || timings_.sent != Instant{}) return;
  if (!link_->writing()) timings_.sent = home_.pools.shard.now();
  arm(Phase::first_byte, limit_);
}

/// True when the final head is there: parsed, copied out of the read buffer, and the body's framing set up.
Result<bool> Connection::take_head() {
  auto& in = link_->in;
  while (in.size() > 0) {
    auto size = find_reply_head(in.view(), scanned_);
    if (!size) return size.error();
    if ((*size == 0 ? in.size() : *size) > home_.pools.options.max_head_bytes)
      return failure(Errc::bad_gateway, home_.name, ": the reply's head is too large");
    if (*size == 0) return false;
    head_bytes_.assign(in.data(), *size);
    in.consume(*size);
    scanned_ = 0;
    if (auto parsed = parse_reply_head(head_bytes_, to_head_, head_); !parsed) return parsed.error();
    if (head_.status >= 200) return start_body(), true;
    if (head_.status == 101 && may_upgrade_ && !link_->writing()) return start_pipe(), true;
    if (head_.status == 101 || ++interim_replies_ > k_max_interim)
      return failure(Errc::bad_gateway, home_.name, ": unexpected interim replies");
  }
  return false;
}

void Connection::start_body() noexcept {
  head_taken_ = true;
  body_done_ = head_.framing == Framing::none;
  left_ = head_.content_length.value_or(0);
  chunks_.reset();
  gathered_ = 0;
}

bool Connection::failed_unanswered() const noexcept {
  bool interrupted = expired_ != Phase::none;
  return !interrupted && link_ && link_->received() == received_before_;
}

bool Connection::reusable() const noexcept {
  return link_ && head_taken_ && body_done_ && head_.keep_alive && !link_->writing() &&
         !link_->write_error() && !link_->read_error() && !link_->reading() && link_->in.size() == 0;
}

void Connection::rest() {
  resting_since_ = home_.pools.shard.coarse_now();
  link_->in.shrink();
  if (head_bytes_.capacity() > ReadBuffer::k_usual) head_bytes_ = {};
  auto closed = [](void* self) {
    auto* connection = static_cast<Connection*>(self);
    connection->home_.drop(*connection);
  };
  signal_->when_unheard(closed, this);
  link_->read();
}

} // namespace switchyard::http::upstream
