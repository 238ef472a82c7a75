// Server over an injected handler factory; Server::create() gives it the product's. Built and driven by
// main's thread, its shards run on their own.
#pragma once

#include "http/exchange.hpp"

#include <switchyard/server.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace switchyard::http {

struct ProcessLimits;
class Shard;

/// Called once per shard before any thread runs; `shards` is complete by then.
using HandlerFactory = std::function<std::unique_ptr<RequestHandler>(
    Shard& shard, const std::vector<Shard*>& shards, ProcessLimits& limits)>;

std::unique_ptr<Server> make_server(ConfigPtr config, HandlerFactory factory);

} // namespace switchyard::http
