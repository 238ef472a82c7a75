// The staggered connection attempts. Lives on a shard.
#include "http/upstream/race.hpp"

namespace switchyard::http::upstream {
namespace {

constexpr Millis k_step{250};

} // namespace

struct Race::Connected {
  Ptr race;
  tcp_socket* socket;
  void operator()(error_code ec) const { race->on_connected(*socket, ec); }
};

Race::Race(Shard& shard, std::shared_ptr<const Addresses> addresses, std::uint16_t port, Signal::Ptr signal)
    : shard_(shard), addresses_(std::move(addresses)), port_(port), signal_(std::move(signal)),
      step_(
          shard.deadlines, [](void* self) { static_cast<Race*>(self)->try_next(); }, this) {}

void Race::try_next() {
  if (next_ == addresses_->size()) return;
  tcp::endpoint endpoint((*addresses_)[next_++], port_);
  auto& socket = attempts_.emplace_back(shard_.executor());
  ++open_;
  socket.async_connect(endpoint, Connected{Ptr(this), &socket});
  if (next_ < addresses_->size()) step_.expires_in(k_step);
}

void Race::on_connected(tcp_socket& socket, error_code ec) {
  --open_;
  if (stopped_) return;
  if (!ec) {
    winner_.emplace(std::move(socket));
    stop();
  } else {
    error_ = ec;
    socket.close(ec);
    try_next();
  }
  if (ended()) signal_->notify();
}

void Race::stop() noexcept {
  stopped_ = true;
  step_.disarm();
  error_code ignored;
  for (auto& socket : attempts_) socket.close(ignored);
}

} // namespace switchyard::http::upstream
