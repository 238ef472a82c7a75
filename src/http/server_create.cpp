// Server::create: the server with the product's handler. Apart from server.cpp, so that tests of the
// transport link without the product.
#include "http/app.hpp"
#include "http/gateway_server.hpp"
#include "http/route_table.hpp"
#include "http/shard.hpp"

#include <switchyard/environment.hpp>
#include <switchyard/log.hpp>

namespace switchyard::http {

namespace {

/// The vocabularies of SWITCHYARD_TOKENIZER_DIR; without them counts are estimates.
std::shared_ptr<const Tokenizers> installed_tokenizers() {
  const auto directory = environment_or_empty("SWITCHYARD_TOKENIZER_DIR");
  auto loaded = directory.empty() ? Result<Tokenizers>(Tokenizers{}) : load_tokenizers(directory);
  if (!loaded)
    log::warning("tokenizers.broken", {{"directory", directory}, {"error", loaded.error().message}});
  return std::make_shared<const Tokenizers>(loaded ? *loaded : Tokenizers{});
}

} // namespace

void install_management_routes(std::span<const management::Route> routes) { install_routes(routes); }

std::unique_ptr<Server> Server::create(ConfigPtr config) {
  // The shards share one state, made by the first of them: shards and limits exist only by then.
  auto state = std::make_shared<ProcessState>();
  auto factory = [config, state](Shard& shard, const std::vector<Shard*>& shards, ProcessLimits& limits) {
    if (shard.number == 0) {
      state->started = shard.now();
      state->shards = shards;
      state->limits = &limits;
      state->tokenizers = installed_tokenizers();
    }
    return make_handler(shard, config, *state);
  };
  return make_server(config, std::move(factory));
}

} // namespace switchyard::http
