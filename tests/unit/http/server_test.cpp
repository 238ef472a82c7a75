// The server with its threads: ports, hand-off, caps, routing snapshots, drain.
#include "blocking_client.hpp"
#include "http/cpus.hpp"
#include "http/gateway_server.hpp"
#include "http/listener.hpp"
#include "http/session.hpp"
#include "http/shard_stats.hpp"

#include <boost/asio/post.hpp>

#include <fcntl.h>
#include <future>
#include <sys/resource.h>
#include <thread>

namespace switchyard::http {
namespace {

using testing::BlockingClient;

constexpr std::string_view k_get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

struct Handler final : RequestHandler {
  explicit Handler(std::function<aw<>(Exchange&)>& chosen) : script(chosen) {}
  std::function<aw<>(Exchange&)>& script;
  aw<> handle(Exchange& exchange) override { return script(exchange); }
};

aw<> say(Exchange& exchange, std::string text) {
  const std::string_view slices[] = {text};
  co_await settled(exchange.respond(200, "", slices));
}

struct ServerTest : ::testing::Test {
  Config config;
  std::function<aw<>(Exchange&)> script = [](Exchange& exchange) {
    return say(exchange, "shard " + std::to_string(exchange.shard().number) + ".");
  };
  std::vector<Shard*> shards;
  ProcessLimits* limits = nullptr;
  std::unique_ptr<Server> server;
  std::uint16_t port = 0;

  ServerTest() {
    config.server.host = "127.0.0.1";
    config.server.host_given = true;
    config.server.port = 0;
    config.server.num_workers = 2;
  }
  void make() {
    server = make_server(std::make_shared<Config>(config),
                         [this](Shard&, const std::vector<Shard*>& all, ProcessLimits& process) {
                           shards = all;
                           limits = &process;
                           return std::make_unique<Handler>(script);
                         });
  }
  void start() {
    make();
    auto bound = server->bind();
    ASSERT_TRUE(bound) << bound.error().message;
    port = *bound;
    server->start(
        nullptr, [](std::size_t) {}, [] {});
  }
  std::string get(BlockingClient& client) {
    client.send(k_get);
    return client.read_until(".");
  }
};

TEST_F(ServerTest, ServesOnAPortOfTheKernelsChoice) {
  start();
  EXPECT_NE(port, 0);
  BlockingClient client(port);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(get(client).starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(server->contexts().size(), 2u);
}

TEST_F(ServerTest, BusyPortIsAnErrorThatSaysSo) {
  start();
  config.server.port = port;
  auto second = make_server(std::make_shared<Config>(config),
                            [this](Shard&, auto&, auto&) { return std::make_unique<Handler>(script); });
  auto bound = second->bind();
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, Errc::config);
  EXPECT_NE(bound.error().message.find("already in use"), std::string::npos) << bound.error().message;
  EXPECT_NE(bound.error().message.find(std::to_string(port)), std::string::npos);
}

TEST_F(ServerTest, UnknownHostAndMissingCertificateAreErrors) {
  config.server.host = "no such host.invalid";
  make();
  EXPECT_FALSE(server->bind());
  config.server.host = "127.0.0.1";
  config.server.ssl_certfile_path = "/nonexistent/cert.pem";
  config.server.ssl_keyfile_path = "/nonexistent/key.pem";
  make();
  auto bound = server->bind();
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message.find("/nonexistent/cert.pem"), std::string::npos);
}

TEST_F(ServerTest, OpenServerListensOnLoopbackOnly) {
  config.server.host = "0.0.0.0";
  config.server.host_given = false;
  start();
  BlockingClient local(port);
  EXPECT_TRUE(local.connected);
  auto address = listen_addresses("0.0.0.0", port);
  ASSERT_TRUE(address);
  auto any = probe_address(tcp::endpoint(asio::ip::make_address("127.0.0.2"), port));
  EXPECT_TRUE(any) << "taken although only 127.0.0.1 should be";
}

TEST_F(ServerTest, NamesAndAddressesToListenOn) {
  EXPECT_EQ(listen_addresses("0.0.0.0", 1)->front().address().to_string(), "0.0.0.0");
  EXPECT_EQ(listen_addresses("::", 1)->front().address().to_string(), "::");
  const auto local = listen_addresses("localhost", 4000);
  ASSERT_TRUE(local && !local->empty());
  for (auto& place : *local) {
    EXPECT_TRUE(place.address().is_loopback()) << place;
    EXPECT_EQ(place.port(), 4000);
  }
}

TEST_F(ServerTest, ConnectionsAreSpreadOverTheShards) {
  start();
  std::vector<BlockingClient> clients;
  std::size_t first = 0;
  for (int i = 0; i < 40; ++i) {
    clients.emplace_back(port);
    auto response = get(clients.back());
    if (response.find("shard 0.") != response.npos)
      ++first;
    else
      EXPECT_NE(response.find("shard 1."), response.npos) << response;
  }
  EXPECT_GE(first, 16u); // mean 20, at most a few above it
  EXPECT_LE(first, 24u);
}

TEST_F(ServerTest, ConnectionsBeyondTheCapGet503) {
  config.server.max_connections = 2;
  start();
  BlockingClient one(port), two(port);
  get(one), get(two);
  BlockingClient three(port);
  auto refused = three.read_until("503}}");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), refused.npos);
  auto head = refused.find("\r\n\r\n");
  EXPECT_NE(refused.find("Content-Length: " + std::to_string(refused.size() - head - 4) + "\r\n"),
            refused.npos);
  EXPECT_TRUE(three.at_end());
  EXPECT_TRUE(get(one).starts_with("HTTP/1.1 200"));
}

