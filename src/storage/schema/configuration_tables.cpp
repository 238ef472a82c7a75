// LiteLLM's tables of configuration (spec management.md 7.2). Data only; see Definition for the form.
#include "storage/schema/schema.hpp"

namespace switchyard::storage {
namespace {

constexpr Definition k_tables[] = {
    {"ProxyModelTable", "model_id T, model_name T, litellm_params J, model_info J?, blocked b=false, @audit4",
     "pk model_id"},
    {"CredentialsTable",
     "credential_id T, credential_name T, credential_values J, credential_info J?, @audit4",
     "pk credential_id; unique credential_name"},
    {"Config", "param_name T, param_value J?", "pk param_name"},
    {"SSOConfig", "id T=sso_config, sso_settings J?, @ts2", "pk id"},
    {"CacheConfig", "id T=cache_config, cache_settings J, @ts2", "pk id"},
    {"UISettings", "id T=ui_settings, ui_settings J, @ts2", "pk id"},
    {"ConfigOverrides", "config_type T, config_value J, @ts2", "pk config_type"},
    {"AgentsTable",
     "agent_id T, agent_name T, litellm_params J?, agent_card_params J, static_headers J?={}, "
     "extra_headers A, agent_access_groups A, object_permission_id T?, spend F=0, tpm_limit I?, "
     "rpm_limit I?, session_tpm_limit I?, session_rpm_limit I?, @audit4",
     "pk agent_id; unique agent_name"},
    {"GuardrailsTable",
     "guardrail_id T, guardrail_name T, litellm_params J, guardrail_info J?, team_id T?, @ts2, "
     "status T=active, submitted_at D?, reviewed_at D?",
     "pk guardrail_id; unique guardrail_name; index status"},
    {"PolicyTable",
     "policy_id T, policy_name T, version_number I=1, version_status T=production, parent_version_id T?, "
     "is_latest b=true, published_at D?, production_at D?, inherit T?, description T?, guardrails_add A, "
     "guardrails_remove A, condition J?={}, pipeline J?, @by",
     "pk policy_id; unique policy_name,version_number; index policy_name,version_status"},
    {"PolicyAttachmentTable",
     "attachment_id T, policy_name T, scope T?, teams A, keys A, models A, tags A, @by", "pk attachment_id"},
    {"PromptTable",
     "id T, prompt_id T, version I=1, environment T=development, created_by T?, litellm_params J, "
     "prompt_info J?, @ts2",
     "pk id; unique prompt_id,version,environment; index prompt_id; index prompt_id,environment"},
    {"SearchToolsTable", "search_tool_id T, search_tool_name T, litellm_params J, search_tool_info J?, @ts2",
     "pk search_tool_id; unique search_tool_name"},
    {"SkillsTable",
     "skill_id T, display_title T?, description T?, instructions T?, source T=custom, latest_version T?, "
     "file_content Y?, file_name T?, file_type T?, metadata J?={}, @by",
     "pk skill_id"},
    {"ClaudeCodePluginTable",
     "id T, name T, version T?, description T?, manifest_json T?, files_json T?={}, enabled b=true, "
     "created_at D?, updated_at D?, created_by T?",
     "pk id; unique name"},
    {"ToolTable",
     "tool_id T, tool_name T, origin T?, input_policy T=untrusted, output_policy T=untrusted, "
     "call_count I=0, assignments J?={}, key_hash T?, team_id T?, key_alias T?, user_agent T?, "
     "last_used_at D?, @by",
     "pk tool_id; unique tool_name; index input_policy; index output_policy; index team_id"},
    {"MemoryTable", "memory_id T, key T, value T, metadata J?, user_id T?, team_id T?, @by",
     "pk memory_id; unique key; index user_id; index team_id"},
    {"MCPServerTable",
     "server_id T, server_name T?, alias T?, description T?, instructions T?, url T?, spec_path T?, "
     "transport T=sse, auth_type T?, credentials J?={}, created_at D?=now, created_by T?, "
     "updated_at D?=now, updated_by T?, mcp_info J?={}, mcp_access_groups A, allowed_tools A, "
     "tool_name_to_display_name J?={}, tool_name_to_description J?={}, extra_headers A, "
     "static_headers J?={}, status T?=unknown, last_health_check D?, health_check_error T?, command T?, "
     "args A, env J?={}, authorization_url T?, token_url T?, registration_url T?, allow_all_keys b=false, "
     "available_on_public_internet b=true, delegate_auth_to_upstream b=false, is_byok b=false, "
     "byok_description A, byok_api_key_help_url T?, source_url T?, approval_status T?=active, "
     "submitted_by T?, submitted_at D?, reviewed_at D?, review_notes T?",
     "pk server_id; index approval_status"},
    {"MCPToolsetTable", "toolset_id T, toolset_name T, description T?, tools J=[], @by",
     "pk toolset_id; unique toolset_name"},
    {"MCPUserCredentials", "id T, user_id T, server_id T, credential_b64 T, @ts2",
     "pk id; unique user_id,server_id"},
};

} // namespace

const std::span<const Definition> k_configuration_tables{k_tables};

} // namespace switchyard::storage
