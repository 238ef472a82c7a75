// Request metrics: lookup on the shard, addition and rendering on whoever serves /metrics.
#include "http/telemetry.hpp"

#include <algorithm>
#include <map>

namespace switchyard::http {

void ModelStats::count_status(int status) noexcept {
  auto at = std::find(k_counted_statuses.begin(), k_counted_statuses.end() - 1, status);
  by_status[static_cast<std::size_t>(at - k_counted_statuses.begin())].add();
}

ModelStats& ShardTelemetry::of(std::string_view model) {
  if (auto it = index_.find(model); it != index_.end()) return *it->second;
  auto row = std::make_unique<ModelStats>();
  row->model = model;
  auto& made = *row;
  {
    std::lock_guard lock(mutex_);
    rows_.push_back(std::move(row));
  }
  index_.emplace(std::string(model), &made);
  return made;
}

ShardTelemetry& Telemetry::add_shard() {
  std::lock_guard lock(mutex_);
  return *shards_.emplace_back(std::make_unique<ShardTelemetry>());
}

struct Telemetry::Sum {
  std::array<std::uint64_t, k_counted_statuses.size()> by_status{};
  std::uint64_t prompt_tokens = 0, completion_tokens = 0, retries = 0, fallbacks = 0, hedges = 0,
                coalesced = 0;
  std::vector<const metrics::Histogram*> total, upstream, overhead, first_token;

  void add(const ModelStats& row) {
    for (std::size_t i = 0; i < by_status.size(); ++i) by_status[i] += row.by_status[i].get();
    prompt_tokens += row.prompt_tokens.get(), completion_tokens += row.completion_tokens.get();
    retries += row.retries.get(), fallbacks += row.fallbacks.get();
    hedges += row.hedges.get(), coalesced += row.coalesced.get();
    total.push_back(&row.total), upstream.push_back(&row.upstream);
    overhead.push_back(&row.overhead), first_token.push_back(&row.first_token);
  }
};

namespace {

std::string status_name(int status) { return status == 0 ? "other" : std::to_string(status); }

template <class Sums, class Read>
void counter(metrics::Text& text, const char* name, const char* help, const Sums& sums, Read read) {
  text.family(name, "counter", help);
  for (auto& [model, sum] : sums) text.sample(name, {{"requested_model", model}}, read(sum));
}

template <class Sums, class Member>
void histogram(metrics::Text& text, const char* name, const char* help, const Sums& sums, Member member) {
  text.family(name, "histogram", help);
  for (auto& [model, sum] : sums) text.histogram(name, {{"requested_model", model}}, sum.*member);
}

} // namespace

void Telemetry::render(metrics::Text& text) {
  std::map<std::string, Sum> sums;
  std::uint64_t in_flight = 0;
  std::lock_guard lock(mutex_);
  for (auto& shard : shards_) {
    std::lock_guard rows_lock(shard->mutex_);
    in_flight += shard->in_flight.get();
    for (auto& row : shard->rows_) sums[row->model].add(*row);
  }
  text.family("litellm_proxy_total_requests_metric_total", "counter", "Requests by model and status.");
  for (auto& [model, sum] : sums)
    for (std::size_t i = 0; i < k_counted_statuses.size(); ++i)
      if (sum.by_status[i])
        text.sample("litellm_proxy_total_requests_metric_total",
                    {{"requested_model", model}, {"status_code", status_name(k_counted_statuses[i])}},
                    sum.by_status[i]);
  counter(text, "litellm_proxy_failed_requests_metric_total", "Requests that did not end with 200.", sums,
          [](auto& sum) {
            std::uint64_t failed = 0;
            for (std::size_t i = 1; i < sum.by_status.size(); ++i) failed += sum.by_status[i];
            return failed;
          });
  counter(text, "litellm_input_tokens_metric_total", "Prompt tokens.", sums,
          [](auto& s) { return s.prompt_tokens; });
  counter(text, "litellm_output_tokens_metric_total", "Completion tokens.", sums,
          [](auto& s) { return s.completion_tokens; });
  counter(text, "switchyard_retries_total", "Attempts after the first one.", sums,
          [](auto& s) { return s.retries; });
  counter(text, "switchyard_fallbacks_total", "Hops to a fallback group.", sums,
          [](auto& s) { return s.fallbacks; });
  counter(text, "switchyard_hedged_attempts_total", "Second attempts of hedged requests.", sums,
          [](auto& s) { return s.hedges; });
  counter(text, "switchyard_coalesced_requests_total", "Requests answered by an identical one's attempt.",
          sums, [](auto& s) { return s.coalesced; });
  histogram(text, "litellm_request_total_latency_metric", "Client socket to client socket, seconds.", sums,
            &Sum::total);
  histogram(text, "litellm_llm_api_latency_metric", "The upstream's share, seconds.", sums, &Sum::upstream);
  histogram(text, "litellm_overhead_latency_metric", "The gateway's own share, seconds.", sums,
            &Sum::overhead);
  histogram(text, "litellm_llm_api_time_to_first_token_metric", "Streams: time to the first event, seconds.",
            sums, &Sum::first_token);
  text.family("litellm_in_flight_requests", "gauge", "LLM requests being served.");
  text.sample("litellm_in_flight_requests", {}, in_flight);
}

} // namespace switchyard::http
