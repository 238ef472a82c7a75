// GET /router/state: what the router knows about its rows at this moment. Reads their views, asks nobody.
#include "http/answers.hpp"
#include "http/query.hpp"
#include "http/routes/routes.hpp"
#include "http/state_json.hpp"

namespace switchyard::http::routes {

aw<> router_state(RequestContext& context) {
  const auto wanted = query_value(context.exchange.head.query, "model_group");
  const auto now = context.shard.now();
  std::string body = "{\"data\":[";
  for (auto& group : context.routing->groups()) {
    if (!wanted.empty() && group->name != wanted) continue;
    if (body.back() != '[') body += ',';
    body += state_json(state_of(*group, now));
  }
  body += "]}";
  co_await answer_json(context.exchange, 200, body);
}

} // namespace switchyard::http::routes
