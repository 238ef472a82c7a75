// Pooling and framing of the upstream client against a scripted loopback server.
#include "unit/http/upstream/fixture.hpp"

namespace switchyard::http::upstream {
namespace {

class ClientTest : public UpstreamTest {
 protected:
  /// Serves one connection: each request gets the next reply; then closes.
  aw<> serve(std::vector<std::string> replies) {
    auto peer = co_await accept();
    for (auto& reply : replies) {
      auto request = co_await peer.request();
      if (request.empty()) co_return;
      co_await peer.send(reply);
    }
  }
};

TEST_F(ClientTest, KeepsOneConnectionForManyRequests) {
  start(serve({ok("one"), ok("two"), ok("three")}));
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    EXPECT_EQ(client->idle_connections(), 1u);
    EXPECT_EQ(co_await fetch(), "200 two");
    EXPECT_EQ(co_await fetch(), "200 three");
    EXPECT_EQ(client->connects(), 1u);
  };
  run(test());
}

} // namespace
} // namespace switchyard::http::upstream
