// general_settings.custom_key_generate: a hook that decides about new keys, in place of Python. Shard code.
#pragma once

#include "http/request.hpp"

#include <switchyard/error.hpp>

#include <string_view>

namespace switchyard::http::access {

/// Asks before /key/generate, /key/service-account/generate and the like; every other route goes on at once.
/// 403 with the hook's message when it says no, 503 when it cannot be asked.
aw<Result<void>> ask_key_hook(const RequestContext& context, std::string_view body);

} // namespace switchyard::http::access
