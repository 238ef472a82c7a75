// One request and its response, as middleware and routes see them. Lives on one shard, owned by the session,
// which implements the transport. Routes never see sockets.
#pragma once

#include "http/cancel.hpp"
#include "http/header_list.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>
#include <switchyard/provider.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace switchyard::http {

class Shard;

/// A parsed request head. Views point into the session's buffer and live until the exchange ends.
struct RequestHead {
  std::string_view method, target;
  std::string_view path, query; ///< target split at '?'; path percent-encoded as received
  HeaderList headers;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool expect_continue = false;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;

  /// First value of a header, compared without case; empty when absent.
  std::string_view find(std::string_view name) const noexcept { return headers.find(name); }
  bool has(std::string_view name) const noexcept { return headers.line(name) != nullptr; }
  void clear() noexcept;
};

/// Bytes of a connection that has left HTTP. Nothing and not ended: the reader was woken.
struct RawBytes {
  std::string_view bytes; ///< valid until the next read
  bool ended = false;     ///< the client is gone
};

/// Body slices of a response, written by one gather write.
using Slices = std::span<const std::string_view>;

class Exchange {
 public:
  virtual ~Exchange() = default;

  RequestHead head;
  CancelScope cancel;  ///< cancelled when the client goes away or the server's drain ends
  std::string call_id; ///< set by the middleware; in every log line of the request
  std::string
      extra_headers; ///< "Name: value\r\n" lines that every response of this exchange carries (CORS, call id)
  std::string client_ip;
  Endpoint endpoint = Endpoint::k_count; ///< of the route, once it is known: which API's words errors are in
  Instant received{};                    ///< first byte of the head was there
  bool responded = false;                ///< a response head was written

  virtual Shard& shard() = 0;

  /// The whole body, Content-Encoding decoded, under `cap` bytes (413 beyond) and the process-wide memory cap
  /// (503). Sends 100-continue when asked for. Valid until the exchange ends; the second call returns the
  /// same view.
  virtual Soon<Result<std::string_view>> read_body(std::size_t cap) = 0;

  /// Writes a whole response: status line, Date, Connection (when needed), `headers` ("Name: value\r\n"
  /// lines), extra_headers, Content-Length and body in one gather write. HEAD gets no body. False = the
  /// client is gone.
  virtual Soon<bool> respond(int status, std::string_view headers, Slices body) = 0;

  /// A response of unknown length: chunked (close-delimited in 1.0). The head leaves with the first write().
  virtual void start_stream(int status, std::string_view headers) = 0;
  /// One chunk, complete before this returns (back-pressure). False = the client is gone.
  virtual Soon<bool> write(Slices data) = 0;
  /// Ends the stream; `abort` closes the connection instead, so that the client sees a truncated body.
  virtual Soon<bool> finish(bool abort = false) = 0;

  // -- a request that leaves HTTP (RFC 9110 7.8)

  /// Answers 101 with `headers`, Upgrade among them. From then on write() sends bytes as they are, read_raw()
  /// takes them, and finish() ends the connection. False = the client is gone, or cannot be switched.
  virtual Soon<bool> upgrade(std::string_view headers) {
    (void)headers;
    return false;
  }
  /// The next bytes of the client; one reader at a time, beside at most one write().
  virtual aw<RawBytes> read_raw() { co_return RawBytes{{}, true}; }
  /// Lets a waiting read_raw() return without bytes.
  virtual void wake_reader() {}
};

/// What the session calls for every request. Must answer (respond or stream) exactly once; an exception
/// becomes a 500.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;
  virtual aw<> handle(Exchange& exchange) = 0;

  // -- what it does besides requests, on the shard

  /// The shard has a routing snapshot: at the start and after a reload.
  virtual void routing_changed() {}
  /// Ends that work for good; `idle` runs when none is left.
  virtual void stop(std::function<void()> idle) { idle(); }
};

} // namespace switchyard::http
