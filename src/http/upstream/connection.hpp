// One HTTP/1.1 connection to an upstream and the exchange that runs on it. Lives on a shard; owned by the
// pool while idle and by a Reply while used. One request at a time.
#pragma once

#include "http/chunked.hpp"
#include "http/deadline.hpp"
#include "http/upstream/client.hpp"
#include "http/upstream/link.hpp"
#include "http/upstream/pool.hpp"
#include "http/upstream/race.hpp"
#include "http/upstream/reply_head.hpp"

#include <memory>
#include <optional>
#include <string>

namespace switchyard::http::upstream {

class Connection {
 public:
  explicit Connection(Pool& home);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// DNS, connect, proxy tunnel and TLS, all under the connect time-out.
  aw<Result<void>> connect(const Request& request, CancelScope& cancel);
  /// Writes the request and waits for the final head.
  aw<Result<void>> exchange(const Request& request, CancelScope& cancel, Instant started, bool reused);
  Soon<Result<std::string_view>> read(CancelScope& cancel);
  Soon<Result<std::string_view>> read_all(std::size_t cap, CancelScope& cancel);

  // raw.cpp: after a 101
  aw<Result<std::string_view>> read_raw();
  aw<bool> write_raw(std::string_view bytes, Millis limit);
  void wake_reader() noexcept;
  void stop() noexcept;

  /// The exchange failed without a byte of a reply, for a reason that a fresh connection may cure.
  bool failed_unanswered() const noexcept;
  /// The exchange is over: the connection may carry another one.
  bool reusable() const noexcept;
  /// Becomes idle: the pending read then only tells when the upstream closes.
  void rest();
  Instant resting_since() const noexcept { return resting_since_; }

  void expires_at(Instant deadline) noexcept { total_deadline_ = deadline; }
  const ReplyHead& head() const noexcept { return head_; }
  const Timings& timings() const noexcept { return timings_; }
  Pool& home() noexcept { return home_; }

 private:
  enum class Phase : std::uint8_t { none, connect, first_byte, idle, total };
  /// For the time of one operation: what may interrupt it.
  class Watch {
   public:
    Watch(Connection& connection, CancelScope& cancel) noexcept;
    ~Watch();

   private:
    Connection& connection_;
    CancelScope::Waiter waiter_;
  };

  // connect.cpp
  aw<Result<Names::AddressesPtr>> resolve(const std::string& host);
  aw<Result<void>> dial(const std::string& host, std::uint16_t port);
  aw<Result<void>> tunnel();
  aw<Result<void>> secure(const std::string& host, const std::string& name, TlsSession& session);

  // connection.cpp: interruption
  void arm(Phase phase, Millis limit);
  void interrupt() noexcept;
  /// The error of a cancelled or expired operation; none while it may go on.
  std::optional<Error> stopped() const;
  Error timed_out() const;
  Error lost(std::string_view when) const;

  // connection.cpp: request and head
  void send(const Request& request);
  /// The final head, if that is settled; else a read is pending.
  std::optional<Result<void>> head_at_hand();
  void note_progress();
  Result<bool> take_head();
  void start_body() noexcept;
  void start_pipe();

  // body.cpp
  aw<Result<std::string_view>> wait_for_piece(CancelScope& cancel);
  aw<Result<std::string_view>> wait_for_all(std::size_t cap, CancelScope& cancel);
  /// What is at hand, if that settles the question; else a read is pending.
  std::optional<Result<std::string_view>> piece_at_hand();
  std::optional<Result<std::string_view>> all_at_hand(std::size_t cap);
  Result<std::string_view> next_piece();
  std::string_view take_whole() noexcept;
  Result<bool> gather(std::size_t cap);
  Result<void> gather_chunks();
  Result<std::size_t> unchunk(char* raw, std::size_t size, std::size_t& left_over);
  Result<void> on_end();
  /// Starts a read into the buffer, grown towards `wanted` bytes.
  Result<void> want_more(std::size_t wanted);

  Pool& home_;
  Signal::Ptr signal_;
  Signal::Ptr written_; ///< of a pipe: who waits for the end of a write
  Deadline deadline_;
  Link::Ptr link_;
  Race::Ptr race_;
  CancelScope* cancel_ = nullptr;
  Millis limit_{};
  Instant total_deadline_ = Instant::max();
  Millis idle_limit_{};
  Phase phase_ = Phase::none, expired_ = Phase::none;

  std::string head_bytes_;
  ReplyHead head_;
  std::size_t scanned_ = 0;
  std::uint64_t received_before_ = 0;
  int interim_replies_ = 0;
  bool to_head_ = false, may_upgrade_ = false, woken_ = false;

  ChunkedDecoder chunks_;
  std::uint64_t left_ = 0;   ///< of a body with a length
  std::size_t gathered_ = 0; ///< decoded body bytes at the front of the buffer, for read_all
  bool body_done_ = false, head_taken_ = false;
  Timings timings_;
  Instant resting_since_{};
};

} // namespace switchyard::http::upstream
