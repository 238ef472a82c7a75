// The snapshot for /router/state: every field follows what happened to the row.
#include "actors/graph_fixture.hpp"

#include <switchyard/router_state.hpp>

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

TEST_F(GraphTest, StateShowsWhatTheActorsKnow) {
  ConfigDraft draft;
  auto& row = draft.row("m", "openai/a", "a").params;
  row.rpm = 10, row.tpm = 5000, row.max_parallel_requests = 4;
  build(draft);
  for (int i = 1; i <= 100; ++i) {
    auto outcome = used(Millis{i}, 3, 2);
    outcome.first_token = Millis{7};
    serve("m", outcome);
    clock.advance(seconds(1));
  }
  auto open = pick("m");
  const auto group_state = state_of(*group("m"), clock.now());
  EXPECT_EQ(group_state.name, "m");
  EXPECT_EQ(group_state.strategy, "simple-shuffle");
  ASSERT_EQ(group_state.deployments.size(), 1u);
  const auto& state = group_state.deployments[0];
  EXPECT_EQ(state.id, "a");
  EXPECT_EQ(state.model, "openai/a");
  EXPECT_EQ(state.in_flight, 1u);
  EXPECT_EQ(state.parallel_limit, 4u);
  EXPECT_EQ(state.rpm_used, 61u) << "sixty reports and the open one";
  EXPECT_EQ(state.tpm_used, 60u * 5 + open.hold.tokens());
  EXPECT_EQ(state.rpm_limit, 10);
  EXPECT_EQ(state.tpm_limit, 5000);
  EXPECT_EQ(state.latency_p50, Millis{69}) << "the newest 64 are 37 to 100 ms";
  EXPECT_EQ(state.latency_p95, Millis{97});
  EXPECT_EQ(state.first_token_mean, Millis{7});
  EXPECT_EQ(state.total_success, 100u);
  EXPECT_EQ(state.total_tokens, 500u);
  EXPECT_EQ(state.cooldown_left, Millis{0});
  EXPECT_TRUE(state.healthy);
  report(std::move(open), failed(Errc::authentication, 401, seconds(9)));
  clock.advance(seconds(2));
  const auto after = state_of(*group("m"), clock.now()).deployments[0];
  EXPECT_EQ(after.cooldown_left, seconds(7));
  EXPECT_EQ(after.breaker, Breaker::open);
  EXPECT_EQ(after.total_cooldowns, 1u);
  EXPECT_EQ(after.total_failure, 1u);
}

TEST_F(GraphTest, StateOfARowThatWasNeverUsed) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  build(draft);
  const auto state = state_of(*group("m"), clock.now()).deployments[0];
  EXPECT_EQ(state.latency_p95, Micros{0});
  EXPECT_EQ(state.rpm_used + state.tpm_used + state.in_flight, 0u);
  EXPECT_EQ(state.breaker, Breaker::closed);
  EXPECT_FALSE(state.rpm_limit);
}

} // namespace
} // namespace switchyard::actors
