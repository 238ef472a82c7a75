// What all client sessions of one shard share: options, the handler, the Date line, the list of open sessions
// and their drain. Lives on the shard; built before its thread starts.
#pragma once

#include "http/exchange.hpp"
#include "http/response_head.hpp"
#include "http/shard.hpp"
#include "http/transport.hpp"

#include <boost/intrusive/list.hpp>

#include <functional>
#include <memory>

namespace switchyard::http {

class TlsContext;

struct EdgeOptions {
  std::size_t max_head_bytes = 64 * 1024;
  Millis head_timeout{15'000};
  Millis body_timeout{30'000}; ///< between two reads of a body
  Millis idle_timeout{75'000};
  Millis write_timeout{60'000}; ///< between two writes that made progress
  Millis linger_timeout{2'000};
};

/// A session in the list of its Edge.
class OpenSession
    : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual void drain() = 0; ///< closes now if idle; otherwise the running request is the last one
  virtual void stop() = 0;  ///< cancels the running request
 protected:
  ~OpenSession() = default;
};

class Edge {
 public:
  Edge(Shard& shard, EdgeOptions options, std::shared_ptr<const TlsContext> tls);
  ~Edge();

  Shard& shard;
  const EdgeOptions options;
  std::unique_ptr<RequestHandler> handler;
  DateLine date;

  /// Serves an accepted connection. The caller has counted it in Shard::sessions and ProcessLimits.
  void adopt(int fd, const tcp::endpoint& peer);
  /// `on_empty` runs on the shard when the last session is gone (at once if there is none).
  void drain(std::function<void()> on_empty);
  void stop_sessions();
  /// For connections from now on.
  void use_certificate(std::shared_ptr<const TlsContext> tls) { tls_ = std::move(tls); }

  void enter(OpenSession& session) { sessions_.push_back(session); }
  void left(); ///< a session is over and out of the list

 private:
  using Sessions = boost::intrusive::list<OpenSession, boost::intrusive::constant_time_size<false>>;
  std::shared_ptr<const TlsContext> tls_;
  Sessions sessions_;
  std::function<void()> on_empty_;
};

} // namespace switchyard::http
