// What an upstream connection writes: the prebuilt request, in the form its way demands (direct, through a
// proxy). Runs on a shard; copies no body bytes.
#pragma once

#include "http/upstream/link.hpp"
#include "http/upstream/pool.hpp"

#include <string>

namespace switchyard::http::upstream {

/// Writes head and body slices in one gather write; through an HTTP proxy with the absolute form and its
/// credentials.
void write_request(Link& link, const Request& request, const Pool& pool);
/// The CONNECT request that opens a tunnel to the pool's origin.
std::string connect_request(const Pool& pool);

} // namespace switchyard::http::upstream
