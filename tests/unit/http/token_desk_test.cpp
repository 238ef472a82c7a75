// Fetched credentials: one fetch at a time, renewal before the end, failures that are remembered.
#include "http/token_desk.hpp"
#include "unit/http/upstream/fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <cstdio>
#include <fstream>

namespace switchyard::http {
namespace {

using providers::Token;
using providers::TokenFile;
using providers::TokenRequest;
using providers::TokenStep;

/// One GET (or one file) whose answer is the token.
struct Facts {
  Origin origin;
  std::string file;
  std::chrono::seconds life{3600};
};

class OneStepFlow final : public providers::TokenFlow {
 public:
  explicit OneStepFlow(Facts facts) : facts_(std::move(facts)) {}
  Result<TokenStep> next(WallTime now, const providers::UpstreamAnswer* answer) override {
    if (!answer && !facts_.file.empty()) return TokenStep(TokenFile{facts_.file});
    if (!answer)
      return TokenStep(TokenRequest{facts_.origin, "GET /t HTTP/1.1\r\nHost: t\r\n\r\n", "", Millis(10'000)});
    if (answer->status != 200) return Error(Errc::authentication, "status " + std::to_string(answer->status));
    Token token;
    token.bearer = Secret(std::string(answer->body));
    token.expires = now + facts_.life;
    return TokenStep(std::move(token));
  }

 private:
  Facts facts_;
};

class OneStep final : public providers::TokenPlan {
 public:
  Facts facts;
  std::unique_ptr<providers::TokenFlow> start() const override {
    return std::make_unique<OneStepFlow>(facts);
  }
};

class TokenDesk : public upstream::UpstreamTest {
 protected:
  TokenDesk() {
    shard.client = std::make_unique<upstream::Client>(shard, upstream::ClientOptions{});
    plan = std::make_shared<OneStep>();
    plan->id = "plan", plan->facts.origin = origin;
  }
  ~TokenDesk() override {
    shard.tokens.reset();
    shard.client.reset();
  }

  /// Answers requests, one connection after the other, until the test ends.
  aw<> serve(std::vector<std::string> replies) {
    auto peer = co_await accept();
    for (auto& reply : replies) {
      while ((co_await peer.request()).empty()) peer = co_await accept();
      ++requests;
      co_await peer.send(reply);
    }
  }
  aw<> get(std::string* out) {
    auto token = co_await token_for(shard, shard, plan, cancel);
    *out = token ? std::string((*token)->bearer.reveal()) : token.error().message;
  }
  std::string now() {
    std::string out;
    run(get(&out));
    return out;
  }
  static std::string failed() { return "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"; }

  std::shared_ptr<OneStep> plan;
  int requests = 0;
  asio::executor_work_guard<exec_t> open =
      asio::make_work_guard(shard.context); ///< run() is called repeatedly
};

TEST_F(TokenDesk, WhoAsksMeanwhileGetsTheSameToken) {
  start(serve({ok("one"), ok("two")}));
  std::string first, second;
  start(get(&first));
  run(get(&second));
  run(turns(4));
  EXPECT_EQ(first, "one");
  EXPECT_EQ(second, "one");
  EXPECT_EQ(now(), "one");
  EXPECT_EQ(requests, 1);
}

TEST_F(TokenDesk, ATokenInUseIsRenewedBeforeItExpires) {
  start(serve({ok("one"), ok("two"), ok("three")}));
  EXPECT_EQ(now(), "one");
  pass(std::chrono::seconds(3600 - 299));
  EXPECT_EQ(now(), "one"); // nobody waits for the renewal
  for (int i = 0; i < 1000 && requests < 2; ++i) run(turns(1));
  for (int i = 0; i < 1000 && now() == "one"; ++i) run(turns(1));
  EXPECT_EQ(now(), "two");
  EXPECT_EQ(requests, 2);
  pass(std::chrono::seconds(3600));
  EXPECT_EQ(now(), "three"); // that one had expired
}

TEST_F(TokenDesk, FailuresAreRememberedForAWhile) {
  start(serve({failed(), failed(), ok("one")}));
  EXPECT_EQ(now(), "status 500");
  EXPECT_EQ(now(), "status 500");
  EXPECT_EQ(requests, 1);
  pass(Millis(1001));
  EXPECT_EQ(now(), "status 500");
  EXPECT_EQ(requests, 2);
  pass(Millis(1001)); // the second pause is longer
  EXPECT_EQ(now(), "status 500");
  EXPECT_EQ(requests, 2);
  pass(Millis(1000));
  EXPECT_EQ(now(), "one");
}

TEST_F(TokenDesk, AFailedRenewalLeavesTheTokenThatIsStillGood) {
  start(serve({ok("one"), failed()}));
  EXPECT_EQ(now(), "one");
  pass(std::chrono::seconds(3400));
  EXPECT_EQ(now(), "one");
  for (int i = 0; i < 1000 && requests < 2; ++i) run(turns(1));
  run(turns(8));
  EXPECT_EQ(now(), "one");
}

TEST_F(TokenDesk, CredentialsThatHaveExpiredAlreadyAreAnError) {
  plan->facts.life = std::chrono::seconds(-5);
  start(serve({ok("one")}));
  EXPECT_THAT(now(), ::testing::HasSubstr("expired already"));
  EXPECT_THAT(now(), ::testing::HasSubstr("expired already"));
  EXPECT_EQ(requests, 1);
}

TEST_F(TokenDesk, FilesAreReadBesideTheShard) {
  const auto path = ::testing::TempDir() + "token_desk_file";
  std::ofstream(path) << "from a file";
  plan->facts.file = path;
  EXPECT_EQ(now(), "from a file");
  std::remove(path.c_str());
  auto other = std::make_shared<OneStep>();
  other->id = "other", other->facts.file = path;
  plan = other;
  EXPECT_EQ(now(), "status 404");
}

TEST_F(TokenDesk, WhoLeavesDoesNotWait) {
  std::string out;
  start(get(&out));
  run(turns(2));
  cancel.cancel(CancelReason::client_gone);
  for (int i = 0; i < 100 && out.empty(); ++i) run(turns(1));
  EXPECT_EQ(out, Error(Errc::cancelled).message);
  bool idle = false;
  Tokens::of(shard).stop([&idle] { idle = true; });
  for (int i = 0; i < 1000 && !idle; ++i) run(turns(1));
  EXPECT_TRUE(idle);
}

TEST_F(TokenDesk, AtTheEndNothingNewIsFetched) {
  bool idle = false;
  Tokens::of(shard).stop([&idle] { idle = true; });
  EXPECT_TRUE(idle);
  EXPECT_THAT(now(), ::testing::HasSubstr("shutting down"));
}

} // namespace
} // namespace switchyard::http
