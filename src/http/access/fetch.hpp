// One small HTTP request of the gateway's own: JWKS, token introspection, the custom authentication hook.
// Shard code, through the shard's upstream client.
#pragma once

#include "http/shard.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/error.hpp>

#include <string>

namespace switchyard::http::access {

struct Fetch {
  std::string method = "GET";
  std::string url;          ///< http or https
  std::string content_type; ///< "" = no body
  std::string body;
  std::string authorization; ///< value of the header; "" = none
  Millis timeout{10'000};
  std::size_t most = 1024 * 1024; ///< longest answer
};
struct Fetched {
  int status = 0;
  std::string body;
  std::string cache_control; ///< the answer's Cache-Control
};

/// Errors: config for a URL that cannot be called, else what the client says.
aw<Result<Fetched>> fetch(Shard& shard, Fetch request);

} // namespace switchyard::http::access
