// The configuration as the rest of the product sees it: plain, typed, immutable once loaded.
// src/config fills it from its table of keys; a reload makes a new one. Every field names its LiteLLM key.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/secret.hpp>
#include <switchyard/value.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// One request parameter with its JSON text, e.g. {"temperature", "0.2"}.
struct JsonParam {
  std::string name;
  std::string json;
  friend bool operator==(const JsonParam&, const JsonParam&) = default;
};
struct HeaderLine {
  std::string name;
  std::string value;
  friend bool operator==(const HeaderLine&, const HeaderLine&) = default;
};

/// litellm_params of one model_list row, after os.environ/ and credential substitution (spec router.md 1.4).
struct LitellmParams {
  std::string model; ///< as written: "azure/gpt-4", "gpt-4o", "openai/*"
  std::string custom_llm_provider;
  Secret api_key;
  std::string api_base; ///< alias base_url
  std::string api_version;
  std::string organization;
  Secret azure_ad_token;
  std::optional<double> weight;
  std::optional<std::int64_t> rpm, tpm, max_parallel_requests, order;
  std::optional<double> timeout, stream_timeout, cooldown_time; ///< seconds
  std::optional<int> num_retries, max_retries;
  std::optional<double> input_cost_per_token, output_cost_per_token; ///< or model_info's
  std::string region_name;
  std::optional<bool> drop_params;
  std::vector<std::string> additional_drop_params, allowed_openai_params, tags;
  std::vector<std::string> tag_regex;    ///< RE2 patterns over "Header: value"
  std::vector<HeaderLine> extra_headers; ///< extra_headers and headers together
  std::vector<JsonParam> extra_body;
  std::string mock_response;          ///< text, or a litellm.* error name
  std::optional<double> mock_timeout; ///< seconds; `mock_timeout: true` = wait for the time-out
  bool mock_timeout_flag = false;
  std::vector<JsonParam> defaults;      ///< any other key: default request parameters, file order
  std::vector<JsonParam> known_unbuilt; ///< generic params whose feature is not built yet (warned about)
  /// Every param as resolved, any type (for providers that need e.g. aws_region_name later).
  ValueMap raw;
};

/// model_info.health_check_*: how a row is checked.
struct RowHealth {
  std::string model;             ///< called instead of the row's own
  std::string voice = "alloy";   ///< of audio_speech rows
  std::optional<double> timeout; ///< seconds; unset = HealthSettings::timeout
  std::optional<std::int64_t> max_tokens;
  bool in_background = true; ///< not disable_background_health_check
};

/// One row of model_list (per organization). Identity is `id`; it is stable over restarts.
struct ModelRow {
  std::string model_name;
  std::string id;
  LitellmParams params;
  ValueMap model_info; ///< as written plus id; returned by /model/info
  std::string mode;    ///< model_info.mode or empty
  std::string base_model;
  std::optional<std::int64_t> max_input_tokens; ///< model_info.max_input_tokens
  std::string team_id;                          ///< model_info.team_id: the row is that team's alone
  std::string team_public_name;                 ///< model_info.team_public_model_name: how the team calls it
  std::optional<std::int64_t> itpm, otpm;       ///< input and output tokens per minute, of the row itself or
                                                ///< its litellm_params
  RowHealth health;
  Place place;
};

/// fallbacks: group (or "*") -> ordered targets. A target is a model name or a JSON object of overrides.
struct FallbackTarget {
  std::string model;
  std::vector<JsonParam> overrides; ///< messages, temperature, ... merged over the request
};
struct FallbackRule {
  std::string group;
  std::vector<FallbackTarget> targets;
};

struct RetryPolicy { ///< retry_policy: counts per error class, unset = not given
  std::optional<int> bad_request, authentication, timeout, rate_limit, content_policy, internal_server,
      service_unavailable, not_found, fallback; ///< fallback = DefaultRetries
};

struct AllowedFailsPolicy { ///< allowed_fails_policy: failures per error class, unset = allowed_fails
  std::optional<int> bad_request, authentication, timeout, rate_limit, content_policy, internal_server,
      service_unavailable, bad_gateway, not_found;
};

/// Environment tunables of the wait before a retry, seconds: initial * 2^n up to `longest`, plus up to
/// `jitter`.
struct Backoff {
  double initial = 0.5; ///< INITIAL_RETRY_DELAY
  double longest = 8;   ///< MAX_RETRY_DELAY
  double jitter = 0.75; ///< JITTER
};

/// Environment tunables of the default cooldown rule.
struct CooldownThresholds {
  double failure_share = 0.5; ///< DEFAULT_FAILURE_THRESHOLD_PERCENT
  int min_requests = 5;       ///< DEFAULT_FAILURE_THRESHOLD_MINIMUM_REQUESTS
  int lone_requests = 1000;   ///< SINGLE_DEPLOYMENT_TRAFFIC_FAILURE_THRESHOLD
  int allowed_fails = 3;      ///< DEFAULT_ALLOWED_FAILS: allowed_fails of this value keeps the default rule
};

