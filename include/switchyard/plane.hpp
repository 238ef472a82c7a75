// Settings of keys, budgets and spend: the management plane's part of the configuration. Immutable once
// loaded; Config::plane points here so that config.hpp stays small. Every field names its LiteLLM key.
#pragma once

#include <switchyard/identity.hpp>
#include <switchyard/ledger_policy.hpp>
#include <switchyard/money.hpp>
#include <switchyard/pricing.hpp>
#include <switchyard/secret.hpp>
#include <switchyard/value.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace switchyard {

class RouteBudgets; // route_budgets.hpp

struct EndUserHeader {           ///< user_header_mappings
  std::string header_name, role; ///< "customer", "internal_user"
};

struct PlaneSettings {
  // -- store (general_settings)
  Secret database_url;  ///< "" = the embedded store in data_dir, when there is a master key
  std::string data_dir; ///< SWITCHYARD_DATA_DIR: embedded store and journals; "" = the default place
  Secret salt_key;      ///< LITELLM_SALT_KEY, else the master key
  bool store_model_in_db = false;
  bool load_db_models = true;         ///< supported_db_objects
  bool disable_schema_update = false; ///< disable_prisma_schema_update, DISABLE_SCHEMA_UPDATE
  int connections = 10;               ///< database_connection_pool_limit
  double connect_timeout = 60;        ///< database_connection_timeout, seconds
  bool allow_requests_on_db_unavailable = false;
  std::string encryption_algorithm = "xsalsa20-poly1305"; ///< or aes-256-gcm
  double poll_interval = 10; ///< proxy_config_reload_interval_seconds capped: rows changed by others
  // -- spend
  bool disable_spend_logs = false, disable_spend_updates = false, disable_error_logs = false;
  bool disable_reset_budget = false, store_prompts = false; ///< store_prompts_in_spend_logs
  double batch_write_at = 10;                               ///< proxy_batch_write_at, seconds
  std::int64_t journal_most_mb = 4096; ///< spend_journal_max_size_mb: of what the database lacks; 0 = no cap
  double reset_min = 597, reset_max = 605;                 ///< proxy_budget_rescheduler_*
  std::string retention_period, retention_interval = "1d"; ///< maximum_spend_logs_retention_*
  std::string timezone = "UTC";                            ///< litellm_settings.timezone
  std::string cost_map_url;                                ///< LITELLM_MODEL_COST_MAP_URL: path or URL
  PriceBookPtr prices;                                     ///< made by main: changes with each reload of them
  std::map<std::string, PriceAdjustment> adjustments;      ///< by provider; "global"
  std::int64_t prompt_text_most = 0;      ///< MAX_STRING_LENGTH_PROMPT_IN_DB, characters; 0 = whole
  bool disable_end_user_tracking = false; ///< disable_end_user_cost_tracking
  bool disable_user_agent_tag = false;    ///< disable_add_user_agent_to_request_tags
  std::vector<std::string> extra_spend_tag_headers;
  // -- budgets and limits
  BudgetPolicy budget_policy = BudgetPolicy::alone;
  bool disable_budget_reservation = false; ///< only what is settled counts: parallel requests overshoot
  int budget_exceeded_status = 400;        ///< 400 or 429
  std::optional<Money> max_budget;         ///< litellm_settings.max_budget, the proxy's
  std::string budget_duration;             ///< litellm_settings.budget_duration
  double rate_window = 60;                 ///< LITELLM_RATE_LIMIT_WINDOW_SIZE, seconds
  std::string token_rate_limit_type = "total";
  std::optional<Money> max_end_user_budget;
  std::string max_end_user_budget_id;
  std::optional<Money> max_internal_user_budget;
  std::string internal_user_budget_duration;
  Value default_internal_user_params, default_key_generate_params, upperbound_key_generate_params,
      key_generation_settings, default_team_params, default_team_settings;
  Value provider_budget_config; ///< router_settings: {provider: {budget_limit, time_period}}
  /// Of it and the rows' max_budget; made by main, null = none.
  std::shared_ptr<const RouteBudgets> route_budgets;
  std::map<std::string, EntityPtr, std::less<>> tag_budgets; ///< litellm_settings.tag_budget_config
  bool store_audit_logs = false;
  std::string
      key_rotation_grace_period;       ///< LITELLM_KEY_ROTATION_GRACE_PERIOD: old keys after /key/regenerate
  bool rotate_keys = false;            ///< LITELLM_KEY_ROTATION_ENABLED: keys with auto_rotate
  double rotation_interval = 86'400;   ///< LITELLM_KEY_ROTATION_CHECK_INTERVAL_SECONDS
  std::string key_rotation_hook;       ///< URL that is told the new keys; without it nothing rotates
  bool check_key_aliases = false;      ///< enable_key_alias_format_validation
  std::optional<Money> soft_budget;    ///< DEFAULT_SOFT_BUDGET: of new keys
  bool clean_ui_keys = false;          ///< LITELLM_EXPIRED_UI_SESSION_KEY_CLEANUP_ENABLED
  double clean_interval = 86'400;      ///< ..._INTERVAL_SECONDS
  int clean_batch = 1000;              ///< ..._BATCH_SIZE
  std::string custom_key_generate_url; ///< custom_key_generate: the hook in place of Python
  // -- access
  std::vector<std::string> admin_only_routes, enforced_params, service_account_enforced_params;
  bool enforce_user_param = false, default_team_disabled = false;
  bool disable_master_key_return = false, disable_adding_master_key_hash_to_db = false;
  std::string user_header_name;
  std::vector<EndUserHeader> user_header_mappings;
  std::string admin_user_id = "default_user_id"; ///< PROXY_ADMIN_ID
  std::string ui_username = "admin";             ///< UI_USERNAME
  Secret ui_password;                            ///< UI_PASSWORD, else the master key
  bool enable_jwt_auth = false, enable_oauth2_auth = false, enforce_rbac = false;
  Value litellm_jwtauth, role_permissions;
  std::string jwt_public_key_url, jwt_audience, jwt_issuer; ///< JWT_PUBLIC_KEY_URL (comma list), ...
  std::string oauth_token_info_endpoint;                    ///< OAUTH_TOKEN_INFO_ENDPOINT
  std::string oauth_user_id_field = "sub", oauth_role_field = "role", oauth_team_id_field = "team_id";
  std::string custom_auth_url;         ///< custom_auth when it is an http(s) URL: the hook in place of Python
  std::string custom_auth_mode = "on"; ///< custom_auth_settings.mode: on, off, auto
  double vouched_ttl = 60; ///< user_api_key_cache_ttl: OAuth2 and hook answers are kept no longer, seconds
};

} // namespace switchyard
