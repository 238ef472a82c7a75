// The live view's JSON, member by member.
#include "http/state_json.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {

namespace {

DeploymentState busy_row() {
  DeploymentState row;
  row.id = "a", row.model = "openai/\"x\"";
  row.in_flight = 2, row.parallel_limit = 4;
  row.rpm_used = 7, row.tpm_used = 900, row.rpm_limit = 10;
  row.itpm_used = 600, row.otpm_used = 300, row.itpm_limit = 1000;
  row.latency_mean = Millis{250}, row.latency_p50 = Millis{200}, row.latency_p95 = Millis{1500};
  row.minute_success = 6, row.minute_failure = 1;
  row.total_success = 60, row.total_failure = 3, row.total_tokens = 12345, row.total_cooldowns = 2;
  row.cooldown_left = Millis{4200}, row.breaker = Breaker::half_open, row.healthy = false;
  return row;
}

TEST(StateJson, Deployment) {
  EXPECT_EQ(state_json(busy_row()),
            R"({"model_id":"a","model":"openai/\"x\"","in_flight":2,"parallel_limit":4,)"
            R"("rpm":{"used":7,"limit":10},"tpm":{"used":900,"limit":null},)"
            R"("itpm":{"used":600,"limit":1000},"otpm":{"used":300,"limit":null},)"
            R"("latency":{"mean":0.25,"p50":0.2,"p95":1.5},"time_to_first_token":null,)"
            R"("minute":{"success":6,"failure":1},)"
            R"("total":{"success":60,"failure":3,"tokens":12345,"cooldowns":2},)"
            R"("cooldown_left":4.2,"breaker":"half_open","healthy":false})");
}

TEST(StateJson, GroupAndItsSums) {
  GroupState group;
  group.name = "m", group.strategy = "least-busy";
  group.waiting = 3, group.total_waited = 30, group.total_turned_away = 1;
  EXPECT_EQ(state_json(group), R"({"model_group":"m","strategy":"least-busy","waiting":3,"total_waited":30,)"
                               R"("total_turned_away":1,"deployments":[]})");
  group.deployments = {busy_row(), DeploymentState{}, busy_row()};
  EXPECT_EQ(summary_json(group), R"({"deployments":3,"cooling":2,"unhealthy":2,"in_flight":4,"rpm_used":14,)"
                                 R"("tpm_used":1800,"strategy":"least-busy","waiting":3,"total_waited":30,)"
                                 R"("total_turned_away":1})");
}

} // namespace

} // namespace switchyard::http
