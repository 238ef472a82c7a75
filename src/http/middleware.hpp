// What every request passes before its route, in one ordered list (middleware.cpp). Shard code, never blocks.
#pragma once

#include "http/request.hpp"

#include <switchyard/error.hpp>

namespace switchyard::http {

/// Runs the list. Ok = context.route is set and may be called; an error is what the client gets.
Result<void> run_middleware(RequestContext& context);

} // namespace switchyard::http
