// The DNS cache: time to live, failures, shared lookups, stale answers; with injected lookups and manual
// time.
#include "http/upstream/names.hpp"

#include <gtest/gtest.h>

#include <atomic>

namespace switchyard::http::upstream {
namespace {

class NamesTest : public ::testing::Test {
 protected:
  NamesTest() {
    auto lookup = [this](const std::string& host) -> Result<Addresses> {
      ++lookups;
      if (fails) return answer_error(host);
      return Addresses{asio::ip::make_address("10.0.0." + std::to_string(lookups.load()))};
    };
    names = std::make_shared<Names>(context.get_executor(), clock, std::make_shared<Resolver>(lookup),
                                    Millis(30'000));
  }
  static Error answer_error(const std::string& host) {
    Error error;
    error.message = "no such host " + host;
    return error;
  }
  /// Asks and waits for the answer when it is not there.
  std::string ask(const std::string& host) {
    for (;;) {
      auto found = names->find(host, *signal);
      if (found.addresses) return found.addresses->front().to_string();
      if (!found.error.empty()) return found.error;
      context.restart();
      context.run();
    }
  }

  asio::io_context context{1};
  ManualClock clock;
  std::atomic<int> lookups{0};
  std::atomic<bool> fails{false};
  Signal::Ptr signal{new Signal(context.get_executor())};
  std::shared_ptr<Names> names;
};

TEST_F(NamesTest, NumericHostsNeedNoLookup) {
  EXPECT_EQ(ask("127.0.0.1"), "127.0.0.1");
  EXPECT_EQ(ask("::1"), "::1");
  EXPECT_EQ(lookups, 0);
}

TEST_F(NamesTest, AnswersLiveForTheirTime) {
  EXPECT_EQ(ask("a.test"), "10.0.0.1");
  clock.advance(Millis(29'999));
  EXPECT_EQ(ask("a.test"), "10.0.0.1");
  clock.advance(Millis(1));
  EXPECT_EQ(ask("a.test"), "10.0.0.2");
}

TEST_F(NamesTest, FailuresAreRememberedForASecond) {
  fails = true;
  EXPECT_EQ(ask("a.test"), "no such host a.test");
  EXPECT_EQ(ask("a.test"), "no such host a.test");
  EXPECT_EQ(lookups, 1);
  fails = false;
  clock.advance(Millis(1'000));
  EXPECT_EQ(ask("a.test"), "10.0.0.2");
}

TEST_F(NamesTest, AnOldAnswerServesWhileTheRefreshFails) {
  EXPECT_EQ(ask("a.test"), "10.0.0.1");
  clock.advance(Millis(60'000));
  fails = true;
  EXPECT_EQ(ask("a.test"), "10.0.0.1");
  EXPECT_EQ(lookups, 2);
  fails = false;
  clock.advance(Millis(1'000));
  EXPECT_EQ(ask("a.test"), "10.0.0.3");
}

TEST_F(NamesTest, ConcurrentQuestionsShareOneLookup) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(names->find("a.test", *signal).addresses);
  EXPECT_EQ(ask("a.test"), "10.0.0.1");
  EXPECT_EQ(lookups, 1);
}

TEST_F(NamesTest, AnAnswerAfterTheEndIsDropped) {
  EXPECT_FALSE(names->find("a.test", *signal).addresses);
  names.reset();
  context.run();
  EXPECT_EQ(signal->use_count(), 1u);
}

TEST(Resolver, TheSystemKnowsLocalhost) {
  auto found = look_up("localhost");
  ASSERT_TRUE(found);
  for (auto& address : *found) EXPECT_TRUE(address.is_loopback());
  EXPECT_FALSE(look_up("name.invalid"));
}

} // namespace
} // namespace switchyard::http::upstream
