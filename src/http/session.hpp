// One client connection: a coroutine that reads requests one after another, calls the handler for each and
// implements Exchange for it. Lives on one shard; no other thread touches it.
#pragma once

#include "http/body_buffer.hpp"
#include "http/edge.hpp"
#include "http/inbox.hpp"
#include "http/outbox.hpp"
#include "http/request_head.hpp"

#include <string>
#include <vector>

namespace switchyard::http {

/// Serves the connection until it ends; returns when nothing refers to it any more.
aw<> serve_connection(Edge& edge, std::unique_ptr<Transport> transport, std::string peer_ip);

class Session final : public Exchange, public OpenSession {
 public:
  Session(Edge& edge, std::unique_ptr<Transport> transport, std::string peer_ip);
  aw<> run();

  // OpenSession
  void drain() override;
  void stop() override;

  // Exchange
  Shard& shard() override { return edge_.shard; }
  Soon<Result<std::string_view>> read_body(std::size_t cap) override;
  Soon<bool> respond(int status, std::string_view headers, Slices body) override;
  void start_stream(int status, std::string_view headers) override;
  Soon<bool> write(Slices data) override;
  Soon<bool> finish(bool abort) override;
  Soon<bool> upgrade(std::string_view headers) override;
  aw<RawBytes> read_raw() override;
  void wake_reader() override { inbox_.interrupt(); }

 private:
  /// What the session waits for, and so what an expired deadline means.
  enum class Phase : std::uint8_t { open, idle, head, handler, body, write, linger };
  /// What the bytes at hand say about the next request.
  enum class Head : std::uint8_t { wanted, complete, refused, none };
  enum class Body : std::uint8_t { unread, reading, done, failed };
  enum class Stream : std::uint8_t { none, head_only, head_pending, open, raw, done };

  // session.cpp
  aw<> serve();
  Head look_for_head();
  bool head_arrived();
  bool over() const noexcept;
  void wait_for_head();
  void begin_exchange();
  void start_request();
  aw<bool> serve_request();
  void handler_threw(const char* what);
  void end_exchange();
  aw<> refuse(Error error);
  aw<> linger();
  void wait_in(Phase phase, Millis limit);
  void resume_handler();
  static void on_deadline(void* self);
  static void on_client_end(void* self);
  void client_gone();

  // session_body.cpp
  bool take_body_at_hand();
  aw<Result<std::string_view>> read_rest(std::size_t cap);
  Result<std::string_view> body_taken(std::size_t cap, Result<void> complete);
  aw<Result<void>> receive_body(std::size_t cap);
  aw<Result<void>> receive_sized();
  aw<Result<void>> receive_chunked(std::size_t cap);
  aw<Result<void>> wait_for_body(std::span<char> direct);
  aw<> send_continue();
  void keep_watching();
  Result<void> decode_body(std::size_t cap);
  bool body_on_wire() const noexcept;

  // session_raw.cpp
  RawBytes raw_at_hand();

  // session_response.cpp
  void begin_head(int status, std::string_view headers);
  bool bodiless(int status) const noexcept;
  void abort_connection();
  Soon<bool> flush();
  static void on_sent(void* self, error_code ec, std::size_t n);
  aw<bool> flush_behind();
  aw<> empty_outbox();
  bool flush_now();
  aw<bool> flush_rest();
  void consume_parts(std::size_t n);
  void append_parts(Slices slices);

  Edge& edge_;
  std::unique_ptr<Transport> transport_;
  const std::string peer_ip_;
  Deadline deadline_;
  Inbox inbox_;
  Outbox outbox_;
  HeadScanner scanner_;
  BodyBuffer body_;
  MemoryCharge decoded_charge_;
  std::string decoded_;
  std::string_view body_view_;
  std::unique_ptr<char[]> raw_; ///< where read_raw() reads to; not null: the connection has left HTTP
  std::string out_;             ///< the response head, or a chunk's framing
  std::vector<asio::const_buffer> parts_;
  std::size_t first_part_ = 0;
  std::uint64_t counted_in_ = 0;
  std::uint32_t inline_writes_ = 0;
  std::size_t inline_bytes_ = 0;
  Error refusal_{Errc::none}; ///< of the head
  Error body_error_;
  Phase phase_ = Phase::open;
  Body body_state_ = Body::unread;
  Stream stream_ = Stream::none;
  bool exchange_open_ = false;
  bool fresh_ = true;      ///< no request was served yet
  bool keep_ = true;       ///< the connection goes on after this response
  bool broken_ = false;    ///< nothing can be written any more
  bool timed_out_ = false; ///< the deadline ended the current wait
};

} // namespace switchyard::http
