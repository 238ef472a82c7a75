// What middleware and routes know about one request beside its exchange. A local of the handler's coroutine.
#pragma once

#include "http/access/identity.hpp"
#include "http/app.hpp"
#include "http/exchange.hpp"
#include "http/shard.hpp"

#include <switchyard/call_id.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/provider.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace switchyard::http {

struct Route;

struct RequestContext {
  Exchange& exchange;
  Shard& shard;
  const ProcessState& process;
  ShardTelemetry& telemetry;
  CallIds& call_ids;
  RoutingPtr routing; ///< the snapshot this request keeps to its end
  const Config& config;

  std::string decoded_path;                   ///< behind `path` when it had escapes
  std::string_view path;                      ///< without SERVER_ROOT_PATH and query
  const Route* route = nullptr;               ///< set by match_route
  std::string path_argument;                  ///< {m} or {id} of the route, percent-decoded
  bool is_master = false;                     ///< authenticated with the master key
  bool key_unknown = false;                   ///< a virtual key that only the store can know
  std::unique_ptr<access::Identity> identity; ///< null: the master key, or nobody in particular

  RequestContext(Exchange& e, const ProcessState& p, ShardTelemetry& t, CallIds& ids)
      : exchange(e), shard(e.shard()), process(p), telemetry(t), call_ids(ids), routing(shard.routing),
        config(routing->config()) {}

  /// A model's name as its caller means it.
  Resolved resolve(std::string_view model) const {
    return routing->resolve_for(identity ? std::string_view(identity->team_id()) : std::string_view(), model);
  }
};

} // namespace switchyard::http
