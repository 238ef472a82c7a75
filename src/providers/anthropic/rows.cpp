// Anthropic itself: paths, credentials and the rows of its two APIs. Immutable data, any thread.
#include "providers/anthropic/rows.hpp"

#include "providers/anthropic/parts.hpp"
#include "providers/anthropic/text.hpp"

#include <switchyard/ascii.hpp>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

/// A base that names the endpoint already stays as it is.
std::string path_of(const BaseUrl& base, string_view endpoint, EnvLookup env) {
  auto path = base.path;
  const bool whole =
      same_text(env("LITELLM_ANTHROPIC_DISABLE_URL_SUFFIX"), "true") || path.ends_with(endpoint);
  if (!whole) path += path.ends_with("/v1") ? endpoint.substr(3) : endpoint;
  return path;
}

/// x-api-key, or a bearer token: ANTHROPIC_AUTH_TOKEN, or a key that is an OAuth token.
void add_credentials(FamilyTarget& target, EnvLookup env) {
  bool bearer = false;
  if (target.key.empty()) {
    target.key = Secret(env("ANTHROPIC_AUTH_TOKEN"));
    bearer = true;
  }
  if (target.key.empty()) return;
  const std::string key(target.key.reveal());
  if (key.starts_with("sk-ant-oat")) {
    target.lines.push_back({"anthropic-beta", "oauth-2025-04-20"});
    bearer = true;
  }
  if (bearer)
    target.lines.push_back({"Authorization", "Bearer " + key, true});
  else
    target.lines.push_back({"x-api-key", key, true});
}

Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup env) {
  add_credentials(target, env);
  target.route = path_of(target.base, "/v1/messages", env);
  return {};
}

Result<void> text_prepare(FamilyTarget& target, const LitellmParams&, EnvLookup env) {
  add_credentials(target, env);
  target.route = path_of(target.base, "/v1/complete", env);
  return {};
}

std::string with_query(std::string path, const BaseUrl& base) {
  return base.query.empty() ? path : path + "?" + base.query;
}

Result<void> encode_messages(Job& job, Upstream& out) {
  auto body = encode(job, k_anthropic);
  if (!body) return body.error();
  const bool counts = job.call.endpoint == Endpoint::messages_count;
  out.path = with_query(job.target.route + (counts ? "/count_tokens" : ""), job.target.base);
  add_headers(*body, out.lines);
  out.body = std::move(body->json);
  return {};
}

Result<void> encode_text(Job& job, Upstream& out) {
  auto body = text_body(job);
  if (!body) return body.error();
  out.path = with_query(job.target.route, job.target.base);
  out.lines.push_back({"anthropic-version", "2023-06-01"});
  out.body = std::move(*body);
  return {};
}

/// Claude fetches https itself. Relayed Messages go as they are.
bool needs_bytes(const FamilyTarget&, const Call& call, string_view url) {
  return call.endpoint == Endpoint::chat && url.starts_with("http://");
}

constexpr Family k_messages{.name = "anthropic",
                            .prepare = prepare,
                            .takes = takes,
                            .encode = encode_messages,
                            .decode = decode,
                            .stream = stream,
                            .classify = classify,
                            .needs_bytes = needs_bytes};
constexpr Family k_text{.name = "anthropic_text",
                        .prepare = text_prepare,
                        .takes = text_takes,
                        .encode = encode_text,
                        .decode = text_decode,
                        .stream = text_stream,
                        .classify = classify};

constexpr string_view k_base = "https://api.anthropic.com",
                      k_base_env = "ANTHROPIC_API_BASE ANTHROPIC_BASE_URL", k_key_env = "ANTHROPIC_API_KEY";
constexpr ProviderRow k_rows[] = {{.name = "anthropic",
                                   .base_url = k_base,
                                   .base_env = k_base_env,
                                   .key_env = k_key_env,
                                   .endpoints = C | N,
                                   .quirks = k_raw_errors,
                                   .auth = Auth::own_header,
                                   .errors = ErrorFamily::generic,
                                   .family = &k_messages},
                                  {.name = "anthropic_text",
                                   .base_url = k_base,
                                   .base_env = k_base_env,
                                   .key_env = k_key_env,
                                   .endpoints = C,
                                   .quirks = k_raw_errors,
                                   .auth = Auth::own_header,
                                   .errors = ErrorFamily::generic,
                                   .family = &k_text}};

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::anthropic
