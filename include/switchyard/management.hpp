// Management calls (/key/*, /team/*, /spend/*, ...) as plain blocking functions over a store session: run on
// the store's threads, never on a shard. No sockets, no coroutines: tested with an in-memory store.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/config.hpp>
#include <switchyard/identity.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/pricing.hpp>
#include <switchyard/store.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {
class Routing; // graph.hpp
}

namespace switchyard::management {

/// Who calls, as authenticated on the shard.
struct Caller {
  bool is_master = false; ///< the master key itself
  std::string role;       ///< "proxy_admin", "internal_user", ...; of the master key proxy_admin
  std::string user_id;    ///< of the master key "default_user_id"
  std::string key_hash;   ///< "" for JWT callers
  std::string team_id, organization_id;
  std::shared_ptr<const KeyRecord> key; ///< null for the master key
  bool is_admin() const { return role == "proxy_admin"; }
  bool may_read_all() const { return is_admin() || role == "proxy_admin_viewer"; }
};

/// The cost map of LITELLM_MODEL_COST_MAP_URL, read again while the process runs. Store threads.
struct PriceReload {
  std::function<Result<std::size_t>()> run;      ///< models in the table now
  std::function<std::optional<WallTime>()> last; ///< nothing = not since the start
};

/// What the process knows and the database does not.
struct Live {
  std::shared_ptr<const Routing> routing; ///< model names, access groups
  PriceBookPtr prices;
  WallTime started{};
  /// provider -> {budget_limit, time_period, spend, budget_reset_at}; empty = no provider has a budget.
  std::function<ValueMap()> provider_budgets;
  /// What the configuration's loader says against sections that are about to be stored (unknown keys, wrong
  /// values), one line each. Empty function = not checked.
  std::function<std::vector<std::string>(const ValueMap& sections)> check_config;
  PriceReload price_reload;
};

struct Call {
  std::string method; ///< "GET", "POST", ...
  std::string path;   ///< without SERVER_ROOT_PATH and query
  std::string query;  ///< raw, without '?'
  std::string body;
  std::string argument; ///< what {m} matched, percent-decoded
  Caller caller;
  std::string changed_by;    ///< litellm-changed-by
  std::string presented_key; ///< only for routes that echo it (/key/health); else empty
  WallTime now{};
  std::uint64_t random = 0; ///< seed is not for secrets: keys come from the system's generator
  ConfigPtr config;
  Live live;
};

struct Reply {
  int status = 200;
  std::string body; ///< JSON
  std::string content_type = "application/json";
  std::string headers;          ///< "Name: value\r\n" lines
  std::vector<Touched> touched; ///< read again and published before the answer leaves
};

using Handler = Reply (*)(storage::Session& session, const Call& call);

enum Method : unsigned { k_get = 1, k_post = 2, k_put = 4, k_patch = 8, k_delete = 16 };

/// One management route. Who may call it at all is decided on the shard by its path (route groups, roles);
/// what a caller may do to which row is decided again in the handler.
struct Route {
  std::string_view path; ///< may hold one {m}
  unsigned methods;
  Handler handle;
  std::string_view summary;
};

/// Every route, sorted by path.
std::span<const Route> all_routes();

/// Runs a call; exceptions become a 500 with LiteLLM's words.
Reply run(const Route& route, storage::Session& session, const Call& call);

} // namespace switchyard::management
