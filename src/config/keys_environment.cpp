// Environment variables that shape the server. Immutable data. They are read before the file, which wins.
#include "config/keys_plane.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::config {
namespace {
using enum Type;
using P = PlaneSettings;
using S = ServerSettings;
using L = LitellmSettings;
using R = RouterSettings;
using T = CooldownThresholds;
using H = HealthSettings;

template <auto Member>
constexpr Setter server = put<&Config::server, Member>;

template <auto Member>
Problem put_threshold(const Value& value, Target& target) {
  return read(value, target.config->router.thresholds.*Member);
}

template <auto Member>
Problem put_backoff(const Value& value, Target& target) {
  return read(value, target.config->router.backoff.*Member);
}

Problem put_host(const Value& value, Target& target) {
  target.config->server.host_given = true;
  return read(value, target.config->server.host);
}

Problem put_port(const Value& value, Target& target) {
  std::int64_t port = 0;
  Problem problem = read(value, port);
  if (problem.empty() && (port < 0 || port > 65535)) problem = expected("a port from 0 to 65535", value);
  if (problem.empty()) target.config->server.port = static_cast<std::uint16_t>(port);
  return problem;
}

/// DEBUG belongs to many programs, so a value that is not ours must not stop the start.
Problem put_debug(const Value& value, Target& target) {
  bool debug = false;
  if (!read(value, debug).empty()) target.notes.push_back("is neither true nor false and is ignored");
  if (debug) target.config->log_level = LogLevel::debug;
  return {};
}

Problem put_log_level(const Value& value, Target& target) {
  struct Name {
    std::string_view name;
    LogLevel level;
  };
  constexpr Name k_names[] = {{"debug", LogLevel::debug},  {"info", LogLevel::info},
                              {"warn", LogLevel::warning}, {"warning", LogLevel::warning},
                              {"error", LogLevel::error},  {"critical", LogLevel::error}};
  std::string name;
  if (Problem problem = read(value, name); !problem.empty()) return problem;
  for (const Name& row : k_names)
    if (same_text(row.name, name)) return target.config->log_level = row.level, Problem();
  return expected("debug, info, warning or error", value);
}

Problem put_json_logs(const Value& value, Target& target) { return read(value, target.config->json_logs); }
Problem put_log_file(const Value& value, Target& target) { return read(value, target.config->log_file); }

/// "/gateway": one leading slash, none at the end.
Problem put_root_path(const Value& value, Target& target) {
  std::string path;
  Problem problem = read(value, path);
  while (path.ends_with('/')) path.pop_back();
  while (path.starts_with('/')) path.erase(0, 1);
  target.config->server.root_path = path.empty() ? path : "/" + path;
  return problem;
}

Problem put_origins(const Value& value, Target& target) {
  std::string all;
  if (Problem problem = read(value, all); !problem.empty()) return problem;
  std::vector<std::string> origins;
  for (std::size_t from = 0; from <= all.size();) {
    const std::size_t comma = std::min(all.find(',', from), all.size());
    std::string origin = all.substr(from, comma - from);
    origin.erase(0, origin.find_first_not_of(" \t"));
    origin.erase(origin.find_last_not_of(" \t") + 1);
    if (!origin.empty()) origins.push_back(std::move(origin));
    from = comma + 1;
  }
  return target.config->server.cors_origins = std::move(origins), Problem();
}

constexpr Key k_keys[] = {
    // -- built
    {"CONFIG_FILE_PATH", text, "", "The configuration file, without --config", used_elsewhere},
    {"HOST", text, "0.0.0.0", "Address to listen on", put_host},
    {"PORT", integer, "4000", "Port to listen on; 0 = any free one", put_port},
    {"NUM_WORKERS", integer, "CPUs", "Shards (threads)", server<&S::num_workers>, not_negative},
    {"DEBUG", flag, "false", "Same as --debug", put_debug},
    {"DETAILED_DEBUG", flag, "false", "Same as --detailed_debug", put_debug},
    {"KEEPALIVE_TIMEOUT", seconds, "75", "Idle connections are closed after", server<&S::keepalive_timeout>},
    {"SSL_KEYFILE_PATH", text, "", "TLS key of the server", server<&S::ssl_keyfile_path>},
    {"SSL_CERTFILE_PATH", text, "", "TLS certificate of the server", server<&S::ssl_certfile_path>},
    {"SERVER_ROOT_PATH", text, "", "Prefix of every route", put_root_path},
    {"LITELLM_CORS_ORIGINS", text, "*", "Origins, separated by commas", put_origins},
    {"LITELLM_CORS_ALLOW_CREDENTIALS", flag, "false", "CORS with credentials",
     server<&S::cors_allow_credentials>},
    {"NO_DOCS", flag, "false", "No Swagger page", server<&S::no_docs>},
    {"NO_OPENAPI", flag, "false", "No openapi.json", server<&S::no_openapi>},
    {"DOCS_TITLE", text, "Switchyard API", "Title of the Swagger page", server<&S::docs_title>},
    {"DOCS_DESCRIPTION", text, "", "Text of the Swagger page", server<&S::docs_description>},
    {"DOCS_URL", text, "/", "Path of the Swagger page", server<&S::docs_url>},
    {"DOCS_FILTERED", flag, "false", "Only the LLM routes on it", server<&S::docs_filtered>},
    {"LITELLM_MASTER_KEY", secret, "", "See general_settings.master_key", put_master_key},
    {"LITELLM_ENVIRONMENT", text, "", "development, staging or production", used_elsewhere},
    {"LITELLM_LOG", text, "INFO", "DEBUG, INFO, WARNING or ERROR", put_log_level},
    {"JSON_LOGS", flag, "false", "Log lines are JSON", put_json_logs},
    {"LITELLM_LOG_FILE", text, "", "Log to a file", put_log_file},
    {"REQUEST_TIMEOUT", seconds, "6000", "See litellm_settings.request_timeout", put_request_timeout},
    {"DEFAULT_MAX_RETRIES", integer, "2", "See router_settings.num_retries",
     put<&Config::router, &R::num_retries>, not_negative},
    {"DEFAULT_COOLDOWN_TIME_SECONDS", seconds, "5", "See router_settings.cooldown_time",
     put<&Config::router, &R::cooldown_time>},
    {"DEFAULT_ALLOWED_FAILS", integer, "3",
     "router_settings.allowed_fails of this value keeps the default rule", put_threshold<&T::allowed_fails>,
     not_negative},
    {"DEFAULT_FAILURE_THRESHOLD_PERCENT", number, "0.5", "Share of failures that a row may have",
     put_threshold<&T::failure_share>, not_negative},
    {"DEFAULT_FAILURE_THRESHOLD_MINIMUM_REQUESTS", integer, "5",
     "Requests per minute before that share counts", put_threshold<&T::min_requests>, not_negative},
    {"SINGLE_DEPLOYMENT_TRAFFIC_FAILURE_THRESHOLD", integer, "1000",
     "Requests per minute that must all fail before a group's only row cools",
     put_threshold<&T::lone_requests>, at_least_one},
    {"INITIAL_RETRY_DELAY", seconds, "0.5", "Wait before the first retry when no other row is left; doubles",
     put_backoff<&Backoff::initial>},
    {"MAX_RETRY_DELAY", seconds, "8", "Longest of these waits", put_backoff<&Backoff::longest>},
    {"JITTER", seconds, "0.75", "Random seconds added to them, at most", put_backoff<&Backoff::jitter>},
    {"ROUTER_MAX_FALLBACKS", integer, "5", "See router_settings.max_fallbacks",
     put<&Config::router, &R::max_fallbacks>, not_negative},
    {"DEFAULT_HEALTH_CHECK_INTERVAL", seconds, "300", "See general_settings.health_check_interval",
     put<&Config::router, &R::health_check_interval>},
    {"HEALTH_CHECK_TIMEOUT_SECONDS", seconds, "60", "Limit of a health check",
     put<&Config::health, &H::timeout>},
    {"DEFAULT_HEALTH_CHECK_PROMPT", text, "test from litellm", "What health checks say",
     put<&Config::health, &H::prompt>},
    {"LITELLM_MAX_STREAMING_DURATION_SECONDS", seconds, "", "Longest stream, its continuations included",
     put<&Config::router, &R::max_stream_seconds>, not_negative},
    {"REPEATED_STREAMING_CHUNK_LIMIT", integer, "100",
     "Identical chunks in a row that a stream may have; 0 = any number",
     put<&Config::router, &R::repeated_chunk_limit>, not_negative},
    {"LITELLM_DROP_PARAMS", flag, "false", "See litellm_settings.drop_params",
     put<&Config::litellm, &L::drop_params>},
    {"LITELLM_MODIFY_PARAMS", flag, "false", "See litellm_settings.modify_params",
     put<&Config::litellm, &L::modify_params>},
    {"MAX_IMAGE_URL_DOWNLOAD_SIZE_MB", number, "50",
     "Biggest picture or file that is fetched for a provider; 0 = none is",
     put<&Config::litellm, &L::max_media_mb>, not_negative},
    {"SSL_CERT_FILE", text, "", "CA bundle for upstreams", put<&Config::litellm, &L::ssl_verify>},
    {"SSL_VERIFY", any, "true", "See litellm_settings.ssl_verify", put_ssl_verify},
    {"SSL_CERTIFICATE", text, "", "Client certificate for upstreams",
     put<&Config::litellm, &L::ssl_certificate>},
    {"HTTP_PROXY", text, "", "Proxy for http upstreams", used_elsewhere},
    {"HTTPS_PROXY", text, "", "Proxy for https upstreams", used_elsewhere},
    {"NO_PROXY", text, "", "Hosts without a proxy", used_elsewhere},
    // -- not built yet
    {"SWITCHYARD_DATA_DIR", text, "", "See general_settings.data_dir", put_plane<&P::data_dir>},
    {"DATABASE_URL", secret, "", "See general_settings.database_url", put_plane<&P::database_url>},
    {"DATABASE_HOST", text, "", "Without a DATABASE_URL: host or host:port of a PostgreSQL", used_elsewhere},
    {"DATABASE_USERNAME", text, "", "With DATABASE_HOST", used_elsewhere},
    {"DATABASE_PASSWORD", secret, "", "With DATABASE_HOST", used_elsewhere},
    {"DATABASE_NAME", text, "", "With DATABASE_HOST", used_elsewhere},
    {"DATABASE_SCHEMA", text, "", "With DATABASE_HOST: the schema, when it is not public", used_elsewhere},
    {"STORE_MODEL_IN_DB", flag, "false", "See general_settings.store_model_in_db",
     put_plane<&P::store_model_in_db>},
    {"LITELLM_SALT_KEY", secret, "", "Encrypts credentials in the database", put_plane<&P::salt_key>},
    {"LITELLM_CONFIG_BUCKET_NAME", text, "", "Configuration in a bucket"},
    {"LITELLM_CONFIG_BUCKET_OBJECT_KEY", text, "", "Configuration in a bucket"},
    {"LITELLM_CONFIG_BUCKET_TYPE", text, "", "Configuration in a bucket"},
    {"LITELLM_WORKER_STARTUP_HOOKS", text, "", "User code at start"},
    {"PROXY_BASE_URL", text, "", "The URL that clients see"},
    {"REDOC_URL", text, "", "Path of the Redoc page"},
    {"OPENAPI_URL", text, "/openapi.json", "Path of openapi.json"},
    {"ROOT_REDIRECT_URL", text, "", "Redirect from /"},
    {"SEPARATE_HEALTH_APP", flag, "false", "Health routes on a port of their own"},
    {"SEPARATE_HEALTH_PORT", integer, "4001", "That port"},
    {"UI_USERNAME", text, "", "Admin page", put_plane<&P::ui_username>},
    {"UI_PASSWORD", secret, "", "Admin page", put_plane<&P::ui_password>},
    {"LITELLM_RATE_LIMIT_WINDOW_SIZE", seconds, "60", "Length of the windows of rpm and tpm limits",
     put_plane<&P::rate_window>},
    {"LITELLM_KEY_ROTATION_GRACE_PERIOD", text, "", "How long the old key of /key/regenerate goes on working",
     put_duration<&P::key_rotation_grace_period>},
    {"LITELLM_KEY_ROTATION_ENABLED", flag, "false", "Keys with auto_rotate get new values when they are due",
     put_plane<&P::rotate_keys>},
    {"LITELLM_KEY_ROTATION_CHECK_INTERVAL_SECONDS", seconds, "86400", "How often that is looked at",
     put_plane<&P::rotation_interval>},
    {"LITELLM_EXPIRED_UI_SESSION_KEY_CLEANUP_ENABLED", flag, "false",
     "Expired keys of the admin page's sessions are deleted", put_plane<&P::clean_ui_keys>},
    {"LITELLM_EXPIRED_UI_SESSION_KEY_CLEANUP_INTERVAL_SECONDS", seconds, "86400", "How often",
     put_plane<&P::clean_interval>},
    {"LITELLM_EXPIRED_UI_SESSION_KEY_CLEANUP_BATCH_SIZE", integer, "1000", "How many at a time",
     put_plane<&P::clean_batch>, not_negative},
    {"UI_LOGO_PATH", text, "", "Admin page"},
    {"PROXY_ADMIN_ID", text, "", "Admin page", put_plane<&P::admin_user_id>},
    {"JWT_PUBLIC_KEY_URL", text, "",
     "Where the public keys of JWTs are, comma-separated: JWKS or discovery documents",
     put_plane<&P::jwt_public_key_url>},
    {"JWT_AUDIENCE", text, "", "Expected `aud` of JWTs; empty = any", put_plane<&P::jwt_audience>},
    {"JWT_ISSUER", text, "", "Expected `iss` of JWTs; empty = any", put_plane<&P::jwt_issuer>},
    {"OAUTH_TOKEN_INFO_ENDPOINT", text, "", "Asked about opaque tokens with enable_oauth2_auth",
     put_plane<&P::oauth_token_info_endpoint>},
    {"OAUTH_USER_ID_FIELD_NAME", text, "sub", "Its field with the user's id",
     put_plane<&P::oauth_user_id_field>},
    {"OAUTH_USER_ROLE_FIELD_NAME", text, "role", "Its field with the role", put_plane<&P::oauth_role_field>},
    {"OAUTH_USER_TEAM_ID_FIELD_NAME", text, "team_id", "Its field with the team's id",
     put_plane<&P::oauth_team_id_field>},
    {"DEFAULT_POLLING_INTERVAL", seconds, "0.03", "See router_settings.polling_interval", put_polling},
    {"MAX_REQUESTS_BEFORE_RESTART", integer, "", "Nothing leaks here that a restart would free"},
    {"SSL_SECURITY_LEVEL", text, "", "OpenSSL security level"},
    {"LITELLM_USER_AGENT", text, "", "User-Agent for upstreams"},
    {"PROXY_BATCH_WRITE_AT", seconds, "10", "Spend", put_plane<&P::batch_write_at>},
    {"PROXY_BUDGET_RESCHEDULER_MIN_TIME", seconds, "597", "Spend", put_plane<&P::reset_min>},
    {"PROXY_BUDGET_RESCHEDULER_MAX_TIME", seconds, "605", "Spend", put_plane<&P::reset_max>},
    {"DEFAULT_SOFT_BUDGET", number, "", "Soft budget of new keys that name none", put_plane<&P::soft_budget>},
    {"MAX_STRING_LENGTH_PROMPT_IN_DB", integer, "whole", "Longest text in prompts that spend rows keep",
     put_plane<&P::prompt_text_most>, not_negative},
    {"LITELLM_MODEL_COST_MAP_URL", text, "",
     "Prices in LiteLLM's format: a path, or a file, http or https URL", put_plane<&P::cost_map_url>},
    {"LITELLM_DETAILED_TIMING", flag, "false", "Timing headers", used_elsewhere},
    {"LITELLM_DISABLE_REDACT_SECRETS", flag, "false", "Secrets are always redacted"},
    {"IAM_TOKEN_DB_AUTH", flag, "false", "Database login by IAM"},
};

} // namespace

std::span<const Key> environment_keys() { return k_keys; }

} // namespace switchyard::config
