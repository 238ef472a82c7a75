// The one place that names Asio's defaults: executor, awaitable and I/O types of a shard.
// Everything here belongs to one shard (one thread, one io_context); nothing is shared.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace switchyard {

namespace asio = boost::asio;
using exec_t = asio::io_context::executor_type;
template <class T = void>
using aw = asio::awaitable<T, exec_t>;
inline constexpr asio::use_awaitable_t<exec_t> use_aw{};
/// Network errors as values: `auto [ec, n] = co_await socket.async_read_some(buffer, tuple_aw);`
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<exec_t>> tuple_aw{use_aw};

using tcp = asio::ip::tcp;
using tcp_socket = asio::basic_stream_socket<tcp, exec_t>;
using tcp_acceptor = asio::basic_socket_acceptor<tcp, exec_t>;
using steady_timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                                asio::wait_traits<std::chrono::steady_clock>, exec_t>;
using error_code = boost::system::error_code;

/// The result of an operation that usually does not have to wait: it is there, or comes from `later`. Spares
/// the hot path a coroutine frame per step:
///   auto sent = exchange.write(data);
///   if (!sent.now) sent.now = co_await std::move(sent.later);
template <class T>
struct Soon {
  Soon(T value) : now(std::move(value)) {}
  Soon(aw<T> rest) : later(std::move(rest)) {}
  std::optional<T> now;
  aw<T> later;
};

/// For callers that do not count frames: `auto body = co_await settled(exchange.read_body(cap));`
template <class T>
aw<T> settled(Soon<T> soon) {
  if (!soon.now) soon.now = co_await std::move(soon.later);
  co_return *std::move(soon.now);
}

} // namespace switchyard
