// Management calls: read the body, hand the call to the store's threads, wait for the reply. Shard code.
#include "http/access/key_hook.hpp"
#include "http/access/llm_access.hpp"
#include "http/answers.hpp"
#include "http/query.hpp"
#include "http/route_table.hpp"
#include "http/routes/routes.hpp"

#include <switchyard/plane.hpp>
#include <switchyard/route_budgets.hpp>

#include <array>

namespace switchyard::http::routes {

namespace {

using access::ask_key_hook;

constexpr std::size_t k_longest_body = 16 * 1024 * 1024;

/// provider -> {budget_limit, time_period, spend, budget_reset_at}
ValueMap budgets_of_providers(const PlaneSettings& settings, Instant now, WallTime wall) {
  ValueMap out;
  if (!settings.route_budgets) return out;
  for (auto& [name, budget] : settings.route_budgets->providers()) {
    auto* written = settings.provider_budget_config.find(name);
    auto* period = written ? written->find("time_period") : nullptr;
    const auto left = budget.resets_in(now);
    ValueMap row{{"budget_limit", Value(budget.most.usd())},
                 {"time_period", period ? *period : Value()},
                 {"spend", Value(budget.spent(now).usd())},
                 {"budget_reset_at", left.count() > 0 ? Value(storage::wire_time(wall + left)) : Value()}};
    out.emplace_back(name, Value(std::move(row)));
  }
  return out;
}

std::shared_ptr<switchyard::management::Call> make_call(RequestContext& context, std::string_view body) {
  auto& exchange = context.exchange;
  auto call = std::make_shared<switchyard::management::Call>();
  call->method = exchange.head.method, call->path = context.path, call->query = exchange.head.query;
  call->body = body;
  call->argument = percent_decode(context.path_argument);
  call->changed_by = exchange.head.find("litellm-changed-by");
  call->caller = access::caller_of(context);
  call->now = context.shard.clock.wall();
  call->random = context.shard.random.next();
  call->config = {context.routing, &context.config};
  auto& prices = access::plane_of(context.config).prices;
  call->live.routing = context.routing;
  call->live.prices = prices ? prices : context.shard.plane->prices;
  call->live.price_reload = context.shard.plane->price_reload;
  call->live.check_config = context.shard.plane->check_config;
  call->live.provider_budgets = [config = call->config, now = context.shard.now(), wall = call->now] {
    return budgets_of_providers(*config->plane, now, wall);
  };
  return call;
}

/// LiteLLM's words for a server without a database.
Error no_store() {
  Error error(Errc::internal_server,
              "{'error': 'DB not connected. See https://docs.litellm.ai/docs/proxy/virtual_keys. Here: set "
              "general_settings.master_key for the embedded store, or database_url'}");
  error.extra().type = "internal_server_error";
  return error;
}

} // namespace

aw<> management(RequestContext& context) {
  auto& exchange = context.exchange;
  if (!context.shard.plane) {
    co_await answer_error(exchange, no_store());
    co_return;
  }
  auto body = co_await settled(exchange.read_body(k_longest_body));
  if (!body) {
    co_await answer_error(exchange, body.error());
    co_return;
  }
  auto allowed = co_await ask_key_hook(context, *body);
  if (!allowed) {
    co_await answer_error(exchange, allowed.error());
    co_return;
  }
  switchyard::management::Query query{context.route->managed, make_call(context, *body)};
  auto answer = co_await ask(context.shard.plane->desk, std::move(query), context.shard.executor());
  if (!answer.served) {
    co_await answer_error(exchange,
                          Error(Errc::unavailable, "The server is shutting down, please try again."));
    co_return;
  }
  auto& reply = answer.reply;
  const std::string headers = "Content-Type: " + reply.content_type + "\r\n" + reply.headers;
  const std::array<std::string_view, 1> slices{reply.body};
  co_await settled(exchange.respond(reply.status, headers, slices));
}

} // namespace switchyard::http::routes
