// From the presented key to an identity. Shard code.
#include "http/access/authenticate.hpp"

#include "http/access/key_hash.hpp"
#include "http/access/outside.hpp"
#include "http/access/route_access.hpp"
#include "http/auth.hpp"
#include "http/route_lists.hpp"
#include "http/route_table.hpp"

#include <utility>

namespace switchyard::http::access {

namespace {

bool needs_key(const RequestContext& context) {
  auto& general = context.config.general;
  const auto access = context.route->access;
  const bool guarded = access == Access::key || (access == Access::metrics &&
                                                 context.config.litellm.require_auth_for_metrics_endpoint);
  if (!guarded || general.master_key.empty()) return false;
  return general.public_routes.empty() || !route_listed(general.public_routes, *context.route, context.path);
}

/// The key is somebody's: whether it may be used, and here.
Result<void> adopt(RequestContext& context, std::shared_ptr<const KeyRecord> key) {
  auto identity = identify(context.shard.identities, std::move(key));
  if (!identity) return identity.error();
  return take_identity(context, std::move(*identity));
}

Error store_is_down() {
  Error error(Errc::unavailable, "No connected db. The key could not be looked up, please try again.");
  error.extra().type = "no_db_connection";
  error.retry_after = Millis(1000);
  return error;
}

/// allow_requests_on_db_unavailable: somebody, for LLM routes only.
Result<void> admit_unknown(RequestContext& context) {
  auto key = std::make_shared<KeyRecord>();
  key->hash = key->name = key->alias = "failed-to-connect-to-db";
  key->user_id = plane_of(context.config).admin_user_id;
  auto identity = std::make_unique<Identity>();
  identity->key = std::move(key), identity->role = "internal_user";
  identity->virtual_key = false, identity->only_llm = true;
  identity->groups = &context.shard.identities;
  return take_identity(context, std::move(identity));
}

PresentedKey key_of(const RequestContext& context) {
  return presented_key(context.exchange.head, context.config.general.litellm_key_header_name);
}

/// A virtual key, when it is on the shard.
Result<void> take_key(RequestContext& context, const PresentedKey& key) {
  if (!key.value.starts_with("sk-")) return refuse_key(key, {});
  const auto hash = hash_key(key.value);
  auto record = context.shard.identities.key_ptr(hash.text());
  if (record) return adopt(context, std::move(record));
  context.key_unknown = true;
  return {};
}

/// A virtual key that is not.
aw<Result<void>> ask_store(RequestContext& context, const PresentedKey& key) {
  const auto hash = hash_key(key.value);
  FindKey query;
  query.hash = hash.text(), query.now = context.shard.now();
  FoundKey found = co_await ask(context.shard.plane->keys, std::move(query), context.shard.executor());
  if (found.error == Errc::none && found.key) {
    auto posted = context.shard.identities.key_ptr(hash.text()); // newer than the answer, if it is there
    co_return adopt(context, posted ? std::move(posted) : std::move(found.key));
  }
  if (found.error != Errc::unavailable) co_return refuse_key(key, hash.text());
  if (plane_of(context.config).allow_requests_on_db_unavailable) co_return admit_unknown(context);
  co_return store_is_down();
}

/// The hook's word, and then the key that it names.
aw<Result<void>> find_by_hook(RequestContext& context, PresentedKey key) {
  auto verdict = co_await ask_hook(context, key.value);
  if (!verdict) co_return verdict.error();
  if (context.identity) co_return Result<void>();
  key.present = key.present || !verdict->key.empty(), key.value = std::move(verdict->key);
  if (auto taken = take_key(context, key); !taken) co_return taken.error();
  if (!std::exchange(context.key_unknown, false)) co_return Result<void>();
  co_return co_await ask_store(context, key);
}

} // namespace

Result<void> take_identity(RequestContext& context, std::unique_ptr<Identity> identity) {
  if (auto usable = check_key(*identity, context.shard.clock.wall()); !usable) return usable.error();
  const RouteQuestion route{context.exchange.head.method, context.path};
  if (auto open = check_route(*identity, plane_of(context.config), route); !open) return open.error();
  context.identity = std::move(identity);
  return {};
}

Result<void> authenticate(RequestContext& context) {
  if (!needs_key(context)) return {};
  const auto key = key_of(context);
  if (!key.value.empty() && equal_constant_time(key.value, context.config.general.master_key)) {
    context.is_master = true;
    return {};
  }
  if (!context.shard.plane) return refuse_key(key, {});
  switch (judge_of(context, key.value)) {
  case Judge::jwt:
    return take_jwt(context, key.value);
  case Judge::oauth2:
  case Judge::hook:
    context.key_unknown = true;
    return {};
  case Judge::records:
    break;
  }
  return take_key(context, key);
}

aw<Result<void>> find_key(RequestContext& context) {
  context.key_unknown = false;
  auto key = key_of(context);
  switch (judge_of(context, key.value)) {
  case Judge::jwt:
    co_return co_await find_jwt(context, std::move(key.value));
  case Judge::oauth2:
    co_return co_await find_oauth2(context, std::move(key.value));
  case Judge::hook:
    co_return co_await find_by_hook(context, std::move(key));
  case Judge::records:
    break;
  }
  co_return co_await ask_store(context, key);
}

void apply(Shard& shard, const IdentityDelta& delta) {
  shard.identities.apply(delta);
  shard.customers.clear();
  shard.proxy_budget = {};
}

} // namespace switchyard::http::access
