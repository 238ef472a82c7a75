// Two coroutines of one shard, one per direction: each reads one side and alone writes to the other, so a
// slow reader stops the reading of its sender. They share a Relay with the caller, which waits for both.
// Whoever wants to say something to a side leaves a wish with the coroutine that writes there.
#include "http/realtime_relay.hpp"

#include "http/bill.hpp"
#include "http/call_state.hpp"
#include "http/realtime_meter.hpp"
#include "http/websocket.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/log.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace switchyard::http {

namespace {

using std::string_view;

/// From the first Close frame or the loss of a side until all is over.
constexpr Millis k_farewell{2'000};
constexpr Millis k_upstream_write{60'000}; ///< as EdgeOptions::write_timeout on the other side
constexpr std::uint64_t k_max_message = 16u * 1024 * 1024;
constexpr double k_longest = 1e9; ///< seconds

/// LiteLLM's variable for the same.
std::uint64_t max_message() {
  static const std::uint64_t size = [] {
    const auto text = environment_or_empty("REALTIME_WEBSOCKET_MAX_MESSAGE_SIZE_BYTES");
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() && end == text.data() + text.size() && value > 0 ? value : k_max_message;
  }();
  return size;
}

struct Closing {
  std::uint16_t code = ws::k_normal;
  std::string reason;
};

/// One direction.
struct Way {
  ws::FrameReader reader;
  ws::FrameWriter writer;
  std::string out;
  std::optional<Closing> wish; ///< what we want to close the sink with
  std::uint16_t code = 0;      ///< of the Close frame that the source sent; 0 = none
  bool told = false;           ///< the sink has its Close frame, or is gone: nothing is written any more
  bool heard = false;          ///< the source sent its Close frame, or is gone

  explicit Way(ws::Sender sender) : reader(sender, max_message()) {}
  bool unsaid() const noexcept { return wish && !told && writer.between_frames(); }
};

class Relay {
 public:
  Relay(Attempt& a, upstream::Reply& u, AttemptResult& r);
  void start(const std::shared_ptr<Relay>& self);
  aw<> wait();
  /// The exchange was cancelled: its client is gone, or the server drains.
  void on_cancel();

 private:
  aw<> down();
  aw<> up();
  aw<> pass_down(string_view bytes);
  aw<> pass_up(string_view bytes);
  aw<> write_down();
  aw<> write_up();
  aw<> account(const Usage& usage);
  static aw<> run(std::shared_ptr<Relay> self, aw<> (Relay::*way)());
  static void on_deadline(void* self);
  bool pass(Way& way, const ws::Piece& piece, const ws::Mask& mask);
  void say(Way& way, const ws::Mask& mask);
  void broken(Way& way, Way& back);
  void lost_upstream(const Error& error);
  void lost_client();
  void end(std::uint16_t code, string_view reason);
  void wish(Way& way, std::uint16_t code, string_view reason);
  void close_soon();
  void stop();
  void touch();
  void wake();

  Attempt& attempt_;
  Exchange& client_;
  upstream::Reply& upstream_;
  AttemptResult& result_;
  Shard& shard_;
  Way down_{ws::Sender::server}, up_{ws::Sender::client};
  EventReader events_;
  Deadline deadline_;
  steady_timer changed_; ///< cancelled whenever a way ends
  const Instant ends_;
  Instant counted_; ///< time up to here is paid for
  const Millis idle_;
  int open_ = 0;
  bool closing_ = false, stopped_ = false, writing_down_ = false;
};

ws::Mask no_mask() { return {}; }

/// RFC 6455 10.3: not to be foreseen by whoever chose the payload.
ws::Mask fresh_mask() {
  ws::Mask mask{};
  while (mask == ws::Mask{}) RAND_bytes(mask.data(), static_cast<int>(mask.size()));
  return mask;
}

Instant latest(const Attempt& attempt, Instant now) {
  const auto most = attempt.context.config.router.max_stream_seconds;
  return most > 0 ? now + to_millis(std::min(most, k_longest)) : Instant::max();
}

/// Codes by which a server says that it failed.
bool is_failure(std::uint16_t code) { return code >= ws::k_internal && code <= 1014; }

std::string error_event(const Error& error, string_view call_id) {
  auto body = to_json(error); // {"error":{...}}
  return "{\"type\":\"error\",\"event_id\":" + json_string("event_" + std::string(call_id)) + "," +
         body.substr(1);
}

Relay::Relay(Attempt& a, upstream::Reply& u, AttemptResult& r)
    : attempt_(a), client_(a.context.exchange), upstream_(u), result_(r), shard_(a.context.shard),
      events_(shard_.limits), deadline_(shard_.deadlines, &Relay::on_deadline, this),
      changed_(shard_.context), ends_(latest(a, shard_.now())), counted_(shard_.now()),
      idle_(to_millis(std::min(a.stream_timeout, k_longest))) {
  touch();
}

// -- the two ways

void Relay::start(const std::shared_ptr<Relay>& self) {
  open_ = 2;
  asio::co_spawn(shard_.executor(), run(self, &Relay::up), asio::detached);
  asio::co_spawn(shard_.executor(), run(self, &Relay::down), asio::detached);
}

aw<> Relay::run(std::shared_ptr<Relay> self, aw<> (Relay::*way)()) {
  try {
    co_await ((*self).*way)();
  } catch (const std::exception& e) {
    log::error("realtime_failed", {{"call_id", self->client_.call_id}, {"error", string_view(e.what())}});
    self->result_.error = Error(Errc::internal_server, "Internal server error");
    self->stop();
  }
  --self->open_;
  self->changed_.cancel();
}

aw<> Relay::wait() {
  while (open_ > 0) {
    changed_.expires_at(Instant::max());
    auto [ec] = co_await changed_.async_wait(tuple_aw);
    (void)ec;
  }
  log::info("realtime.end", {{"call_id", client_.call_id},
                             {"model_id", attempt_.deployment.row.id},
                             {"client_code", static_cast<std::int64_t>(up_.code)},
                             {"upstream_code", static_cast<std::int64_t>(down_.code)},
                             {"reason", down_.wish ? string_view(down_.wish->reason) : string_view()}});
}

aw<> Relay::down() {
  while (!stopped_ && (!down_.heard || down_.unsaid())) {
    if (down_.unsaid()) {
      say(down_, no_mask());
      co_await write_down();
      continue;
    }
    auto bytes = co_await upstream_.read_raw();
    if (!bytes)
      lost_upstream(bytes.error());
    else if (!bytes->empty())
      co_await pass_down(*bytes);
  }
}

aw<> Relay::up() {
  while (!stopped_ && (!up_.heard || up_.unsaid())) {
    if (up_.unsaid()) {
      say(up_, fresh_mask());
      co_await write_up();
      continue;
    }
    auto read = co_await client_.read_raw();
    if (read.ended)
      lost_client();
    else if (!read.bytes.empty())
      co_await pass_up(read.bytes);
  }
}

/// A piece for the sink; false = it is not passed on.
bool Relay::pass(Way& way, const ws::Piece& piece, const ws::Mask& mask) {
  const bool drop = way.told || (way.wish && way.writer.between_frames());
  if (!drop) way.writer.append(way.out, piece, mask);
  if (piece.opcode == ws::Opcode::close) {
    way.heard = true, way.code = ws::close_code(piece);
    if (!drop) way.told = true;
    close_soon();
  }
  return !drop;
}

aw<> Relay::pass_down(string_view bytes) {
  touch();
  ws::Piece piece;
  auto status = down_.reader.next(bytes, piece);
  for (; status == ws::FrameReader::Status::piece; status = down_.reader.next(bytes, piece)) {
    pass(down_, piece, no_mask());
    const auto found = events_.add(piece);
    if (found == EventReader::Found::no_memory) end(ws::k_internal, "the server buffers too much");
    if (found != EventReader::Found::event) continue;
    const auto usage = usage_of_event(*attempt_.target, events_.event());
    if (!usage.present) continue;
    co_await write_down();
    co_await account(usage);
  }
  // A code that only comes back is the client's.
  if (is_failure(down_.code) && up_.code == 0)
    result_.error =
        providers::network_error(*attempt_.target, Errc::api_connection,
                                 "the upstream closed the session with code " + std::to_string(down_.code));
  if (status == ws::FrameReader::Status::failed) broken(down_, up_);
  co_await write_down();
}

aw<> Relay::pass_up(string_view bytes) {
  touch();
  ws::Piece piece;
  auto status = up_.reader.next(bytes, piece);
  for (; status == ws::FrameReader::Status::piece; status = up_.reader.next(bytes, piece))
    pass(up_, piece, piece.first ? fresh_mask() : no_mask());
  if (status == ws::FrameReader::Status::failed) broken(up_, down_);
  co_await write_up();
}

aw<> Relay::write_down() {
  if (down_.out.empty()) co_return;
  const std::array<string_view, 1> slices{down_.out};
  writing_down_ = true;
  const bool sent = co_await settled(client_.write(slices));
  writing_down_ = false;
  down_.out.clear();
  if (!sent) down_.told = true; // the other way learns of it when it reads
}

aw<> Relay::write_up() {
  if (up_.out.empty()) co_return;
  const bool sent = co_await upstream_.write_raw(up_.out, k_upstream_write);
  up_.out.clear();
  if (!sent) up_.told = true;
  if (!sent) upstream_.stop();
}

/// Every answer of the session is paid for when it is there, and the next one admitted like a call.
aw<> Relay::account(const Usage& usage) {
  add(result_.usage, usage);
  const auto now = shard_.now();
  const auto spent = std::chrono::duration_cast<Micros>(now - std::exchange(counted_, now));
  attempt_.bill->add(attempt_.deployment, attempt_.upstream_model, usage, spent);
  if (closing_) co_return;
  const auto refused = co_await attempt_.bill->renew();
  if (refused.code == Errc::none || closing_) co_return;
  ws::append_frame(down_.out, ws::Opcode::text, error_event(refused, client_.call_id), no_mask());
  end(ws::k_policy, refused.message);
}

// -- the end

/// The Close frame that is wished for.
void Relay::say(Way& way, const ws::Mask& mask) {
  ws::append_frame(way.out, ws::Opcode::close, ws::close_payload(way.wish->code, way.wish->reason), mask);
  way.told = true;
}

/// `way`'s source does not keep to the protocol: it is told, and the sink gets a Close frame too.
void Relay::broken(Way& way, Way& back) {
  const auto code = way.reader.code();
  const bool by_upstream = &way == &down_;
  const std::string reason(way.reader.reason());
  if (by_upstream && code != ws::k_too_big) // that limit is ours
    result_.error =
        providers::network_error(*attempt_.target, Errc::api_connection, "broken frames: " + reason);
  way.heard = true;
  wish(back, code, reason);
  const bool tell_code = code == ws::k_too_big;
  wish(way,
       tell_code     ? code
       : by_upstream ? ws::k_internal
                     : ws::k_going_away,
       by_upstream ? "the upstream sent what is no message: " + reason : "the client broke the protocol");
  close_soon();
  wake();
}

void Relay::lost_upstream(const Error& error) {
  const bool expected = up_.code != 0 || up_.wish || closing_;
  if (!expected && result_.error.code == Errc::none) result_.error = transport_error(attempt_, error);
  down_.heard = up_.heard = up_.told = true; // nothing can be passed on
  wish(down_, up_.code != 0 ? ws::k_normal : ws::k_internal, "the upstream closed the connection");
  close_soon();
  wake();
}

void Relay::lost_client() {
  up_.heard = down_.told = true;
  wish(up_, ws::k_going_away, "the client closed the connection");
  close_soon();
}

/// We end the session: both sides are told.
void Relay::end(std::uint16_t code, string_view reason) {
  wish(down_, code, reason);
  wish(up_, code == ws::k_policy ? ws::k_normal : code, {});
  close_soon();
  wake();
}

void Relay::wish(Way& way, std::uint16_t code, string_view reason) {
  if (!way.told && !way.wish) way.wish = Closing{code, std::string(reason)};
}

void Relay::close_soon() {
  if (std::exchange(closing_, true)) return;
  deadline_.expires_in(k_farewell);
}

void Relay::touch() {
  if (!closing_) deadline_.expires_at(std::min(shard_.coarse_now() + idle_, ends_));
}

/// Both readers look at the state again; from the loop, since the client's resumes at once.
void Relay::wake() {
  upstream_.wake_reader();
  client_.wake_reader();
}

void Relay::stop() {
  if (std::exchange(stopped_, true)) return;
  upstream_.stop();
  if (writing_down_)
    client_.finish(true);
  else
    client_.wake_reader();
}

void Relay::on_cancel() {
  if (attempt_.cancel->reason() == CancelReason::draining)
    end(ws::k_going_away, "the server is shutting down");
  else
    close_soon(), client_.wake_reader(); // it finds the end of the client's bytes
}

void Relay::on_deadline(void* self) {
  auto& relay = *static_cast<Relay*>(self);
  if (relay.closing_) return relay.stop();
  const bool late = relay.shard_.coarse_now() >= relay.ends_;
  relay.end(ws::k_going_away,
            late ? "the session has lasted as long as it may" : "nothing was sent for too long");
}

} // namespace

aw<> relay_session(Attempt& attempt, upstream::Reply& upstream, AttemptResult& result) {
  const auto relay = std::make_shared<Relay>(attempt, upstream, result);
  if (attempt.context.shard.draining) attempt.cancel->cancel(CancelReason::draining);
  CancelScope::Waiter waiter(
      *attempt.cancel, [](void* self) { static_cast<Relay*>(self)->on_cancel(); }, relay.get());
  relay->start(relay);
  if (attempt.cancel->cancelled()) relay->on_cancel();
  co_await relay->wait();
  co_await settled(attempt.context.exchange.finish());
}

} // namespace switchyard::http
