// Server::create: the server with the product's handler. Apart from server.cpp, so that tests of the
// transport link without the product.
#include "http/app.hpp"
#include "http/gateway_server.hpp"
#include "http/route_table.hpp"
#include "http/shard.hpp"

namespace switchyard::http {

void install_management_routes(std::span<const management::Route> routes) { install_routes(routes); }

std::unique_ptr<Server> Server::create(ConfigPtr config) {
  // The shards share one state, made by the first of them: shards and limits exist only by then.
  auto state = std::make_shared<ProcessState>();
  auto factory = [config, state](Shard& shard, const std::vector<Shard*>& shards, ProcessLimits& limits) {
    if (shard.number == 0) {
      state->started = shard.now();
      state->shards = shards;
      state->limits = &limits;
    }
    return make_handler(shard, config, *state);
  };
  return make_server(config, std::move(factory));
}

} // namespace switchyard::http
