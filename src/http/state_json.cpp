// One member after the other, in the order that a person reads them.
#include "http/state_json.hpp"

#include "http/json_members.hpp"

namespace switchyard::http {

namespace {

template <class Duration>
std::string seconds(Duration span) {
  return to_json(Value(Value::Data(std::chrono::duration<double>(span).count())));
}

std::string seconds_or_null(Micros span) { return span > Micros{0} ? seconds(span) : "null"; }

std::string limited(std::uint64_t used, std::optional<std::int64_t> limit) {
  return "{\"used\":" + std::to_string(used) + ",\"limit\":" + (limit ? std::to_string(*limit) : "null") +
         "}";
}

std::string_view name_of(Breaker breaker) {
  constexpr std::string_view k_names[] = {"closed", "open", "half_open"};
  return k_names[static_cast<std::size_t>(breaker)];
}

std::string latency_json(const DeploymentState& state) {
  std::string out = "{";
  member(out, "mean", seconds_or_null(state.latency_mean));
  member(out, "p50", seconds_or_null(state.latency_p50));
  member(out, "p95", seconds_or_null(state.latency_p95));
  return out + "}";
}

std::string minute_json(const DeploymentState& state) {
  std::string out = "{";
  member(out, "success", std::to_string(state.minute_success));
  member(out, "failure", std::to_string(state.minute_failure));
  return out + "}";
}

std::string total_json(const DeploymentState& state) {
  std::string out = "{";
  member(out, "success", std::to_string(state.total_success));
  member(out, "failure", std::to_string(state.total_failure));
  member(out, "tokens", std::to_string(state.total_tokens));
  member(out, "cooldowns", std::to_string(state.total_cooldowns));
  return out + "}";
}

void add_queue(std::string& out, const GroupState& state) {
  member(out, "strategy", json_string(state.strategy));
  member(out, "waiting", std::to_string(state.waiting));
  member(out, "total_waited", std::to_string(state.total_waited));
  member(out, "total_turned_away", std::to_string(state.total_turned_away));
}

} // namespace

std::string state_json(const DeploymentState& state) {
  std::string out = "{";
  member(out, "model_id", json_string(state.id));
  member(out, "model", json_string(state.model));
  member(out, "in_flight", std::to_string(state.in_flight));
  member(out, "parallel_limit", state.parallel_limit ? std::to_string(state.parallel_limit) : "null");
  member(out, "rpm", limited(state.rpm_used, state.rpm_limit));
  member(out, "tpm", limited(state.tpm_used, state.tpm_limit));
  member(out, "itpm", limited(state.itpm_used, state.itpm_limit));
  member(out, "otpm", limited(state.otpm_used, state.otpm_limit));
  member(out, "latency", latency_json(state));
  member(out, "time_to_first_token", seconds_or_null(state.first_token_mean));
  member(out, "minute", minute_json(state));
  member(out, "total", total_json(state));
  member(out, "cooldown_left", seconds(state.cooldown_left));
  member(out, "breaker", json_string(name_of(state.breaker)));
  member(out, "healthy", state.healthy ? "true" : "false");
  return out + "}";
}

std::string state_json(const GroupState& state) {
  std::string rows = "[";
  for (auto& row : state.deployments) rows += (rows.size() > 1 ? "," : "") + state_json(row);
  std::string out = "{";
  member(out, "model_group", json_string(state.name));
  add_queue(out, state);
  member(out, "deployments", rows + "]");
  return out + "}";
}

std::string summary_json(const GroupState& state) {
  std::uint64_t in_flight = 0, rpm = 0, tpm = 0, cooling = 0, unhealthy = 0;
  for (auto& row : state.deployments) {
    in_flight += row.in_flight, rpm += row.rpm_used, tpm += row.tpm_used;
    cooling += row.cooldown_left > Millis{0}, unhealthy += !row.healthy;
  }
  std::string out = "{";
  member(out, "deployments", std::to_string(state.deployments.size()));
  member(out, "cooling", std::to_string(cooling));
  member(out, "unhealthy", std::to_string(unhealthy));
  member(out, "in_flight", std::to_string(in_flight));
  member(out, "rpm_used", std::to_string(rpm));
  member(out, "tpm_used", std::to_string(tpm));
  add_queue(out, state);
  return out + "}";
}

} // namespace switchyard::http
