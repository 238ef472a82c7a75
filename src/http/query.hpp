// The query string of a request target. Pure.
#pragma once

#include "core/percent.hpp"

#include <string>
#include <string_view>

namespace switchyard::http {

/// "%2F" -> "/"; malformed escapes stay as they are.
std::string percent_decode(std::string_view text);
using core::percent_encode;
/// The first value of a parameter, decoded; empty when absent.
std::string query_value(std::string_view query, std::string_view name);

} // namespace switchyard::http
