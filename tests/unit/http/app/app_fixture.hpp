// One shard without a thread or a socket: runs the App on fake exchanges until each has its answer.
#pragma once

#include "fake_exchange.hpp"
#include "fake_routing.hpp"
#include "http/app.hpp"
#include "http/shard_stats.hpp"
#include "http/upstream/client.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

namespace switchyard::http::testing {

class AppTest : public ::testing::Test {
 protected:
  void use(std::shared_ptr<FakeRouting> routing) {
    shard_.client = std::make_unique<upstream::Client>(shard_, upstream::ClientOptions{});
    shard_.routing = routing;
    process_.shards = {&shard_}, process_.limits = &limits_;
    app_ = make_handler(shard_, nullptr, process_);
  }
  /// Runs the request to its end.
  void run(FakeExchange& exchange) {
    asio::co_spawn(shard_.context, app_->handle(exchange), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
    shard_.context.restart();
    shard_.context.run();
  }

  SystemClock clock_;
  ProcessLimits limits_;
  Shard shard_{0, clock_, limits_, 7};
  ProcessState process_;
  Reports reports_;
  std::unique_ptr<RequestHandler> app_;
};

} // namespace switchyard::http::testing
