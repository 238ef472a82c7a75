// The handlers behind the route table, one file per family. Each answers its exchange exactly once.
#pragma once

#include "http/request.hpp"

namespace switchyard::http::routes {

aw<> token_counter(RequestContext& context);
aw<> supported_openai_params(RequestContext& context);
aw<> transform_request(RequestContext& context);
aw<> pass_through(RequestContext& context);
aw<> files(RequestContext& context);
aw<> response_by_id(RequestContext& context);
aw<> configured_pass_through(RequestContext& context);
/// The route of general_settings.pass_through_endpoints that serves the request, or null.
const Route* configured_route(const RequestContext& context);
aw<> llm(RequestContext& context);
aw<> realtime(RequestContext& context);

aw<> list_models(RequestContext& context);
aw<> one_model(RequestContext& context);
aw<> model_info(RequestContext& context);
aw<> model_group_info(RequestContext& context);
aw<> router_state(RequestContext& context);

aw<> health(RequestContext& context);
aw<> readiness(RequestContext& context);
aw<> liveliness(RequestContext& context);
aw<> backlog(RequestContext& context);
aw<> health_services(RequestContext& context);
aw<> health_shared_status(RequestContext& context);
aw<> list_routes(RequestContext& context);
aw<> test(RequestContext& context);
aw<> robots(RequestContext& context);
aw<> metrics(RequestContext& context);

aw<> management(RequestContext& context);

aw<> docs_page(RequestContext& context);
aw<> openapi(RequestContext& context);

} // namespace switchyard::http::routes
