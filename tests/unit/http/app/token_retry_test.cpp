// A call whose upstream answers 401 to a fetched token: once more with a new one, unless the token is young.
#include "fake_exchange.hpp"
#include "fake_routing.hpp"
#include "http/app.hpp"
#include "http/token_desk.hpp"
#include "unit/http/upstream/fixture.hpp"

#include <switchyard/credentials.hpp>

namespace switchyard::http::testing {
namespace {

using providers::Token;
using providers::TokenRequest;
using providers::TokenStep;

class Plan final : public providers::TokenPlan {
 public:
  Origin origin;
  std::unique_ptr<providers::TokenFlow> start() const override { return std::make_unique<Flow>(origin); }

 private:
  class Flow final : public providers::TokenFlow {
   public:
    explicit Flow(const Origin& origin) : origin_(origin) {}
    Result<TokenStep> next(WallTime now, const providers::UpstreamAnswer* answer) override {
      if (!answer)
        return TokenStep(TokenRequest{origin_, "GET /token HTTP/1.1\r\nHost: t\r\n\r\n", "", Millis(10'000)});
      Token token;
      token.bearer = Secret(std::string(answer->body)), token.expires = now + std::chrono::hours(1);
      return TokenStep(std::move(token));
    }
    Origin origin_;
  };
};

class TokenRetry : public upstream::UpstreamTest {
 protected:
  TokenRetry() {
    shard.client = std::make_unique<upstream::Client>(shard, upstream::ClientOptions{});
    auto routing = std::make_shared<FakeRouting>();
    auto& row = routing->add("a", "");
    auto plan = std::make_shared<Plan>();
    plan->id = "plan", plan->origin = origin;
    LitellmParams params;
    params.model = "azure/gpt-4o", params.api_base = "http://127.0.0.1:" + std::to_string(origin.port);
    auto prepared = providers::prepare(params, params.model, [](std::string_view) { return std::string(); });
    EXPECT_TRUE(prepared.has_value()) << prepared.error().message;
    auto target = std::const_pointer_cast<providers::Target>(prepared->target);
    target->tokens = plan, row.target = target;
    routing->finish(reports);
    shard.routing = routing;
    process.shards = {&shard}, process.limits = &limits;
    app = make_handler(shard, nullptr, process);
  }
  ~TokenRetry() override { app.reset(), shard.tokens.reset(), shard.client.reset(), shard.routing.reset(); }

  /// Hands out tokens "t1", "t2", ... and refuses all but `good`.
  aw<> serve(std::string good) {
    for (;;) start(talk(co_await accept(), good));
  }
  aw<> talk(upstream::Peer peer, std::string good) {
    for (std::string request; !(request = co_await peer.request()).empty();) {
      const bool asks = request.starts_with("GET /token");
      const bool fits = request.find("Bearer " + good + "\r\n") != std::string::npos;
      ++(asks ? fetched : calls);
      auto reply = asks   ? ok("t" + std::to_string(fetched))
                   : fits ? ok(R"({"id":"c1","choices":[],"usage":{}})")
                          : std::string("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}");
      co_await peer.send(std::move(reply));
    }
  }
  int chat() {
    FakeExchange exchange(shard, "POST", "/v1/chat/completions",
                          R"({"model":"a","messages":[],"num_retries":0})");
    exchange.header("Content-Type", "application/json");
    run(app->handle(exchange));
    return exchange.status;
  }

  Reports reports;
  ProcessState process;
  std::unique_ptr<RequestHandler> app;
  int fetched = 0, calls = 0;
};

TEST_F(TokenRetry, AStaleTokenIsReplacedOnce) {
  start(serve("t2"));
  EXPECT_EQ(chat(), 401); // t1 is younger than 30 seconds: another one would not help
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(calls, 1);
  pass(std::chrono::seconds(31));
  EXPECT_EQ(chat(), 200);
  EXPECT_EQ(fetched, 2);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(chat(), 200);
  EXPECT_EQ(fetched, 2);
  EXPECT_EQ(calls, 4);
}

TEST_F(TokenRetry, ASecondRefusalIsTheAnswer) {
  start(serve("never"));
  EXPECT_EQ(chat(), 401);
  pass(std::chrono::seconds(31));
  EXPECT_EQ(chat(), 401);
  EXPECT_EQ(fetched, 2);
  EXPECT_EQ(calls, 3);
}

} // namespace
} // namespace switchyard::http::testing
