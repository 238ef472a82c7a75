// Outbox: see outbox.hpp. Its writes are plain completion handlers; only progress() suspends.
#include "http/outbox.hpp"

#include <boost/asio/async_result.hpp>

#include <utility>

namespace switchyard::http {
namespace {

constexpr std::size_t k_small = 4 * 1024;
constexpr std::size_t k_capacity = 16 * 1024; // many small ones, from pipelined requests

} // namespace

bool Outbox::hold(WriteParts parts) {
  auto size = asio::buffer_size(parts);
  if (size > k_small || bytes_.size() + size > k_capacity) return false;
  if (pending_ || !transport_.can_delay() || !batch_.collecting()) return false;
  if (bytes_.empty()) bytes_ = batch_.take_buffer();
  for (auto& part : parts) bytes_.append(static_cast<const char*>(part.data()), part.size());
  batch_.add(*this);
  return true;
}

void Outbox::write_now() {
  if (pending_ || bytes_.empty()) return;
  const asio::const_buffer piece = asio::buffer(bytes_.data() + at_, bytes_.size() - at_);
  const auto written = transport_.try_write(WriteParts(&piece, 1));
  sent(written.ec, written.n);
}

void Outbox::on_written(error_code ec, std::size_t n) {
  pending_ = false;
  sent(ec, n);
  if (!waiter_) return;
  auto resume = std::move(*waiter_);
  waiter_.reset();
  std::move(resume)();
}

void Outbox::sent(error_code ec, std::size_t n) {
  at_ += n;
  if (!ec && at_ < bytes_.size()) {
    pending_ = true;
    transport_.start_write(asio::buffer(bytes_.data() + at_, bytes_.size() - at_), *this);
  } else {
    batch_.give_back(std::exchange(bytes_, {}));
    at_ = 0;
  }
  done_(argument_, ec, n);
}

aw<> Outbox::progress() {
  return asio::async_initiate<const asio::use_awaitable_t<exec_t>, void()>(
      [this](auto handler) { waiter_.emplace(std::move(handler)); }, use_aw);
}

aw<> Outbox::settle() {
  while (pending_) co_await progress();
}

} // namespace switchyard::http
