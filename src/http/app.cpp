// The entry of every request on a shard: middleware, then the route's handler.
#include "http/app.hpp"

#include "http/access/authenticate.hpp"
#include "http/answers.hpp"
#include "http/health_monitor.hpp"
#include "http/middleware.hpp"
#include "http/request.hpp"
#include "http/route_table.hpp"
#include "http/token_desk.hpp"

#include <switchyard/log.hpp>

namespace switchyard::http {

namespace {

class App final : public RequestHandler {
 public:
  App(Shard& shard, const ProcessState& process)
      : shard_(shard), process_(process), telemetry_(process.telemetry->add_shard()) {
    if (shard.number == 0) health_.emplace(shard, process.shards); // one of them checks for all
  }

  aw<> handle(Exchange& exchange) override {
    RequestContext context(exchange, process_, telemetry_, call_ids_);
    auto passed = run_middleware(context);
    if (passed && context.key_unknown) passed = co_await access::find_key(context); // seldom
    if (passed) {
      co_await context.route->handle(context);
    } else {
      log_refusal(context, passed.error());
      co_await answer_error(exchange, passed.error());
    }
  }

  void routing_changed() override {
    if (health_) health_->restart();
  }
  /// The first shard checks for all, and fetches tokens for all.
  void stop(std::function<void()> idle) override {
    if (!health_) return idle();
    health_->stop([this, idle = std::move(idle)] { Tokens::of(shard_).stop(idle); });
  }

 private:
  static void log_refusal(const RequestContext& context, const Error& error) {
    log::info("request.refused", {{"call_id", context.exchange.call_id},
                                  {"method", context.exchange.head.method},
                                  {"path", context.exchange.head.path},
                                  {"status", error.http_status()},
                                  {"error", describe(error.code).name}});
  }

  Shard& shard_;
  ProcessState process_;
  ShardTelemetry& telemetry_;
  CallIds call_ids_;
  std::optional<HealthMonitor> health_;
};

} // namespace

std::unique_ptr<RequestHandler> make_handler(Shard& shard, ConfigPtr, const ProcessState& state) {
  return std::make_unique<App>(shard, state);
}

} // namespace switchyard::http
