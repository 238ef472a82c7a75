// The gateway as a RequestHandler: middleware list, routes, attempt loop. One App per shard.
#pragma once

#include "http/exchange.hpp"
#include "http/telemetry.hpp"

#include <switchyard/config.hpp>
#include <switchyard/tokens.hpp>

#include <memory>
#include <vector>

namespace switchyard::http {

struct ProcessLimits;

/// What the shards share: set up before the threads start, then read only.
struct ProcessState {
  Instant started{};
  std::vector<Shard*> shards;
  ProcessLimits* limits = nullptr;
  std::shared_ptr<const Tokenizers> tokenizers; ///< never null
  std::shared_ptr<Telemetry> telemetry = std::make_shared<Telemetry>();
};

/// Called once per shard, before its thread starts. `config` is the one at start-up; requests use
/// shard.routing's.
std::unique_ptr<RequestHandler> make_handler(Shard& shard, ConfigPtr config, const ProcessState& state);

} // namespace switchyard::http
