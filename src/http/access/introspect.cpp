// OAuth2 token introspection and the custom authentication hook: one POST each. Shard code.
#include "http/access/claims.hpp"
#include "http/access/fetch.hpp"
#include "http/access/key_hash.hpp"
#include "http/access/outside.hpp"
#include "http/access/vouched.hpp"
#include "http/query.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/log.hpp>

#include <algorithm>

namespace switchyard::http::access {

namespace {

Error not_reached(std::string_view what) {
  Error error(Errc::unavailable, std::string(what));
  error.message += " could not be asked, please try again.";
  error.retry_after = Millis(1000);
  return error;
}

Vouched& vouched_of(Shard& shard) {
  if (!shard.vouched) shard.vouched = std::make_unique<Vouched>();
  return *shard.vouched;
}

void keep(Shard& shard, std::string question, std::shared_ptr<const Value> answer, double seconds) {
  const auto life = std::chrono::duration_cast<Millis>(std::chrono::duration<double>(seconds));
  if (life > Millis(0)) vouched_of(shard).keep(std::move(question), std::move(answer), shard.now() + life);
}

/// An identity that somebody else vouched for.
Result<void> take_record(RequestContext& context, std::shared_ptr<const KeyRecord> record, std::string role) {
  auto identity = identify(context.shard.identities, std::move(record));
  if (!identity) return identity.error();
  auto& id = **identity;
  id.virtual_key = false;
  if (!role.empty()) id.role = std::move(role);
  if (id.role.empty()) id.role = "internal_user";
  return take_identity(context, std::move(*identity));
}

// -- the hook

bool is_secret_header(std::string_view name, std::string_view key_header) {
  constexpr std::string_view k_secret[] = {
      "authorization",     "cookie",         "proxy-authorization",      "api-key", "x-api-key",
      "x-litellm-api-key", "x-goog-api-key", "ocp-apim-subscription-key"};
  return same_text(name, key_header) || std::any_of(std::begin(k_secret), std::end(k_secret),
                                                    [&](auto known) { return same_text(name, known); });
}

std::string hook_body(const RequestContext& context, std::string_view key) {
  auto& head = context.exchange.head;
  std::string out = "{\"method\":" + json_string(head.method) + ",\"path\":" + json_string(context.path) +
                    ",\"query\":" + json_string(head.query) +
                    ",\"client_ip\":" + json_string(context.exchange.client_ip) +
                    ",\"api_key\":" + json_string(key) + ",\"headers\":{";
  bool first = true;
  std::vector<std::string> seen;
  for (auto& line : head.headers) {
    auto name = lower_case(line.name);
    if (is_secret_header(name, context.config.general.litellm_key_header_name) ||
        std::find(seen.begin(), seen.end(), name) != seen.end())
      continue;
    if (!std::exchange(first, false)) out += ',';
    out += json_string(name) + ":" + json_string(line.value);
    seen.push_back(std::move(name));
  }
  return out + "}}";
}

/// {user_id, team_id, organization_id, user_role, models, allowed_routes, key_alias, end_user_id, metadata}
Result<void> take_described(RequestContext& context, const Value& answer, std::string_view key) {
  auto record = std::make_shared<KeyRecord>();
  record->hash = "custom-auth-" + std::string(hash_key(key).text());
  record->alias = text_at(answer, "key_alias"), record->user_id = text_at(answer, "user_id");
  record->team_id = text_at(answer, "team_id");
  record->organization_id = text_at(answer, "organization_id", text_at(answer, "org_id"));
  record->models = texts_of(answer.find("models"));
  record->allowed_routes = texts_of(answer.find("allowed_routes"));
  if (const auto* metadata = answer.find("metadata")) record->metadata = *metadata;
  const std::string role(text_at(answer, "user_role"));
  const std::string end_user(text_at(answer, "end_user_id"));
  auto taken = take_record(context, std::move(record), role);
  if (taken && !end_user.empty()) context.identity->end_user = end_user;
  return taken;
}

/// What a hook's answer may depend on, when it says that it may be kept.
std::string hook_question(const RequestContext& context, std::string_view key) {
  std::string out = "hook:";
  out.append(hash_key(key).text()).append(" ").append(context.exchange.head.method).append(" ");
  return out.append(context.path).append(" ").append(context.exchange.client_ip);
}

Result<HookVerdict> take_verdict(RequestContext& context, const Value& answer, std::string_view key) {
  HookVerdict verdict;
  verdict.key = text_at(answer, "api_key");
  if (!verdict.key.empty()) return verdict;
  if (auto taken = take_described(context, answer, key); !taken) return taken.error();
  return verdict;
}

Result<void> take_introspected(RequestContext& context, const Value& info, std::string_view token) {
  auto& plane = plane_of(context.config);
  auto record = std::make_shared<KeyRecord>();
  record->hash = "hashed-oauth2-" + std::string(hash_key(token).text());
  record->user_id = claim_text(info, plane.oauth_user_id_field);
  record->team_id = claim_text(info, plane.oauth_team_id_field);
  return take_record(context, std::move(record), claim_text(info, plane.oauth_role_field));
}

Error refusal_of(const Fetched& answer) {
  auto document = parse_json(answer.body);
  std::string_view text = document ? text_at(*document, "message", text_at(*document, "error")) : "";
  if (text.empty()) text = "the custom authentication refused the request";
  if (answer.status == 403) return forbidden(text);
  return auth_refusal(text);
}

} // namespace

aw<Result<void>> find_oauth2(RequestContext& context, std::string token) {
  const std::string question = "oauth2:" + std::string(hash_key(token).text());
  if (auto known = vouched_of(context.shard).find(question, context.shard.now()))
    co_return take_introspected(context, *known, token);
  auto& plane = plane_of(context.config);
  Fetch request;
  request.method = "POST", request.url = plane.oauth_token_info_endpoint;
  request.content_type = "application/x-www-form-urlencoded";
  request.authorization = "Bearer " + token, request.body = "token=" + percent_encode(token);
  auto answer = co_await fetch(context.shard, std::move(request));
  if (!answer || answer->status >= 500) {
    log::warning("oauth2.not_reached", {{"call_id", context.exchange.call_id}});
    co_return not_reached("The OAuth2 token endpoint");
  }
  auto info = parse_json(answer->body);
  const auto* active = info ? info->find("active") : nullptr;
  const bool refused = active && (!active->as_bool() || !*active->as_bool());
  if (answer->status != 200 || !info || !info->as_map() || refused)
    co_return auth_refusal("The OAuth2 token is not valid");
  auto document = std::make_shared<const Value>(std::move(*info));
  const auto life = life_of(*answer, *document, context.shard.clock.wall(), plane.vouched_ttl);
  keep(context.shard, question, document, life);
  co_return take_introspected(context, *document, token);
}

aw<Result<HookVerdict>> ask_hook(RequestContext& context, std::string key) {
  const auto question = hook_question(context, key);
  if (auto known = vouched_of(context.shard).find(question, context.shard.now()))
    co_return take_verdict(context, *known, key);
  auto& plane = plane_of(context.config);
  const bool falls_back = plane.custom_auth_mode == "auto";
  Fetch request;
  request.method = "POST", request.url = plane.custom_auth_url;
  request.content_type = "application/json", request.body = hook_body(context, key);
  auto answer = co_await fetch(context.shard, std::move(request));
  if (!answer || answer->status != 200) {
    HookVerdict verdict;
    if (falls_back) co_return verdict.key = std::move(key), verdict;
    if (!answer || answer->status >= 500) co_return not_reached("The custom authentication");
    co_return refusal_of(*answer);
  }
  auto parsed = parse_json(answer->body);
  if (!parsed || !parsed->as_map()) co_return not_reached("The custom authentication");
  auto document = std::make_shared<const Value>(std::move(*parsed));
  const double max_age = max_age_of(answer->cache_control).value_or(0);
  keep(context.shard, question, document, std::min(max_age, plane.vouched_ttl));
  co_return take_verdict(context, *document, key);
}

} // namespace switchyard::http::access
