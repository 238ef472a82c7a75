// JWTs on the shard. Shard code.
#include "http/access/outside.hpp"

#include "http/access/jwt.hpp"
#include "http/access/key_hash.hpp"
#include "http/access/route_groups.hpp"
#include "http/access/token_identity.hpp"
#include "http/access/token_keys.hpp"

namespace switchyard::http::access {

namespace {

TokenKeys& keys_of(Shard& shard) {
  if (!shard.token_keys) shard.token_keys = std::make_unique<TokenKeys>();
  return *shard.token_keys;
}

Error no_keys(const TokenKeys& keys) {
  Error error(Errc::unavailable, "The public keys for JWTs could not be fetched, please try again.");
  if (keys.problem().empty()) error.message = "The public keys for JWTs are being fetched, please try again.";
  error.retry_after = Millis(1000);
  return error;
}

Result<void> verify_and_take(RequestContext& context, std::string_view token) {
  auto& keys = keys_of(context.shard);
  auto& settings = keys.settings(context.config.plane);
  if (!settings) return settings.error();
  if (keys.keys().empty()) return no_keys(keys);
  auto& plane = *context.config.plane;
  JwtChecks checks;
  checks.issuer = plane.jwt_issuer, checks.audience = plane.jwt_audience;
  checks.now = context.shard.clock.wall();
  const auto hash = hash_key(token);
  auto claims = keys.seen(hash.text());
  if (claims) {
    if (auto good = check_claims(*claims, checks); !good) return good.error();
  } else {
    auto verified = verify_jwt(token, keys.keys(), checks);
    if (!verified) return verified.error();
    claims = std::make_shared<const Value>(std::move(*verified));
    keys.remember(token, hash.text(), claims);
  }
  TokenQuestion question;
  question.token = token, question.path = context.path;
  question.wanted_team = context.exchange.head.find("x-litellm-team-id");
  auto identity = identify_token(*claims, *settings, context.shard.identities, question);
  if (!identity) return identity.error();
  return take_identity(context, std::move(*identity));
}

} // namespace

Judge judge_of(const RequestContext& context, std::string_view key) {
  auto& plane = plane_of(context.config);
  if (!plane.custom_auth_url.empty() && plane.custom_auth_mode != "off") return Judge::hook;
  if (plane.enable_jwt_auth && looks_like_jwt(key)) return Judge::jwt;
  if (!plane.enable_oauth2_auth || key.empty() || key.starts_with("sk-")) return Judge::records;
  const bool covered = in_group("llm_api_routes", context.path) || in_group("info_routes", context.path);
  return covered ? Judge::oauth2 : Judge::records;
}

Result<void> take_jwt(RequestContext& context, std::string_view token) {
  auto& keys = keys_of(context.shard);
  if (auto& settings = keys.settings(context.config.plane); !settings) return settings.error();
  auto header = read_jwt_header(token);
  if (!header) return header.error();
  if (keys.wants_refresh(*header, context.shard.now())) return context.key_unknown = true, Result<void>();
  return verify_and_take(context, token);
}

aw<Result<void>> find_jwt(RequestContext& context, std::string token) {
  co_await keys_of(context.shard).refresh(context.shard);
  co_return verify_and_take(context, token);
}

} // namespace switchyard::http::access
