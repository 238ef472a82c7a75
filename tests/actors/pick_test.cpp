// Picks, grants and reports through the real actors on simulated time.
#include "actors/graph_fixture.hpp"

#include <map>

namespace switchyard::actors {
namespace {

using PickTest = GraphTest;

/// Share of each id over many picks whose grants are given back at once.
std::map<std::string, double> shares_of(const std::vector<std::string>& ids) {
  std::map<std::string, double> shares;
  for (const auto& id : ids) shares[id] += 1.0 / static_cast<double>(ids.size());
  return shares;
}

class ShareTest : public GraphTest {
 protected:
  std::map<std::string, double> pick_often(const ConfigDraft& draft) {
    build(draft);
    std::vector<std::string> ids;
    for (int i = 0; i < 8000; ++i) {
      Lease lease(pick("m"));
      ids.push_back(lease.deployment().row.id);
    }
    return shares_of(ids);
  }
};

TEST_F(ShareTest, SimpleShuffleDrawsByWeight) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a").params.weight = 3;
  draft.row("m", "openai/b", "b").params.weight = 1;
  draft.row("m", "openai/c", "c"); // no weight counts 0
  auto shares = pick_often(draft);
  EXPECT_NEAR(shares["a"], 0.75, 0.02);
  EXPECT_NEAR(shares["b"], 0.25, 0.02);
  EXPECT_EQ(shares.count("c"), 0u);
}

TEST_F(ShareTest, SimpleShuffleFirstRowSaysWhichShareCounts) {
  ConfigDraft draft;
  auto& first = draft.row("m", "openai/a", "a");
  first.params.rpm = 100;
  first.params.tpm = 1;
  auto& second = draft.row("m", "openai/b", "b");
  second.params.rpm = 300;
  second.params.tpm = 1000;
  second.params.weight = 1000;
  auto shares = pick_often(draft);
  EXPECT_NEAR(shares["a"], 0.25, 0.02);
  EXPECT_NEAR(shares["b"], 0.75, 0.02);
}

TEST_F(ShareTest, SimpleShuffleFallsToTpm) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a").params.tpm = 1000;
  draft.row("m", "openai/b", "b").params.tpm = 4000;
  auto shares = pick_often(draft);
  EXPECT_NEAR(shares["a"], 0.2, 0.02);
}

TEST_F(ShareTest, SimpleShuffleWithoutSharesIsUniform) {
  ConfigDraft draft;
  for (auto* id : {"a", "b", "c"}) draft.row("m", std::string("openai/") + id, id);
  for (auto& [id, share] : pick_often(draft)) EXPECT_NEAR(share, 1.0 / 3, 0.02) << id;
}

TEST_F(ShareTest, SimpleShuffleWithZeroSumIsUniform) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a").params.weight = 0;
  draft.row("m", "openai/b", "b").params.weight = -5;
  auto shares = pick_often(draft);
  EXPECT_NEAR(shares["a"], 0.5, 0.02);
}

TEST_F(PickTest, GrantNamesRowReportAndCounts) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  draft.row("m", "openai/b", "b");
  build(draft);
  auto grant = pick("m");
  EXPECT_EQ(grant.error, Errc::none);
  EXPECT_EQ(grant.healthy, 2);
  EXPECT_EQ(grant.total, 2);
  EXPECT_TRUE(grant.cooling_ids.empty());
  ASSERT_TRUE(grant.deployment);
  EXPECT_EQ(grant.deployment->view->in_flight, 1u);
  Lease lease(std::move(grant));
}

TEST_F(PickTest, LeastBusyTakesTheRowWithFewestInFlight) {
  ConfigDraft draft;
  draft.config.router.routing_strategy = "least-busy";
  for (auto* id : {"a", "b", "c"}) draft.row("m", std::string("openai/") + id, id);
  build(draft);
  std::vector<Lease> leases;
  for (int i = 0; i < 30; ++i) leases.emplace_back(pick("m"));
  for (std::size_t row = 0; row < 3; ++row) EXPECT_EQ(view("m", row).in_flight, 10u);
  for (auto& lease : leases)
    if (lease.deployment().row.id == "b") lease = Lease();
  run();
  EXPECT_EQ(view("m", 1).in_flight, 0u);
  for (int i = 0; i < 10; ++i) leases.emplace_back(pick("m"));
  EXPECT_EQ(view("m", 1).in_flight, 10u);
}

TEST_F(PickTest, LeastBusyBreaksTiesAtRandom) {
  ConfigDraft draft;
  draft.config.router.routing_strategy = "least-busy";
  for (auto* id : {"a", "b"}) draft.row("m", std::string("openai/") + id, id);
  build(draft);
  int first = 0;
  for (int i = 0; i < 2000; ++i) {
    Lease lease(pick("m"));
    first += lease.deployment().row.id == "a";
  }
  EXPECT_NEAR(first, 1000, 120);
}

