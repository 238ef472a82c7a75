// Server: makes shards, edges and listeners, runs one thread per shard, drains them. All members are touched
// by main's thread only, except through posts to a shard.
#include "http/access/authenticate.hpp"
#include "http/access/jwt_settings.hpp"
#include "http/cpus.hpp"
#include "http/gateway_server.hpp"
#include "http/listener.hpp"
#include "http/media_fetch.hpp"
#include "http/tls_server.hpp"
#include "http/upstream_options.hpp"

#include <switchyard/server.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <atomic>
#include <future>
#include <pthread.h>
#include <random>
#include <string>
#include <thread>

namespace switchyard::http {
namespace {

/// Without --host an open server (no master key) is for this machine only.
std::string host_of(const Config& config) {
  bool open = config.general.master_key.empty() && !config.server.host_given;
  return open ? "127.0.0.1" : config.server.host;
}

EdgeOptions edge_options(const ServerSettings& settings) {
  EdgeOptions options;
  options.max_head_bytes = settings.max_head_bytes;
  options.idle_timeout = Millis{static_cast<std::int64_t>(settings.keepalive_timeout * 1000)};
  return options;
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

class GatewayServer final : public Server {
 public:
  GatewayServer(ConfigPtr config, HandlerFactory factory);
  ~GatewayServer() override { join(); }

  std::vector<asio::io_context*> contexts() override;
  Result<std::uint16_t> bind() override;
  void start(RoutingPtr routing, std::function<void(std::size_t)> attach,
             std::function<void()> detach) override;
  void use(ServingPlanePtr plane) override;
  void publish(IdentityDelta delta, std::function<void()> done) override;
  void publish(RoutingPtr routing) override;
  Result<void> reload_certificate() override;
  void drain(Millis limit) override;
  void join() override;

 private:
  Result<std::shared_ptr<const TlsContext>> load_certificate() const;
  void make_edges(std::shared_ptr<const TlsContext> tls);
  std::vector<Listener*> listeners_of(std::size_t shard) const;
  Result<std::uint16_t> listen_at(std::vector<tcp::endpoint> addresses);

  ConfigPtr config_;
  HandlerFactory factory_;
  SystemClock clock_;
  ProcessLimits limits_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::unique_ptr<Edge>> edges_;
  std::vector<std::unique_ptr<Listener>> listeners_; ///< one per shard and address
  std::vector<asio::executor_work_guard<exec_t>> guards_;
  std::vector<std::thread> threads_;
  bool drained_ = false;
};

GatewayServer::GatewayServer(ConfigPtr config, HandlerFactory factory)
    : config_(std::move(config)), factory_(std::move(factory)) {
  auto& settings = config_->server;
  limits_.max_buffered_bytes = settings.max_buffered_bytes;
  limits_.max_connections = settings.max_connections;
  auto count = static_cast<std::size_t>(settings.num_workers > 0 ? settings.num_workers : usable_cpus());
  for (std::size_t number = 0; number < count; ++number)
    shards_.push_back(std::make_unique<Shard>(number, clock_, limits_, random_seed()));
}

std::vector<asio::io_context*> GatewayServer::contexts() {
  std::vector<asio::io_context*> contexts;
  for (auto& shard : shards_) contexts.push_back(&shard->context);
  return contexts;
}

void GatewayServer::make_edges(std::shared_ptr<const TlsContext> tls) {
  std::vector<Shard*> shards;
  for (auto& shard : shards_) shards.push_back(shard.get());
  for (auto& shard : shards_) {
    shard->client = std::make_unique<upstream::Client>(*shard, upstream_options(*config_));
    make_guarded_client(*shard, upstream_options(*config_));
    edges_.push_back(std::make_unique<Edge>(*shard, edge_options(config_->server), tls));
    edges_.back()->handler = factory_(*shard, shards, limits_);
  }
}

/// Null without TLS.
Result<std::shared_ptr<const TlsContext>> GatewayServer::load_certificate() const {
  auto& settings = config_->server;
  if (settings.ssl_certfile_path.empty() && settings.ssl_keyfile_path.empty())
    return std::shared_ptr<const TlsContext>();
  return TlsContext::load(settings.ssl_certfile_path, settings.ssl_keyfile_path);
}

/// They do not change while shards run.
std::vector<Listener*> GatewayServer::listeners_of(std::size_t shard) const {
  std::vector<Listener*> out;
  for (std::size_t at = shard; at < listeners_.size(); at += edges_.size())
    out.push_back(listeners_[at].get());
  return out;
}

/// Every shard at every address, with one port for all of them.
Result<std::uint16_t> GatewayServer::listen_at(std::vector<tcp::endpoint> addresses) {
  std::uint16_t port = addresses.front().port();
  for (auto& address : addresses) {
    address.port(port);
    if (auto free = probe_address(address); !free) return free.error();
    for (auto& edge : edges_) {
      auto& listener = listeners_.emplace_back(std::make_unique<Listener>(*edge, edges_));
      if (auto bound = listener->bind(address); !bound) return bound.error();
    }
    port = address.port();
  }
  return port;
}

Result<std::uint16_t> GatewayServer::bind() {
  auto tls = load_certificate();
  if (!tls) return tls.error();
  if (auto usable = check_upstream_settings(*config_); !usable) return usable.error();
  if (auto usable = access::check_token_settings(access::plane_of(*config_)); !usable) return usable.error();
  auto addresses = listen_addresses(host_of(*config_), config_->server.port);
  if (!addresses) return addresses.error();
  make_edges(std::move(*tls));
  return listen_at(std::move(*addresses));
}

Result<void> GatewayServer::reload_certificate() {
  auto tls = load_certificate();
  if (!tls) return tls.error();
  if (!*tls) return {};
  for (auto& edge : edges_)
    asio::post(edge->shard.context, [edge = edge.get(), tls = *tls] { edge->use_certificate(tls); });
  return {};
}

void GatewayServer::start(RoutingPtr routing, std::function<void(std::size_t)> attach,
                          std::function<void()> detach) {
  for (auto& shard : shards_) {
    shard->routing = routing;
    guards_.push_back(asio::make_work_guard(shard->context));
    asio::post(shard->context,
               [this, number = shard->number, handler = edges_[shard->number]->handler.get()] {
                 for (auto* listener : listeners_of(number)) listener->start();
                 handler->routing_changed();
               });
  }
  for (auto& shard : shards_)
    threads_.emplace_back([shard = shard.get(), attach, detach] {
      pthread_setname_np(pthread_self(), ("shard-" + std::to_string(shard->number)).c_str());
      attach(shard->number);
      shard->context.run();
      detach();
    });
}

void GatewayServer::use(ServingPlanePtr plane) {
  for (auto& shard : shards_) {
    shard->plane = plane;
    if (plane && plane->open_journal) shard->journal = plane->open_journal(shard->number);
  }
}

void GatewayServer::publish(IdentityDelta delta, std::function<void()> done) {
  auto left = std::make_shared<std::atomic<std::size_t>>(shards_.size());
  for (auto& shard : shards_)
    asio::post(shard->context, [shard = shard.get(), delta, done, left] {
      access::apply(*shard, delta);
      if (left->fetch_sub(1, std::memory_order_acq_rel) == 1 && done) done();
    });
}

void GatewayServer::publish(RoutingPtr routing) {
  for (auto& edge : edges_)
    asio::post(edge->shard.context, [edge = edge.get(), routing] {
      edge->shard.routing = routing;
      edge->handler->routing_changed();
    });
}

void GatewayServer::drain(Millis limit) {
  if (std::exchange(drained_, true) || threads_.empty()) return;
  std::vector<std::future<void>> empty;
  for (auto& edge : edges_) {
    auto sessions = std::make_shared<std::promise<void>>(), others = std::make_shared<std::promise<void>>();
    empty.push_back(sessions->get_future()), empty.push_back(others->get_future());
    asio::post(edge->shard.context, [this, edge = edge.get(), sessions, others] {
      for (auto* listener : listeners_of(edge->shard.number)) listener->stop();
      edge->handler->stop([others] { others->set_value(); });
      edge->drain([sessions] { sessions->set_value(); });
    });
  }
  auto until = std::chrono::steady_clock::now() + limit;
  for (auto& shard_empty : empty) shard_empty.wait_until(until);
  for (auto& edge : edges_) asio::post(edge->shard.context, [edge = edge.get()] { edge->stop_sessions(); });
  for (auto& shard_empty : empty) shard_empty.wait();
  for (auto& shard : shards_)
    asio::post(shard->context, [shard = shard.get()] {
      shard->client->shut_down();
      shard->guarded->shut_down();
    });
}

void GatewayServer::join() {
  drain(Millis{0});
  guards_.clear();
  for (auto& shard : shards_)
    if (!threads_.empty()) asio::post(shard->context, [shard = shard.get()] { shard->context.stop(); });
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  // Both may hold actor handles, and the actor system ends before the shards do.
  for (auto& edge : edges_) edge->handler.reset();
  for (auto& shard : shards_) shard->routing.reset(), shard->journal.reset(), shard->plane.reset();
}

} // namespace

std::unique_ptr<Server> make_server(ConfigPtr config, HandlerFactory factory) {
  return std::make_unique<GatewayServer>(std::move(config), std::move(factory));
}

} // namespace switchyard::http
