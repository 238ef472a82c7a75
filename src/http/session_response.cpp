// Session: responses. Heads from prebuilt parts, one gather write per answer, tried at once before waiting.
// Runs on one shard.
#include "http/session.hpp"
#include "http/shard_stats.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace switchyard::http {
namespace {

// After so much work without waiting the other connections of the shard get their turn.
constexpr std::uint32_t k_inline_writes = 16;
constexpr std::size_t k_inline_bytes = 256 * 1024;

std::size_t total(Slices slices) {
  std::size_t size = 0;
  for (auto slice : slices) size += slice.size();
  return size;
}

} // namespace

bool Session::bodiless(int status) const noexcept {
  return head.method == "HEAD" || status == 204 || status == 304;
}

void Session::begin_head(int status, std::string_view headers) {
  responded = true;
  keep_ = keep_ && head.keep_alive && !edge_.shard.draining && !body_on_wire() && !cancel.cancelled();
  edge_.shard.stats->responses[static_cast<std::size_t>(status) / 100 % 6].add();
  out_.clear();
  append_status_line(out_, status);
  out_.append(edge_.date.at(edge_.shard.clock.wall()));
  if (!keep_)
    out_.append("Connection: close\r\n");
  else if (head.http_1_0)
    out_.append("Connection: keep-alive\r\n");
  out_.append(headers);
  out_.append(extra_headers);
}

void Session::append_parts(Slices slices) {
  for (auto slice : slices)
    if (!slice.empty()) parts_.push_back(asio::buffer(slice));
}

Soon<bool> Session::respond(int status, std::string_view headers, Slices body) {
  if (responded || stream_ != Stream::none) return false;
  begin_head(status, headers);
  if (status != 204 && status != 304) append_content_length(out_, total(body));
  out_.append("\r\n");
  parts_.assign(1, asio::buffer(out_));
  if (!bodiless(status)) append_parts(body);
  return flush();
}

void Session::start_stream(int status, std::string_view headers) {
  if (responded || stream_ != Stream::none) return;
  if (head.http_1_0) head.keep_alive = false; // the end of the connection is the end of the body
  begin_head(status, headers);
  if (!head.http_1_0 && status != 204 && status != 304) out_.append("Transfer-Encoding: chunked\r\n");
  out_.append("\r\n");
  stream_ = bodiless(status) ? Stream::head_only : Stream::head_pending;
}

Soon<bool> Session::write(Slices data) {
  if (broken_ || cancel.reason() == CancelReason::client_gone) return false;
  if (stream_ == Stream::none || stream_ == Stream::done) return false;
  if (stream_ == Stream::head_only) return true;
  if (stream_ == Stream::raw) {
    parts_.clear();
    append_parts(data);
    return flush();
  }
  auto size = total(data);
  bool head_first = std::exchange(stream_, Stream::open) == Stream::head_pending;
  if (size == 0 && !head_first) return true;
  if (!head_first) out_.clear();
  bool framed = size != 0 && !head.http_1_0;
  if (framed) append_chunk_size(out_, size);
  parts_.clear();
  if (!out_.empty()) parts_.push_back(asio::buffer(out_));
  append_parts(data);
  constexpr std::string_view k_end_of_chunk = "\r\n";
  if (framed) parts_.push_back(asio::buffer(k_end_of_chunk));
  return flush();
}

Soon<bool> Session::finish(bool abort) {
  if (broken_ || stream_ == Stream::none || stream_ == Stream::done) return false;
  auto was = std::exchange(stream_, Stream::done);
  if (abort) {
    abort_connection();
    return false;
  }
  if (was == Stream::raw) return true;
  if (was == Stream::open) out_.clear();
  if (!head.http_1_0 && was != Stream::head_only) out_.append("0\r\n\r\n");
  if (out_.empty()) return true;
  parts_.assign(1, asio::buffer(out_));
  return flush();
}

/// What is held precedes the cut.
void Session::abort_connection() {
  outbox_.push();
  transport_->abort();
  broken_ = true;
}

/// Small writes on a connection that goes on wait for the end of the turn; all others go behind them at once.
Soon<bool> Session::flush() {
  if (broken_) return false;
  if (keep_ && inline_writes_ + 1 < k_inline_writes && outbox_.hold(parts_)) {
    ++inline_writes_; // only what was held: flush_now() counts its own
    return !broken_;
  }
  outbox_.push();
  if (outbox_.busy()) return flush_behind();
  if (flush_now()) return !broken_;
  return flush_rest();
}

void Session::on_sent(void* argument, error_code ec, std::size_t n) {
  auto& self = *static_cast<Session*>(argument);
  self.edge_.shard.stats->bytes_out.add(n);
  if (!ec) return;
  self.broken_ = true;
  self.client_gone();
  if (!self.exchange_open_) self.transport_->close(); // else nobody notices until the next request
}

aw<bool> Session::flush_behind() {
  co_await empty_outbox();
  if (!flush_now()) co_await flush_rest();
  co_return !broken_;
}

aw<> Session::empty_outbox() {
  outbox_.push();
  if (!outbox_.busy()) co_return;
  while (outbox_.busy()) {
    wait_in(Phase::write, edge_.options.write_timeout);
    co_await outbox_.progress();
  }
  resume_handler();
}

/// True when nothing is left to wait for: all is written and no pause is due, or the connection is broken.
bool Session::flush_now() {
  first_part_ = 0;
  if (broken_) return true;
  auto written = transport_->try_write(parts_);
  if (written.ec) return broken_ = true;
  inline_bytes_ += written.n;
  edge_.shard.stats->bytes_out.add(written.n);
  consume_parts(written.n);
  return first_part_ == parts_.size() && ++inline_writes_ < k_inline_writes && inline_bytes_ < k_inline_bytes;
}

aw<bool> Session::flush_rest() {
  inline_writes_ = 0;
  inline_bytes_ = 0;
  if (first_part_ == parts_.size()) {
    co_await asio::post(edge_.shard.executor(), use_aw);
    co_return true;
  }
  while (first_part_ < parts_.size()) {
    wait_in(Phase::write, edge_.options.write_timeout);
    WriteParts rest{parts_.data() + first_part_, parts_.size() - first_part_};
    auto written = co_await transport_->write_some(rest);
    if (written.ec) {
      broken_ = true;
      break;
    }
    edge_.shard.stats->bytes_out.add(written.n);
    consume_parts(written.n);
  }
  resume_handler();
  if (broken_) client_gone();
  co_return !broken_;
}

void Session::consume_parts(std::size_t n) {
  while (first_part_ < parts_.size() && n >= parts_[first_part_].size()) n -= parts_[first_part_++].size();
  if (n != 0) parts_[first_part_] += n;
}

} // namespace switchyard::http