TEST_F(PickTest, InFlightIsExactOverTenThousandRandomGrantsAndCancels) {
  ConfigDraft draft;
  for (auto* id : {"a", "b", "c"}) draft.row("m", std::string("openai/") + id, id);
  build(draft);
  std::vector<Lease> leases;
  std::map<std::string, std::uint32_t> open;
  for (int step = 0; step < 10000; ++step) {
    if (leases.empty() || random.next() % 2) {
      leases.emplace_back(pick("m"));
      ++open[leases.back().deployment().row.id];
    } else {
      std::swap(leases[random.next() % leases.size()], leases.back());
      --open[leases.back().deployment().row.id];
      if (random.next() % 3) leases.back().done(succeeded());
      leases.pop_back(); // a lease that nobody ended reports `cancelled`
      run();
    }
    for (const auto& row : group("m")->deployments) ASSERT_EQ(row->view->in_flight, open[row->row.id]);
  }
  leases.clear();
  run();
  for (const auto& row : group("m")->deployments) EXPECT_EQ(row->view->in_flight, 0u);
}

TEST_F(PickTest, GrantToAGoneAskerIsUndone) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  build(draft);
  auto* slot = new detail::Slot<PickAnswer>(home());
  {
    detail::SlotGuard<PickAnswer> frame(slot);
    Pick question{query(), Duty<PickAnswer>(slot)};
    group("m")->pick.send(std::move(question));
  }
  run();
  EXPECT_EQ(view("m", 0).in_flight, 0u);
}

TEST_F(PickTest, GrantThatArrivedButWasNotTakenIsUndone) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  build(draft);
  auto* slot = new detail::Slot<PickAnswer>(home());
  {
    detail::SlotGuard<PickAnswer> frame(slot);
    Pick question{query(), Duty<PickAnswer>(slot)};
    group("m")->pick.send(std::move(question));
    run();
    EXPECT_EQ(view("m", 0).in_flight, 1u);
  }
  run();
  EXPECT_EQ(view("m", 0).in_flight, 0u);
}

TEST_F(PickTest, ReportsTeachLatencyTokensAndTotals) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  build(draft);
  auto outcome = succeeded(Micros{1000});
  outcome.first_token = Micros{100};
  outcome.prompt_tokens = 7;
  outcome.completion_tokens = 5;
  report(pick("m"), outcome);
  EXPECT_EQ(view("m", 0).latency_us, 1000u); // the first sample is the average
  outcome.latency = Micros{2000};
  outcome.first_token = Micros{0}; // not a stream
  report(pick("m"), outcome);
  EXPECT_EQ(view("m", 0).latency_us, 1100u);
  EXPECT_EQ(view("m", 0).ttft_us, 100u);
  EXPECT_EQ(view("m", 0).total_tokens, 24u);
  EXPECT_EQ(view("m", 0).total_success, 2u);
  EXPECT_EQ(view("m", 0).total_failure, 0u);
}

TEST_F(PickTest, CancelledOnlyReleases) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  build(draft);
  { Lease lease(pick("m")); }
  run();
  EXPECT_EQ(view("m", 0).in_flight, 0u);
  EXPECT_EQ(view("m", 0).total_success + view("m", 0).total_failure, 0u);
}

TEST_F(PickTest, MinuteCountsStartAgainEachMinute) {
  ConfigDraft draft;
  draft.row("m", "openai/a", "a");
  build(draft);
  report(pick("m"), succeeded());
  report(pick("m"), failed(Errc::internal_server, 500));
  EXPECT_EQ(view("m", 0).minute_success, 1u);
  EXPECT_EQ(view("m", 0).minute_failure, 1u);
  clock.advance(std::chrono::minutes(1));
  report(pick("m"), succeeded());
  EXPECT_EQ(view("m", 0).minute_success, 1u);
  EXPECT_EQ(view("m", 0).minute_failure, 0u);
}

/// A pick whose candidates learn of a failure between the group's look at their views and their own turn: the
/// group is queued first and the reports second, so each row handles its report before the offer.
class LateFailureTest : public GraphTest {
 protected:
  LateFailureTest() {
    draft.row("m", "openai/a", "a").params.weight = 1; // first, always
    draft.row("m", "openai/b", "b").params.weight = 0;
    build(draft);
    bad = failed(Errc::rate_limit, 429, std::chrono::seconds(30));
    bad.now = clock.now();
  }
  PickAnswer pick_while_failing(std::vector<Mailbox<Report>> rows) { return await(asked(std::move(rows))); }
  aw<PickAnswer> asked(std::vector<Mailbox<Report>> rows) {
    auto* drain = std::exchange(run_actors_inline, nullptr);
    asio::post(context, [this, drain, &rows] { // runs between the send and the posted drain
      for (const auto& row : rows) row.send(Report{bad, {}});
      run_actors_inline = drain;
    });
    auto answer = ask(group("m")->pick, query(), home());
    co_return co_await std::move(answer);
  }
  ConfigDraft draft;
  Outcome bad;
};

TEST_F(LateFailureTest, TheNextCandidateGrants) {
  auto answer = pick_while_failing({pick("m", 0).report});
  EXPECT_EQ(answer.error, Errc::none);
  ASSERT_TRUE(answer.deployment);
  EXPECT_EQ(answer.deployment->row.id, "b");
  EXPECT_TRUE(view("m", 0).cooling(clock.now()));
  Lease lease(std::move(answer));
}

TEST_F(LateFailureTest, TheLastCandidateRefuses) {
  auto answer = pick_while_failing({pick("m", 0).report, pick("m", 1).report});
  EXPECT_EQ(answer.error, Errc::no_deployments);
  EXPECT_EQ(answer.retry_after, std::chrono::seconds(30));
  EXPECT_EQ(view("m", 0).in_flight + view("m", 1).in_flight, 0u);
}

} // namespace
} // namespace switchyard::actors
