// Bodies of upstream replies: piece by piece or whole, always in the connection's own buffer. Lives on a
// shard. Reads only when the caller asks, so that a slow client stops the upstream.
#include "http/upstream/connection.hpp"
#include "http/upstream/failure.hpp"

#include <algorithm>
#include <cstring>

namespace switchyard::http::upstream {

Soon<Result<std::string_view>> Connection::read(CancelScope& cancel) {
  if (!cancel.cancelled())
    if (auto piece = piece_at_hand()) return *std::move(piece);
  return wait_for_piece(cancel);
}

aw<Result<std::string_view>> Connection::wait_for_piece(CancelScope& cancel) {
  Watch watch(*this, cancel);
  for (;;) {
    if (auto reason = stopped()) co_return *std::move(reason);
    if (auto piece = piece_at_hand()) co_return *std::move(piece);
    co_await signal_->wait();
  }
}

std::optional<Result<std::string_view>> Connection::piece_at_hand() {
  if (link_->reading()) return std::nullopt;
  auto piece = next_piece();
  if (!piece || !piece->empty() || body_done_) return piece;
  if (auto more = want_more(0); !more) return more.error();
  return std::nullopt;
}

Soon<Result<std::string_view>> Connection::read_all(std::size_t cap, CancelScope& cancel) {
  if (!cancel.cancelled())
    if (auto whole = all_at_hand(cap)) return *std::move(whole);
  return wait_for_all(cap, cancel);
}

aw<Result<std::string_view>> Connection::wait_for_all(std::size_t cap, CancelScope& cancel) {
  Watch watch(*this, cancel);
  for (;;) {
    if (auto reason = stopped()) co_return *std::move(reason);
    if (auto whole = all_at_hand(cap)) co_return *std::move(whole);
    co_await signal_->wait();
  }
}

std::optional<Result<std::string_view>> Connection::all_at_hand(std::size_t cap) {
  if (link_->reading()) return std::nullopt;
  auto whole = gather(cap);
  if (!whole) return whole.error();
  if (*whole) return take_whole();
  if (auto more = want_more(static_cast<std::size_t>(left_)); !more) return more.error();
  return std::nullopt;
}

Result<void> Connection::want_more(std::size_t wanted) {
  if (!link_->in.make_room(wanted)) return out_of_memory();
  arm(Phase::idle, idle_limit_);
  link_->read();
  return link_->reading() ? Result<void>() : Result<void>(lost("in the middle of the reply"));
}

Result<std::string_view> Connection::next_piece() {
  auto& in = link_->in;
  if (body_done_) return std::string_view();
  if (in.size() == 0) {
    auto end = on_end();
    return end ? Result<std::string_view>(std::string_view()) : Result<std::string_view>(end.error());
  }
  std::string_view piece = in.view();
  auto consumed = piece.size();
  if (head_.framing == Framing::chunked) {
    std::size_t left_over = 0;
    auto produced = unchunk(in.data(), in.size(), left_over);
    if (!produced) return produced.error();
    consumed -= left_over;
    piece = piece.substr(0, *produced);
  } else if (head_.framing == Framing::length) {
    consumed = static_cast<std::size_t>(std::min<std::uint64_t>(left_, consumed));
    piece = piece.substr(0, consumed);
    left_ -= consumed;
    body_done_ = left_ == 0;
  }
  in.consume(consumed);
  return piece;
}

/// No bytes are left: either the pipe is still open, or its end is the body's end, or the body was cut.
Result<void> Connection::on_end() {
  if (!link_->read_error()) return {};
  if (head_.framing != Framing::until_close || !link_->at_end()) return lost("in the middle of the reply");
  body_done_ = true;
  return {};
}

/// True when the whole rest of the body stands at the front of the buffer, gathered_ bytes of it.
Result<bool> Connection::gather(std::size_t cap) {
  auto& in = link_->in;
  if (body_done_) return true;
  if (head_.framing == Framing::length) {
    gathered_ = static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size()));
    body_done_ = gathered_ == left_;
  } else if (head_.framing == Framing::chunked) {
    if (auto decoded = gather_chunks(); !decoded) return decoded.error();
  } else {
    gathered_ = in.size();
  }
  if (gathered_ > cap || left_ > cap)
    return failure(Errc::bad_gateway, home_.name, ": the reply is larger than ", std::to_string(cap),
                   " bytes");
  if (!body_done_) {
    if (auto end = on_end(); !end) return end.error();
  }
  return body_done_;
}

Result<void> Connection::gather_chunks() {
  auto& in = link_->in;
  std::size_t left_over = 0;
  auto produced = unchunk(in.data() + gathered_, in.size() - gathered_, left_over);
  if (!produced) return produced.error();
  gathered_ += *produced;
  // Bytes beyond the body stay, so that the connection counts as not reusable.
  if (left_over == 0) in.truncate(gathered_);
  return {};
}

/// Decodes chunks in place: moves their payload together to the front of `raw` and returns its size.
/// `left_over` bytes at the end of `raw` lie beyond the body.
Result<std::size_t> Connection::unchunk(char* raw, std::size_t size, std::size_t& left_over) {
  using Status = ChunkedDecoder::Status;
  std::string_view input(raw, size), data;
  std::size_t produced = 0;
  auto status = chunks_.next(input, data);
  for (; status == Status::data; status = chunks_.next(input, data)) {
    std::memmove(raw + produced, data.data(), data.size());
    produced += data.size();
  }
  if (status == Status::malformed)
    return failure(Errc::api_connection, home_.name, " sent a body with broken chunks");
  body_done_ = status == Status::done;
  left_over = input.size();
  return produced;
}

std::string_view Connection::take_whole() noexcept {
  std::string_view body(link_->in.data(), gathered_);
  link_->in.consume(gathered_);
  left_ = 0;
  gathered_ = 0;
  return body;
}

} // namespace switchyard::http::upstream