TEST_F(ServerTest, AcceptPausesWithoutDescriptorsAndGoesOn) {
  config.server.num_workers = 1;
  start();
  BlockingClient before(port), starved(port);
  get(before);
  rlimit old{}, none{};
  ::getrlimit(RLIMIT_NOFILE, &old);
  auto next_fd = ::dup(0); // the lowest free descriptor: with it as the limit nothing can be opened
  ::close(next_fd);
  none = {static_cast<rlim_t>(next_fd), old.rlim_max};
  BlockingClient late(port);
  ::setrlimit(RLIMIT_NOFILE, &none);
  late.send(k_get);
  EXPECT_TRUE(get(before).starts_with("HTTP/1.1 200")); // running connections do not suffer
  ::setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_TRUE(late.read_until(".").starts_with("HTTP/1.1 200"));
}

struct NoRouting final : Routing {
  Resolved resolve(std::string_view) const override { return {}; }
  std::span<const GroupPtr> groups() const override { return {}; }
  std::vector<std::string> model_names(bool) const override { return {}; }
  const Config& config() const override { return none; }
  Config none;
};

TEST_F(ServerTest, PublishedRoutingReachesEveryShard) {
  start();
  auto routing = std::make_shared<NoRouting>();
  server->publish(routing);
  for (auto* shard : shards) {
    std::promise<RoutingPtr> seen;
    asio::post(shard->context, [&] { seen.set_value(shard->routing); });
    EXPECT_EQ(seen.get_future().get(), routing);
  }
}

TEST_F(ServerTest, AttachAndDetachRunOnEveryShardThread) {
  make();
  ASSERT_TRUE(server->bind());
  std::atomic<int> attached{0}, detached{0};
  server->start(
      nullptr, [&](std::size_t) { ++attached; }, [&] { ++detached; });
  server->drain(Millis{0});
  server->join();
  EXPECT_EQ(attached, 2);
  EXPECT_EQ(detached, 2);
}

/// A handler that waits until it is released or cancelled.
struct Gate {
  std::promise<Shard*> entered;
  steady_timer* timer = nullptr;
  CancelReason reason = CancelReason::none;
  aw<> wait(Exchange& exchange) {
    steady_timer hour(exchange.shard().executor(), std::chrono::hours(1));
    timer = &hour;
    CancelScope::Waiter waiter(
        exchange.cancel, [](void* waiting) { static_cast<steady_timer*>(waiting)->cancel(); }, &hour);
    entered.set_value(&exchange.shard());
    co_await hour.async_wait(tuple_aw);
    reason = exchange.cancel.reason();
    co_await say(exchange, "late.");
  }
};

TEST_F(ServerTest, DrainLetsRunningRequestsFinishAndTakesNoNewOnes) {
  Gate gate;
  script = [&](Exchange& exchange) { return gate.wait(exchange); };
  start();
  BlockingClient running(port), idle(port);
  running.send(k_get);
  auto* shard = gate.entered.get_future().get();
  auto drained = std::async(std::launch::async, [&] { server->drain(Millis{60'000}); });
  EXPECT_TRUE(idle.at_end()); // so the drain has begun
  asio::post(shard->context, [&] { gate.timer->cancel(); });
  auto response = running.read_until("late.");
  EXPECT_NE(response.find("Connection: close\r\n"), response.npos) << response;
  EXPECT_TRUE(running.at_end());
  drained.get();
  EXPECT_EQ(gate.reason, CancelReason::none);
  EXPECT_FALSE(BlockingClient(port).connected);
  EXPECT_EQ(limits->connections, 0u);
}

TEST_F(ServerTest, DrainCancelsWhatOutlivesTheLimit) {
  Gate gate;
  script = [&](Exchange& exchange) { return gate.wait(exchange); };
  start();
  BlockingClient running(port);
  running.send(k_get);
  gate.entered.get_future().get();
  server->drain(Millis{1});
  EXPECT_EQ(gate.reason, CancelReason::draining);
  EXPECT_EQ(limits->connections, 0u);
  server->join();
}

} // namespace
} // namespace switchyard::http