/// routing_strategy_args, those of latency-based-routing.
struct StrategyArgs {
  double ttl = 3600;                ///< seconds until a row without new samples counts as untried
  double lowest_latency_buffer = 0; ///< rows up to this share slower than the fastest count as equal
  int max_latency_list_size = 10;   ///< samples per row
};

struct RoutingGroup { ///< routing_groups: a strategy of their own for some models
  std::string group_name;
  std::vector<std::string> models;
  std::string routing_strategy = "simple-shuffle";
  StrategyArgs args;
};

struct GroupAlias {
  std::string alias, model;
  bool hidden = false;
};

/// Who stays on one row: an entry of model_group_affinity_config, or of all groups
/// (optional_pre_call_checks).
struct AffinityChecks {
  bool deployment = false; ///< the requests of a key
  bool session = false;    ///< those of a session
  bool responses = false;  ///< those that follow a response
  bool encrypted = false;  ///< those that hold encrypted_content of a response
};

/// router_settings, with litellm_settings as the fallback for the keys both know (router wins).
struct RouterSettings {
  std::string routing_strategy = "simple-shuffle"; ///< the strategies' names are canonical here
  StrategyArgs routing_strategy_args;
  std::vector<RoutingGroup> routing_groups;
  std::vector<GroupAlias> model_group_alias;
  int num_retries = 2;
  std::optional<double> timeout, stream_timeout; ///< seconds; unset = request_timeout
  double request_timeout = 6000;                 ///< litellm_settings.request_timeout
  double retry_after = 0;
  std::optional<RetryPolicy> retry_policy;
  std::map<std::string, RetryPolicy> model_group_retry_policy;
  Backoff backoff;
  std::vector<FallbackRule> fallbacks, context_window_fallbacks,
      content_policy_fallbacks; ///< default_fallbacks appended as "*"
  int max_fallbacks = 5;
  std::optional<int> allowed_fails;
  std::optional<AllowedFailsPolicy> allowed_fails_policy;
  CooldownThresholds thresholds;
  double cooldown_time = 5;
  bool disable_cooldowns = false;
  bool single_deployment_breaker = true; ///< false: LiteLLM's rule for the only row of a group
  bool enable_pre_call_checks = false;
  bool enforce_model_rate_limits = false; ///< these three from optional_pre_call_checks
  AffinityChecks affinity;
  std::map<std::string, AffinityChecks, std::less<>> group_affinity; ///< model_group_affinity_config
  double affinity_ttl = 3600;                                        ///< deployment_affinity_ttl_seconds
  std::string tag_routing_prefix;                                    ///< taken off tags that begin with it
  bool enable_weighted_failover = false; ///< retries leave out rows that were tried
  bool enable_tag_filtering = false, tag_filtering_match_any = true;
  bool enable_health_check_routing = false, health_check_ignore_transient_errors = false;
  bool prompt_caching = false; ///< prompts marked for the provider's cache stay on one row
  double health_check_interval = 300;
  std::optional<double> health_check_staleness_threshold; ///< seconds; unset = 2 x health_check_interval
  std::optional<std::int64_t> default_max_parallel_requests;
  bool adaptive_concurrency = false;
  int max_queued_requests = 1000;      ///< per group, waiting for a row with room; 0 = refuse at once
  std::optional<double> queue_timeout; ///< seconds; unset = the request's time-out
  int default_priority = 0;
  bool hedged_requests = false;      ///< a second attempt when the first one is late
  std::optional<double> hedge_delay; ///< seconds; unset = the lowest 95th percentile of the group's rows
  bool coalesce_requests = false;    ///< identical non-stream requests in flight share one attempt
  double max_stream_seconds = 0;     ///< LITELLM_MAX_STREAMING_DURATION_SECONDS; 0 = no cap
  int repeated_chunk_limit = 100;    ///< REPEATED_STREAMING_CHUNK_LIMIT; 0 = no limit
};

struct LitellmSettings {
  bool drop_params = false, modify_params = false, add_function_to_prompt = false;
  bool enable_azure_ad_token_refresh = false;      ///< the rows have it, too
  bool user_url_validation = true;                 ///< URLs of requests must lead to public addresses
  std::vector<std::string> user_url_allowed_hosts; ///< "host" or "host:port" that may be anywhere
  double max_media_mb = 50;                        ///< MAX_IMAGE_URL_DOWNLOAD_SIZE_MB; 0 = nothing is fetched
  bool json_logs = false;
  bool set_verbose = false;
  bool redact_messages_in_exceptions = false; ///< no words of providers in errors
  bool check_provider_endpoint = false;       ///< /v1/models asks providers what a pattern stands for
  std::string ssl_verify = "true";            ///< true, false or a CA bundle path
  std::string ssl_certificate;
  bool require_auth_for_metrics_endpoint = false;
  std::map<std::string, std::string> model_alias_map;
  std::vector<std::string> forward_headers_groups; ///< model_group_settings.forward_client_headers_to_llm_api
};

