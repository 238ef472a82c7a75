// The event loop: arrivals and ends of attempts in order of time; picks that wait are looked at after every
// event.
#include "run.hpp"

#include <switchyard/actor_runtime.hpp>
#include <switchyard/provider.hpp>

#include <algorithm>
#include <cmath>
#include <list>
#include <queue>

namespace sim {

using namespace switchyard;

namespace {

Instant instant(double seconds) {
  return Instant{std::chrono::hours(1)} + Micros{static_cast<std::int64_t>(seconds * 1e6)};
}
Micros micros(double seconds) { return Micros{static_cast<std::int64_t>(seconds * 1e6)}; }

/// An attempt in flight; a null lease marks the arrival of a new request.
struct Event {
  double at = 0;
  std::uint64_t number = 0; ///< ties in order of creation
  Request request;
  std::shared_ptr<Lease> lease;
  std::size_t server = 0;
  Reply reply;
  friend bool operator<(const Event& left, const Event& right) {
    return left.at != right.at ? left.at > right.at : left.number > right.number;
  }
};

struct Wait {
  Request request;
  double give_up;
  std::unique_ptr<Pending<PickAnswer>> pending;
};

class Run {
 public:
  explicit Run(const Scenario& scenario) : scenario_(scenario), servers_(scenario.servers) {
    runtime_->attach_this_thread(0);
    ProviderCalls providers;
    providers.prepare = [](const ModelRow&) -> Result<ProviderCalls::TargetPtr> {
      return ProviderCalls::TargetPtr(std::make_shared<providers::Target>());
    };
    std::vector<std::string> warnings;
    routing_ = runtime_->build(make_config(), providers, nullptr, warnings);
    context_.poll();
    group_ = routing_->resolve("m").group;
  }
  ~Run() {
    waits_.clear();
    while (!events_.empty()) events_.pop();
    group_ = nullptr, routing_ = nullptr;
    runtime_->stop();
  }

  Figures figures() {
    schedule_arrival(0);
    while (!events_.empty()) {
      auto event = events_.top();
      events_.pop();
      now_ = event.at;
      if (event.lease)
        finish(event);
      else
        arrive(event);
      poll();
      look_at_waits();
    }
    figures_.seconds = scenario_.seconds;
    std::sort(figures_.latencies.begin(), figures_.latencies.end());
    std::sort(figures_.error_latencies.begin(), figures_.error_latencies.end());
    return figures_;
  }

 private:
  ConfigPtr make_config() const {
    Config config;
    if (scenario_.settings) scenario_.settings(config.router);
    for (const auto& server : servers_) {
      ModelRow row;
      row.model_name = "m", row.id = server.id;
      row.params.model = "openai/m";
      row.params.input_cost_per_token = row.params.output_cost_per_token = server.price;
      if (server.rpm != 0) row.params.rpm = server.rpm;
      if (scenario_.row) scenario_.row(server, row.params);
      config.models.push_back(std::move(row));
    }
    return std::make_shared<const Config>(std::move(config));
  }
  void poll() {
    context_.restart();
    context_.poll();
  }
  void push(Event event) {
    event.number = ++events_made_;
    events_.push(std::move(event));
  }
  void schedule_arrival(double after) {
    Event event;
    event.at = after - std::log(1 - random_.unit()) / scenario_.rate;
    if (event.at < scenario_.seconds) push(std::move(event));
  }
  void arrive(const Event& event) {
    schedule_arrival(event.at);
    Request request;
    request.arrived = event.at;
    request.prompt_tokens = 100 + static_cast<std::uint32_t>(random_.next() % 900);
    request.output_tokens = 20 + static_cast<std::uint32_t>(180 * -std::log(1 - random_.unit()));
    request.prefix =
        1 + static_cast<std::uint64_t>(std::pow(random_.unit(), 3) * 300); // some are far more usual
    attempt(std::move(request));
  }
  void attempt(Request request) {
    ++request.attempts;
    PickQuery query;
    query.now = instant(now_), query.random = random_.next();
    query.prompt_tokens = request.prompt_tokens;
    query.prefix_hash = request.prefix * 0x9E3779B97F4A7C15ull;
    const double give_up = now_ + scenario_.patience;
    if (scenario_.patience > 0) query.give_up = instant(give_up);
    auto pending =
        std::make_unique<Pending<PickAnswer>>(group_->pick, std::move(query), context_.get_executor());
    if (!pending->ready()) poll();
    if (pending->ready())
      answered(std::move(request), pending->take());
    else
      waits_.push_back({std::move(request), give_up, std::move(pending)});
  }
  void answered(Request request, PickAnswer answer) {
    if (answer.error != Errc::none) {
      ++figures_.refused;
      return fail(request);
    }
    ++figures_.attempts;
    Event event;
    event.server = static_cast<std::size_t>(std::stoi(answer.deployment->row.id.substr(4)));
    event.lease = std::make_shared<Lease>(std::move(answer));
    event.reply = servers_[event.server].serve(request, now_, random_);
    event.at = now_ + event.reply.seconds;
    event.request = std::move(request);
    push(std::move(event));
  }
  void finish(Event& event) {
    auto& server = servers_[event.server];
    server.end();
    const bool good = event.reply.error == Errc::none;
    Outcome outcome;
    outcome.kind = good ? OutcomeKind::success : OutcomeKind::failure;
    outcome.error = event.reply.error, outcome.status = event.reply.status;
    if (event.reply.retry_after >= 0)
      outcome.retry_after = Millis{static_cast<std::int64_t>(event.reply.retry_after * 1000)};
    outcome.now = instant(now_);
    outcome.latency = micros(event.reply.seconds);
    outcome.prompt_tokens = good ? event.request.prompt_tokens : 0;
    outcome.completion_tokens = good ? event.request.output_tokens : 0;
    event.lease->done(outcome);
    poll();
    if (good) return succeed(event, server);
    if (event.request.attempts <= scenario_.retries) return attempt(event.request);
    fail(event.request);
  }
  void succeed(const Event& event, const Server& server) {
    const double latency = now_ - event.request.arrived;
    ++figures_.served, figures_.in_time += latency <= 10, figures_.cached += event.reply.cached;
    figures_.cost += server.price * (event.request.prompt_tokens + event.request.output_tokens);
    figures_.latencies.push_back(latency);
  }
  void fail(const Request& request) {
    ++figures_.failed;
    figures_.error_latencies.push_back(now_ - request.arrived);
  }
  void look_at_waits() {
    if (waits_.empty()) return;
    if (std::any_of(waits_.begin(), waits_.end(), [&](const Wait& wait) { return wait.give_up <= now_; })) {
      Poke poke;
      poke.now = instant(now_);
      group_->poke.send(poke);
      poll();
    }
    for (auto at = waits_.begin(); at != waits_.end();) {
      auto here = at++;
      if (!here->pending->ready()) continue;
      auto wait = std::move(*here);
      waits_.erase(here);
      answered(std::move(wait.request), wait.pending->take());
    }
  }

  const Scenario& scenario_;
  std::vector<Server> servers_;
  asio::io_context context_{1};
  std::unique_ptr<ActorRuntime> runtime_ = ActorRuntime::create({&context_});
  RoutingPtr routing_;
  GroupPtr group_;
  Random random_{20};
  double now_ = 0;
  std::uint64_t events_made_ = 0;
  std::priority_queue<Event> events_;
  std::list<Wait> waits_;
  Figures figures_;
};

} // namespace

Figures run(const Scenario& scenario) { return Run(scenario).figures(); }

} // namespace sim
