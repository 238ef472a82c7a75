// Base URLs: where the connection goes and what comes before an endpoint's path. Pure, start-up only.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/provider.hpp>

#include <string>
#include <string_view>

namespace switchyard::providers {

struct BaseUrl {
  Origin origin;
  std::string host_header; ///< host[:port] as written, lower case; brackets around IPv6
  std::string path;        ///< without a trailing slash; "" or "/v1"
  std::string query;       ///< without "?"
  std::string public_url;  ///< scheme, host and path: no credentials, no query
};

/// Fails with a config error that says what is wrong with `text`.
Result<BaseUrl> parse_base_url(std::string_view text);

/// Percent-encodes everything but unreserved characters (for one path segment).
std::string path_segment(std::string_view text);

} // namespace switchyard::providers
