// The query string of a request target. Pure.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::http {

/// "%2F" -> "/"; malformed escapes stay as they are.
std::string percent_decode(std::string_view text);
/// For a query or a form: everything but unreserved characters (RFC 3986) is escaped.
std::string percent_encode(std::string_view text);
/// The first value of a parameter, decoded; empty when absent.
std::string query_value(std::string_view query, std::string_view name);

} // namespace switchyard::http
