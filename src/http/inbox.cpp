// Inbox: see inbox.hpp. The pending read is a plain completion handler; only more() and settle() suspend.
#include "http/inbox.hpp"

#include <boost/asio/async_result.hpp>

#include <algorithm>
#include <cstring>

namespace switchyard::http {
namespace {

constexpr std::size_t k_padding = 64; // a body may be parsed in place, and simdjson reads past its end
constexpr std::size_t k_capacity =
    3 * 1024 - k_padding;                      // a size of the allocator: every connection holds one
constexpr std::size_t k_oversized = 32 * 1024; // after one big head: shrinks with the next request

} // namespace

Inbox::Inbox(Transport& transport, OnEnd on_end, void* argument)
    : transport_(transport), on_end_(on_end), argument_(argument) {
  reallocate(k_capacity);
}

void Inbox::start(std::span<char> into) {
  pending_ = true;
  transport_.start_read(asio::buffer(into.data(), into.size()), *this);
}

void Inbox::watch() {
  if (!pending_ && !error_ && room() > 0) start({data_.get() + end_, room()});
}

void Inbox::on_read(error_code ec, std::size_t n) {
  pending_ = false;
  received_ += n;
  if (std::exchange(direct_, false))
    direct_read_ = n;
  else
    end_ += n;
  if (ec) error_ = ec;
  // Whoever is called last may end the session, and this object with it.
  if (waiter_) return wake();
  if (error_) return on_end_(argument_);
  watch();
}

void Inbox::wake() {
  auto resume = std::move(*waiter_);
  waiter_.reset();
  std::move(resume)();
}

void Inbox::interrupt() {
  if (waiter_) wake();
}

aw<> Inbox::wait() {
  return asio::async_initiate<const asio::use_awaitable_t<exec_t>, void()>(
      [this](auto handler) { waiter_.emplace(std::move(handler)); }, use_aw);
}

/// Not a coroutine: the wait is all that needs a frame.
aw<> Inbox::more(std::span<char> direct) {
  direct_read_ = 0;
  if (!pending_) {
    direct_ = !direct.empty();
    start(direct_ ? direct : std::span<char>{data_.get() + end_, room()});
  }
  return wait();
}

aw<> Inbox::settle() {
  while (pending_) co_await wait();
}

void Inbox::make_room(std::size_t room_wanted) {
  if (pending_ || room() >= room_wanted) return;
  if (begin_ > floor_) {
    auto size = end_ - begin_;
    std::memmove(data_.get() + floor_, data_.get() + begin_, size);
    begin_ = floor_;
    end_ = begin_ + size;
  }
  if (floor_ != 0) return;
  bool oversized = capacity_ > k_oversized && end_ + room_wanted <= k_capacity;
  if (room() < room_wanted)
    reallocate(end_ + room_wanted);
  else if (oversized)
    reallocate(k_capacity);
}

void Inbox::reallocate(std::size_t capacity) {
  std::unique_ptr<char[]> moved(new char[capacity + k_padding]);
  if (end_ != 0) std::memcpy(moved.get(), data_.get(), end_);
  data_ = std::move(moved);
  capacity_ = capacity;
}

} // namespace switchyard::http