/// general_settings.pass_through_endpoints: a path that is forwarded as it is.
struct PassThroughEndpoint {
  std::string path, target; ///< "/v1/search", "https://host/v2/search"
  std::vector<HeaderLine> headers;
  bool forward_headers = false;     ///< the client's own go along
  bool auth = true;                 ///< needs a key
  bool include_subpath = false;     ///< what follows `path` is appended to `target`
  std::vector<std::string> methods; ///< upper case; empty = all
  std::vector<HeaderLine> default_query;
};

/// One entry of files_settings and finetune_settings: a provider's credentials for routes without a model.
struct ProviderSettings {
  std::string provider, api_base, api_version;
  Secret api_key;
};

struct GeneralSettings {
  Secret master_key;
  std::string completion_model, embedding_model, image_generation_model, moderation_model;
  std::string litellm_key_header_name;
  bool always_include_stream_usage = false;
  bool forward_client_headers_to_llm_api = false;
  bool forward_openai_org_id = false;
  bool block_robots = false;
  bool reject_clientside_metadata_tags = false;
  bool allow_client_tags = true;   ///< false: only of keys and teams whose metadata.allow_client_tags is true
  double max_request_size_mb = 0;  ///< 0 = only the server's own cap
  double max_response_size_mb = 0; ///< 0 = only the server's own cap
  std::int64_t global_max_parallel_requests = 0; ///< 0 = none
  std::vector<std::string> public_routes, allowed_routes, allowed_ips;
  bool use_x_forwarded_for = false;
  bool model_list_healthy_only = false;
  std::vector<PassThroughEndpoint> pass_through_endpoints;
  double pass_through_timeout = 600; ///< seconds
  std::vector<ProviderSettings> files_settings, finetune_settings;
};

/// Health checks of rows; how their results route is in RouterSettings.
struct HealthSettings {
  bool background = false;                  ///< background_health_checks
  bool details = true;                      ///< health_check_details
  bool shared = false;                      ///< use_shared_health_check: asked for, not built
  bool skip_disabled = false;               ///< disable_background_health_check counts for live calls too
  int concurrency = 10;                     ///< health_check_concurrency; 0 = all rows at a time
  double timeout = 60;                      ///< seconds, HEALTH_CHECK_TIMEOUT_SECONDS
  std::string prompt = "test from litellm"; ///< DEFAULT_HEALTH_CHECK_PROMPT
};

/// Command line and environment that shape the server itself (spec router.md 9).
struct ServerSettings {
  std::string host = "0.0.0.0";
  bool host_given = false; ///< without --host an open (keyless) server listens on loopback only
  std::uint16_t port = 4000;
  int num_workers = 0; ///< 0 = the CPUs that the cgroup allows
  std::string ssl_keyfile_path, ssl_certfile_path;
  std::string root_path;                      ///< SERVER_ROOT_PATH
  std::vector<std::string> cors_origins{"*"}; ///< LITELLM_CORS_ORIGINS
  bool cors_allow_credentials = false;
  bool no_docs = false, docs_filtered = false;
  bool no_openapi = false;
  std::string docs_title = "Switchyard API", docs_description, docs_url = "/";
  double keepalive_timeout = 75; ///< seconds
  double drain_timeout = 30;     ///< seconds, after SIGTERM
  std::size_t max_head_bytes = 64 * 1024;
  std::size_t max_body_bytes = 128 * 1024 * 1024;
  std::size_t max_buffered_bytes = 1024u * 1024 * 1024; ///< all bodies of the process together
  std::size_t max_connections = 65536;
};

struct PlaneSettings; ///< plane.hpp: keys, budgets, spend

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct Config {
  std::vector<std::string> files; ///< [0] = the main file; Place::file indexes it
  std::vector<ModelRow> models;   ///< active rows, file order, organizations expanded
  RouterSettings router;
  LitellmSettings litellm;
  GeneralSettings general;
  HealthSettings health;
  ServerSettings server;
  std::shared_ptr<const PlaneSettings> plane; ///< never null once loaded
  LogLevel log_level = LogLevel::info;
  bool json_logs = false;
  std::string log_file;
  bool any_model_name = false;       ///< --model without a file: one row serves every name
  std::vector<std::string> warnings; ///< to print at start-up, one line each
  Value document;                    ///< everything, merged and resolved (secrets inside: never print)
};

using ConfigPtr = std::shared_ptr<const Config>;

/// What holds for a group: its own entry, else what holds for all.
inline const AffinityChecks& affinity_of(const RouterSettings& router, std::string_view group) {
  if (router.group_affinity.empty()) return router.affinity;
  const auto own = router.group_affinity.find(group);
  return own == router.group_affinity.end() ? router.affinity : own->second;
}

} // namespace switchyard
