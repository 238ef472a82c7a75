// Connects to the first of several addresses that answers: tried in order, the next one after 250 ms or on
// failure. Lives on a shard; counted, because attempts may complete after the caller gave up.
#pragma once

#include "http/shard.hpp"
#include "http/upstream/resolver.hpp"
#include "http/upstream/signal.hpp"

#include <deque>
#include <optional>

namespace switchyard::http::upstream {

class Race final : public boost::intrusive_ref_counter<Race, boost::thread_unsafe_counter> {
 public:
  using Ptr = boost::intrusive_ptr<Race>;

  Race(Shard& shard, std::shared_ptr<const Addresses> addresses, std::uint16_t port, Signal::Ptr signal);

  /// Starts; `signal` hears of the end.
  void start() { try_next(); }
  /// Closes what is still open. Must be called before the shard's deadlines go.
  void stop() noexcept;
  bool ended() const noexcept { return winner_ || (open_ == 0 && next_ == addresses_->size()); }
  std::optional<tcp_socket>& winner() noexcept { return winner_; }
  error_code error() const noexcept { return error_; }

 private:
  struct Connected;
  void try_next();
  void on_connected(tcp_socket& socket, error_code ec);

  Shard& shard_;
  std::shared_ptr<const Addresses> addresses_;
  std::uint16_t port_;
  Signal::Ptr signal_;
  Deadline step_;
  std::deque<tcp_socket> attempts_;
  std::optional<tcp_socket> winner_;
  std::size_t next_ = 0, open_ = 0;
  error_code error_;
  bool stopped_ = false;
};

} // namespace switchyard::http::upstream
