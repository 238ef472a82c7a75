// Session: the request body. In place when it arrived with the head, else into the session's body buffer;
// decoded under the caller's cap. Runs on one shard.
#include "http/chunked.hpp"
#include "http/session.hpp"
#include "http/shard_stats.hpp"

#include <switchyard/content_decode.hpp>

#include <algorithm>

namespace switchyard::http {
namespace {

constexpr std::size_t k_first_piece = 64 * 1024;
constexpr std::size_t k_decode_slice = 64 * 1024;

Error too_large() { return Error{Errc::body_too_large, "Request body too large"}; }
Error overloaded() {
  Error error{Errc::overloaded, "The server buffers too much at the moment"};
  error.retry_after = Millis{1000};
  return error;
}

} // namespace

/// Bytes of this request's body may still come.
bool Session::body_on_wire() const noexcept {
  if (body_state_ == Body::done) return false;
  if (body_state_ != Body::unread) return true;
  return head.chunked || head.content_length.value_or(0) > inbox_.unread().size();
}

Soon<Result<std::string_view>> Session::read_body(std::size_t cap) {
  using Answer = Result<std::string_view>;
  if (body_state_ != Body::unread)
    return body_error_.code == Errc::none ? Answer(body_view_) : Answer(body_error_);
  body_error_.code = Errc::none;
  if (head.content_length.value_or(0) > cap) return Answer(too_large());
  body_state_ = Body::reading;
  if (!take_body_at_hand()) return read_rest(cap);
  return body_taken(cap, {});
}

aw<Result<std::string_view>> Session::read_rest(std::size_t cap) {
  auto complete = co_await receive_body(cap);
  co_return body_taken(cap, std::move(complete));
}

Result<std::string_view> Session::body_taken(std::size_t cap, Result<void> complete) {
  body_state_ = complete ? Body::done : Body::failed;
  resume_handler();
  keep_watching();
  if (complete) complete = decode_body(cap);
  if (complete) return body_view_;
  body_error_ = complete.error();
  return body_error_;
}

/// With the body taken there is room in the inbox again, and a departure must be noticed behind it.
void Session::keep_watching() {
  bool in_place = body_view_.data() != body_.view().data();
  if (in_place)
    inbox_.hold();
  else
    inbox_.make_room(Inbox::k_read_ahead);
  inbox_.watch();
}

/// The usual case: all of the body came with the head.
bool Session::take_body_at_hand() {
  auto length = head.content_length.value_or(0);
  if (head.chunked || length > inbox_.unread().size()) return false;
  body_view_ = inbox_.unread().substr(0, static_cast<std::size_t>(length));
  inbox_.consume(body_view_.size());
  return true;
}

aw<Result<void>> Session::receive_body(std::size_t cap) {
  if (head.expect_continue && inbox_.unread().empty()) co_await send_continue();
  if (head.chunked) co_return co_await receive_chunked(cap);
  co_return co_await receive_sized();
}

aw<Result<void>> Session::receive_sized() {
  auto length = static_cast<std::size_t>(*head.content_length);
  for (;;) {
    auto here = inbox_.unread().substr(0, length - body_.size());
    // Grows with what really comes: a length alone takes no memory.
    auto wanted = std::max(body_.size() * 2, k_first_piece);
    if (!body_.reserve(std::min(length, wanted)) || !body_.append(here)) co_return overloaded();
    inbox_.consume(here.size());
    if (body_.size() == length) break;
    auto tail = body_.tail();
    auto waited = co_await wait_for_body(tail.first(std::min(tail.size(), length - body_.size())));
    if (!waited) co_return waited.error();
  }
  body_view_ = body_.view();
  co_return Result<void>{};
}

aw<Result<void>> Session::receive_chunked(std::size_t cap) {
  ChunkedDecoder decoder;
  for (;;) {
    auto input = inbox_.unread();
    auto before = input.size();
    std::string_view data;
    auto status = decoder.next(input, data);
    if (status == ChunkedDecoder::Status::data) {
      if (body_.size() + data.size() > cap) co_return too_large();
      if (!body_.append(data)) co_return overloaded();
    }
    inbox_.consume(before - input.size());
    if (status == ChunkedDecoder::Status::done) break;
    if (status == ChunkedDecoder::Status::malformed) {
      edge_.shard.stats->malformed.add();
      co_return Error{Errc::malformed_http, "Malformed chunked body"};
    }
    if (status == ChunkedDecoder::Status::data) continue;
    inbox_.make_room(Inbox::k_read_ahead);
    auto waited = co_await wait_for_body({});
    if (!waited) co_return waited.error();
  }
  body_view_ = body_.view();
  co_return Result<void>{};
}

aw<Result<void>> Session::wait_for_body(std::span<char> direct) {
  wait_in(Phase::body, edge_.options.body_timeout);
  std::size_t n = 0;
  if (!inbox_.ended()) {
    co_await inbox_.more(direct);
    n = inbox_.direct_bytes();
  }
  body_.commit(n);
  if (timed_out_) {
    edge_.shard.stats->client_timeouts.add();
    head.keep_alive = false;
    co_return Error{Errc::client_timeout, "Timed out while reading the request body"};
  }
  if (inbox_.ended() && n == 0 && inbox_.unread().empty()) {
    client_gone();
    co_return Error{Errc::cancelled, "The client closed the connection"};
  }
  co_return Result<void>{};
}

aw<> Session::send_continue() {
  constexpr std::string_view k_continue = "HTTP/1.1 100 Continue\r\n\r\n";
  parts_.assign(1, asio::buffer(k_continue));
  co_await settled(flush());
}

Result<void> Session::decode_body(std::size_t cap) {
  if (body_view_.empty()) return {};
  auto coding = head.find("content-encoding");
  if (coding.empty()) return {};
  auto made = ContentDecoder::make(coding);
  if (!made) return made.error();
  if (made->identity()) return {};
  for (auto rest = body_view_; !rest.empty(); rest.remove_prefix(std::min(rest.size(), k_decode_slice))) {
    auto fed = made->feed(rest.substr(0, k_decode_slice), decoded_, cap);
    if (!fed) return fed.error();
    if (!decoded_charge_.set(decoded_.capacity())) return overloaded();
  }
  if (auto ended = made->finish(); !ended) return ended.error();
  body_view_ = decoded_;
  return {};
}

} // namespace switchyard::http
