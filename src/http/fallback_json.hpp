// The three shapes of a request's `fallbacks` (spec router.md 3.3) as rules. Pure.
#pragma once

#include <switchyard/config.hpp>
#include <switchyard/error.hpp>

#include <string_view>
#include <vector>

namespace switchyard::http {

/// `json` = a JSON array of names, of parameter objects with a "model", or of {group: [targets]} maps.
/// Names and objects become one rule for "*". `field` names the key in errors.
Result<std::vector<FallbackRule>> parse_fallbacks(std::string_view json, std::string_view field);

} // namespace switchyard::http
