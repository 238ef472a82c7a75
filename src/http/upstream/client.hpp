// The upstream HTTP/1.1 client of one shard: a pool per origin, TLS, DNS, proxies, time-outs. One request at
// a time per connection. Knows nothing of providers or JSON.
#pragma once

#include "http/cancel.hpp"
#include "http/exchange.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>
#include <switchyard/provider.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {
class Shard;
}

namespace switchyard::http::upstream {

class Connection;
class Resolver; ///< resolver.hpp

struct ClientOptions {
  bool verify = true;                            ///< ssl_verify
  std::string ca_file;                           ///< ssl_verify: path, SSL_CERT_FILE; empty = system store
  std::string client_certificate;                ///< ssl_certificate
  std::string http_proxy, https_proxy, no_proxy; ///< as in the environment
  std::size_t max_idle_per_origin = 1024;
  Millis idle_timeout{60'000}; ///< pooled connections; below what upstreams use
  Millis dns_ttl{30'000};
  std::size_t max_head_bytes = 256 * 1024;
  std::shared_ptr<Resolver> resolver; ///< shared by the process's shards; empty = one of the client's own
};

/// Loads the trust store and parses the proxies once, so that start-up can refuse what every request would.
Result<void> check(const ClientOptions& options);

struct Request {
  const Origin* origin = nullptr;
  std::string_view head;                  ///< complete head, Content-Length included
  std::span<const std::string_view> body; ///< slices; stay valid until the reply is done
  Millis connect_timeout{10'000};
  Millis first_byte_timeout{600'000}; ///< from the request's last byte to the reply's head
  Millis idle_timeout{600'000};       ///< between two reads of the body
  Instant deadline = Instant::max();  ///< of the whole exchange
  bool upgrade = false;    ///< 101 is a reply too: the connection is then a pipe, see Reply::read_raw()
  bool idempotent = false; ///< unused connection failures are retried anyway; this allows more later
};

struct Timings {
  Instant started{}, connected{}, sent{}, first_byte{};
  bool reused = false;
};

/// A reply whose head has arrived. Move-only. Its destructor returns the connection to the pool when the body
/// was read to its end and both sides keep alive, and closes it otherwise.
class Reply {
 public:
  Reply();
  explicit Reply(std::unique_ptr<Connection> connection);
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  int status() const noexcept;
  std::string_view raw_headers() const noexcept; ///< the header lines as received, without the status line
  std::string_view header(std::string_view name) const noexcept;
  std::optional<std::uint64_t> content_length() const noexcept;
  const Timings& timings() const noexcept;
  /// Moves the deadline of the whole exchange; counts from the next read that has to wait.
  void expires_at(Instant deadline) noexcept;

  /// Next decoded bytes of the body; empty = end. Valid until the next read. Errors: timeout, api_connection
  /// (reset, early close of a body with a length, bad chunking), cancelled.
  Soon<Result<std::string_view>> read(CancelScope& cancel);
  /// The whole body in one piece, under `cap` (bad_gateway beyond). Valid as long as the reply.
  Soon<Result<std::string_view>> read_all(std::size_t cap, CancelScope& cancel);

  // -- after a 101: one reader and one writer at a time, side by side

  /// The next bytes; empty = woken. An error is the end, also an orderly one.
  aw<Result<std::string_view>> read_raw();
  /// Complete before this returns (back-pressure). False = the upstream is gone, or took nothing for `limit`.
  aw<bool> write_raw(std::string_view bytes, Millis limit);
  /// Lets a waiting read_raw() return without bytes.
  void wake_reader() noexcept;
  /// Closes the connection: whoever reads or writes learns of it.
  void stop() noexcept;

 private:
  std::unique_ptr<Connection> connection_;
};

class Client {
 public:
  Client(Shard& shard, ClientOptions options);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends and waits for the final head (1xx skipped). A pooled connection that fails before any reply byte
  /// is retried once on a fresh one. Errors: timeout (reason in the message), api_connection, bad_gateway
  /// (malformed), cancelled.
  aw<Result<Reply>> send(const Request& request, CancelScope& cancel);

  /// Closes idle connections; running ones close when they are done.
  void shut_down();
  std::size_t idle_connections() const noexcept;
  std::uint64_t connects() const noexcept;

 private:
  struct Impl;
  friend class Reply;
  std::unique_ptr<Impl> impl_;
};

} // namespace switchyard::http::upstream
