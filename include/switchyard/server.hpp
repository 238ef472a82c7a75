// The HTTP side as main sees it: shards, listeners, snapshot swap and drain. Start and stop order is main's.
#pragma once

#include <switchyard/aio.hpp>
#include <switchyard/config.hpp>
#include <switchyard/error.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/serving.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace switchyard::http {

/// The management routes join the route table. Once, before the shards start.
void install_management_routes(std::span<const management::Route> routes);

/// GET of an http or https URL, as upstreams are called (trust store, proxies); answers up to 16 MB. Blocks:
/// for main's and the store's threads, never on a shard.
Result<std::string> download(const Config& config, const std::string& url, Millis limit);
/// The same as a POST of JSON. Any status but 200 is an error.
Result<std::string> post(const Config& config, const std::string& url, std::string body, Millis limit);

class Server {
 public:
  /// Makes the shards (num_workers, or the CPUs that the cgroup allows); no thread runs yet. The contexts
  /// live as long as the Server, so that the actor system can be taken down before them.
  static std::unique_ptr<Server> create(ConfigPtr config);
  virtual ~Server() = default;

  virtual std::vector<asio::io_context*> contexts() = 0;
  /// Binds (a busy port is an error that says so) and returns the port. Does not accept yet.
  virtual Result<std::uint16_t> bind() = 0;
  /// Starts one thread per shard; each calls `attach(shard)` first and `detach()` last. Accepting starts
  /// here.
  virtual void start(RoutingPtr routing, std::function<void(std::size_t)> attach,
                     std::function<void()> detach) = 0;
  /// Keys, budgets and spend: before start(), or never.
  virtual void use(ServingPlanePtr plane) = 0;
  /// Gives every shard the records; `done` runs on the last one to have them. Any thread.
  virtual void publish(IdentityDelta delta, std::function<void()> done) = 0;
  /// Publishes a new routing snapshot to every shard; running requests keep the old one.
  virtual void publish(RoutingPtr routing) = 0;
  /// Reads the certificate and its key again, for connections from now on; files that cannot be used change
  /// nothing. Nothing to do without TLS.
  virtual Result<void> reload_certificate() = 0;
  /// Stops accepting, closes idle connections, waits for running requests up to `limit`, then cancels the
  /// rest and waits for them too (they finish promptly). Called from main's thread; shards run on.
  virtual void drain(Millis limit) = 0;
  /// Stops and joins the shard threads.
  virtual void join() = 0;
};

} // namespace switchyard::http
