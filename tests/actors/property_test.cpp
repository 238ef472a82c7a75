// Random histories against a plain model of the rules: in-flight, limits and reports stay exact under
// failures, cancellations, lost askers and reloads, whatever the strategy (issue 3, proof).
#include "actors/graph_fixture.hpp"

#include <switchyard/strategies.hpp>

#include <deque>
#include <map>

namespace switchyard::actors {
namespace {

using std::chrono::seconds;

class PropertyTest : public GraphTest, public ::testing::WithParamInterface<std::string_view> {
 protected:
  static constexpr int k_rows = 5;
  static constexpr std::uint64_t k_rpm = 30, k_tpm = 3000;
  static constexpr std::uint32_t k_parallel = 4;

  PropertyTest() {
    draft.config.router.routing_strategy = GetParam();
    draft.config.router.enforce_model_rate_limits = true;
    for (int i = 0; i < k_rows; ++i) {
      auto& params = draft.row("m", "openai/x", std::to_string(i)).params;
      params.rpm = k_rpm, params.tpm = k_tpm, params.max_parallel_requests = k_parallel;
    }
    build(draft);
  }
  /// What a row was granted in the last sixty seconds; tokens as they turned out, or as reserved while open.
  struct Granted {
    Instant at;
    std::uint64_t tokens;
  };
  struct Open {
    Lease lease;
    Granted* granted;
    std::uint64_t reserved;
  };
  void ask_one() {
    auto question = query();
    question.prompt_tokens = 20 + static_cast<std::uint32_t>(random.next() % 200);
    question.output_tokens = 20 + static_cast<std::uint32_t>(random.next() % 400);
    question.stream = random.next() % 2;
    question.prefix_hash = random.next() % 10;
    Lease lease(pick_with("m", question));
    if (!lease) return void(++refused);
    const auto id = lease.deployment().row.id;
    auto& history = granted[id];
    history.push_back({clock.now(), lease.grant().hold.tokens()});
    ++open_count[id], ++served[id];
    const auto reserved = history.back().tokens;
    open.push_back({std::move(lease), &history.back(), reserved});
  }
  void end_one() {
    std::swap(open[random.next() % open.size()], open.back());
    auto& one = open.back();
    const auto id = one.lease.deployment().row.id;
    --open_count[id];
    switch (random.next() % 4) {
    case 0: { // the client went away
      one.granted->tokens = one.lease.grant().hold.prompt_tokens;
      break;
    }
    case 1: {
      auto outcome = failed(Errc::internal_server, 500);
      outcome.now = clock.now();
      one.granted->tokens = 0;
      one.lease.done(outcome), ++reports[id].failed;
      break;
    }
    default: { // never more than was reserved, so that the limit must hold exactly
      auto outcome = used(Millis{1 + random.next() % 500}, one.lease.grant().hold.prompt_tokens, 0);
      outcome.completion_tokens =
          static_cast<std::uint32_t>(random.next() % (one.lease.grant().hold.output_tokens + 1));
      outcome.now = clock.now();
      one.granted->tokens = outcome.prompt_tokens + outcome.completion_tokens;
      one.lease.done(outcome), ++reports[id].succeeded;
    }
    }
    open.pop_back();
    run();
  }
  void check() {
    for (const auto& row : group("m")->deployments) {
      const auto& id = row->row.id;
      auto& history = granted[id];
      std::uint64_t requests = 0, tokens = 0;
      for (const auto& one : history) {
        if (one.at <= clock.now() - seconds(60)) continue;
        ++requests, tokens += one.tokens;
      }
      ASSERT_EQ(row->view->in_flight, open_count[id]);
      ASSERT_EQ(row->view->total_success, reports[id].succeeded) << "every grant is reported exactly once";
      ASSERT_EQ(row->view->total_failure, reports[id].failed);
      ASSERT_LE(row->view->in_flight, k_parallel);
      ASSERT_LE(requests, k_rpm);
      ASSERT_LE(tokens, k_tpm);
      const auto counted = row->view->window.used(second_of(clock.now()));
      ASSERT_GE(counted.requests, requests) << "the window is never too short";
      ASSERT_GE(counted.tokens, tokens);
    }
  }
  ConfigDraft draft;
  std::deque<Open> open;
  std::map<std::string, std::deque<Granted>> granted; ///< a deque keeps addresses
  std::map<std::string, std::uint32_t> open_count, served;
  struct Reports {
    std::uint64_t succeeded = 0, failed = 0;
  };
  std::map<std::string, Reports> reports;
  int refused = 0;
};

TEST_P(PropertyTest, LimitsHoldAndNothingIsLost) {
  for (int step = 0; step < 6000; ++step) {
    const auto dice = random.next() % 100;
    if (dice < 50)
      ask_one();
    else if (dice < 90 && !open.empty())
      end_one();
    else if (dice < 99)
      clock.advance(Millis{random.next() % 3000});
    else
      build(draft); // a reload changes nothing that is kept
    check();
    if (HasFatalFailure()) return;
  }
  while (!open.empty()) end_one();
  check();
  std::uint64_t total = 0;
  for (const auto& row : group("m")->deployments) {
    EXPECT_EQ(row->view->in_flight, 0u);
    EXPECT_GT(served[row->row.id], 50u) << "row " << row->row.id << " starved";
    total += served[row->row.id];
  }
  EXPECT_GT(total, 1000u);
  EXPECT_GT(refused, 0) << "the limits were reached";
  clock.advance(seconds(61));
  EXPECT_NE(picked("m"), "(none)");
}

INSTANTIATE_TEST_SUITE_P(EveryStrategy, PropertyTest, ::testing::ValuesIn(k_strategy_names),
                         [](const auto& info) {
                           std::string name(info.param);
                           std::erase(name, '-');
                           return name;
                         });

} // namespace
} // namespace switchyard::actors
