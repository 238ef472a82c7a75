// A whole actor runtime on the test's own thread: one io_context that the test polls, time and randomness by
// hand. Everything an answer needs has run when pick() or report() returns.
#pragma once

#include <switchyard/actor_runtime.hpp>
#include <switchyard/provider.hpp>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::actors {

/// Rows for a test's configuration, in file order.
struct ConfigDraft {
  Config config;
  ConfigDraft() { config.files = {"config.yaml"}; }
  /// The row stays valid until the next call.
  ModelRow& row(std::string name, std::string model, std::string id) {
    ModelRow row;
    row.model_name = std::move(name);
    row.params.model = std::move(model);
    row.id = std::move(id);
    row.place.line = static_cast<std::uint32_t>(config.models.size() + 2);
    config.models.push_back(std::move(row));
    return config.models.back();
  }
  ConfigPtr done() const { return std::make_shared<const Config>(config); }
};

inline std::string_view infer_for_tests(std::string_view model) {
  return model.starts_with("gpt-") ? std::string_view("openai") : std::string_view();
}

/// Fails for models of the provider "broken".
inline ProviderCalls providers_for_tests() {
  ProviderCalls calls;
  calls.prepare = [](const ModelRow& row) -> Result<ProviderCalls::TargetPtr> {
    if (row.params.model.starts_with("broken/")) {
      Error error;
      error.code = Errc::config;
      error.message = "litellm_params.model: unknown provider \"broken\"";
      return error;
    }
    auto target = std::make_shared<providers::Target>();
    target->model = row.params.model;
    return ProviderCalls::TargetPtr(std::move(target));
  };
  calls.infer = infer_for_tests;
  return calls;
}

class GraphTest : public ::testing::Test {
 protected:
  GraphTest() { runtime->attach_this_thread(0); }
  ~GraphTest() override {
    routing = nullptr;
    runtime->stop();
  }
  void build(const ConfigDraft& draft) {
    routing = runtime->build(draft.done(), providers, routing, warnings);
    run();
  }
  void run() {
    context.restart();
    context.poll();
  }
  /// Runs `question` to its end. Fails the test when it does not end.
  template <class T>
  T await(aw<T> question) {
    std::optional<T> result;
    asio::co_spawn(context, std::move(question), [&result](std::exception_ptr thrown, T value) {
      if (!thrown) result = std::move(value);
    });
    run();
    EXPECT_TRUE(result.has_value());
    return result ? std::move(*result) : T{};
  }
  exec_t home() { return context.get_executor(); }
  GroupPtr group(std::string_view name) { return routing->resolve(name).group; }
  PickQuery query(std::int32_t only = -1) {
    PickQuery query;
    query.now = clock.now();
    query.random = random.next();
    query.only = only;
    return query;
  }
  PickAnswer pick(std::string_view name, std::int32_t only = -1) { return pick_with(name, query(only)); }
  PickAnswer pick_with(std::string_view name, PickQuery question) {
    const auto to = group(name);
    return await(ask(to->pick, std::move(question), home()));
  }
  /// The id of the row that a pick goes to; the grant is given back. "(none)" when it is refused.
  std::string picked(std::string_view name, PickQuery question) {
    Lease lease(pick_with(name, std::move(question)));
    return lease ? lease.deployment().row.id : "(none)";
  }
  std::string picked(std::string_view name) { return picked(name, query()); }
  /// One request from grant to report.
  OutcomeAck serve(std::string_view name, const Outcome& outcome, std::int32_t only = -1) {
    return report(pick(name, only), outcome);
  }
  OutcomeAck report(PickAnswer grant, Outcome outcome) {
    Lease lease(std::move(grant));
    outcome.now = clock.now();
    return await(lease.done_and_wait(outcome, home()));
  }
  static Outcome failed(Errc error, std::uint16_t status, Millis retry_after = Millis{-1}) {
    Outcome outcome;
    outcome.kind = OutcomeKind::failure;
    outcome.error = error;
    outcome.status = status;
    outcome.retry_after = retry_after;
    return outcome;
  }
  static Outcome succeeded(Micros latency = Micros{0}) {
    Outcome outcome;
    outcome.kind = OutcomeKind::success;
    outcome.latency = latency;
    return outcome;
  }
  static Outcome used(Micros latency, std::uint32_t prompt_tokens, std::uint32_t completion_tokens) {
    auto outcome = succeeded(latency);
    outcome.prompt_tokens = prompt_tokens, outcome.completion_tokens = completion_tokens;
    return outcome;
  }
  const DeploymentView& view(std::string_view name, std::size_t row) {
    return *group(name)->deployments.at(row)->view;
  }

  asio::io_context context{1};
  std::unique_ptr<ActorRuntime> runtime = ActorRuntime::create({&context});
  ProviderCalls providers = providers_for_tests();
  ManualClock clock;
  Random random{42};
  RoutingPtr routing;
  std::vector<std::string> warnings;
};

} // namespace switchyard::actors
