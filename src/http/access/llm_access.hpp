// What the middle of a request asks about its caller: may it use this model, who pays, who is it for
// management. Shard code; cheap when there are no virtual keys.
#pragma once

#include "http/llm_request.hpp"
#include "http/request.hpp"

#include <switchyard/management.hpp>

#include <string_view>
#include <vector>

namespace switchyard::http::access {

/// Whether tags of this client count (general_settings.allow_client_tags): the administrator's always do.
bool may_tag(const RequestContext& context);

/// True when the request names a customer that the shard knows nothing about: find_customer() first.
bool customer_unknown(const RequestContext& context, const LlmRequest& request);
aw<> find_customer(RequestContext& context, LlmRequest& request);

/// Models, team, project, required fields, customer (spec management.md 1.6 but for budgets and limits).
/// Afterwards request.model is what aliases say, and tags, region and customer are filled in.
Result<void> check_llm_access(RequestContext& context, LlmRequest& request);

/// Whose ledgers are asked; empty = nobody's.
std::vector<EntityPtr> payers_of(RequestContext& context, const LlmRequest& request);

/// For lists of models: does this caller see it.
bool may_use_model(const RequestContext& context, std::string_view model);

management::Caller caller_of(const RequestContext& context);

} // namespace switchyard::http::access
