// One call through the router: pick, try, retry, fall back. The policy is the loop in attempt.cpp; one try is
// relay.hpp.
#pragma once

#include "http/llm_request.hpp"
#include "http/request.hpp"

namespace switchyard::http {

/// Serves the request to its end: exactly one answer, or none when the client is gone.
aw<> serve_llm(RequestContext& context, LlmRequest& request);

} // namespace switchyard::http
