// LiteLLM's tables of identities and budgets (spec management.md 7.1). Data only; see Definition for the
// form.
#include "storage/schema/schema.hpp"

namespace switchyard::storage {
namespace {

constexpr Definition k_tables[] = {
    {"BudgetTable",
     "budget_id T, max_budget F?, soft_budget F?, max_parallel_requests I?, tpm_limit B?, rpm_limit B?, "
     "model_max_budget J?, budget_duration T?, budget_reset_at D?, allowed_models A, @audit4",
     "pk budget_id"},
    {"ObjectPermissionTable",
     "object_permission_id T, mcp_servers A, mcp_access_groups A, mcp_tool_permissions J?, vector_stores A, "
     "agents A, agent_access_groups A, models A, blocked_tools A, mcp_toolsets A, search_tools A",
     "pk object_permission_id"},
    {"OrganizationTable",
     "organization_id T, organization_alias T, budget_id T, metadata J={}, models A, spend F=0, "
     "model_spend J={}, object_permission_id T?, @audit4",
     "pk organization_id"},
    {"ModelTable", "id S, aliases J?, @audit4", "pk id"},
    {"TeamTable", "@team, default_team_member_models A, budget_limits J?, @ts2",
     "pk team_id; unique model_id; index organization_id; index team_alias; index created_at"},
    {"ProjectTable",
     "project_id T, project_alias T?, description T?, team_id T?, budget_id T?, metadata J={}, models A, "
     "spend F=0, model_spend J={}, model_rpm_limit J={}, model_tpm_limit J={}, blocked b=false, "
     "object_permission_id T?, @audit4",
     "pk project_id"},
    {"UserTable",
     "user_id T, user_alias T?, team_id T?, sso_user_id T?, organization_id T?, object_permission_id T?, "
     "password T?, teams A, user_role T?, max_budget F?, spend F=0, user_email T?, models A, metadata J={}, "
     "max_parallel_requests I?, tpm_limit B?, rpm_limit B?, budget_duration T?, budget_reset_at D?, "
     "allowed_cache_controls A, policies A, model_spend J={}, model_max_budget J={}, created_at D?=now, "
     "updated_at D?=now",
     "pk user_id; unique sso_user_id; index created_at"},
    {"VerificationToken", "@key, budget_limits J?",
     "pk token; index user_id,team_id; index team_id; index budget_reset_at,expires; index created_at; "
     "index key_alias"},
    {"DeprecatedVerificationToken", "id T, token T, active_token_id T, revoke_at D, created_at D=now",
     "pk id; unique token; index token,revoke_at; index revoke_at"},
    {"DeletedVerificationToken", "id T, @key, @deleted",
     "pk id; index token; index deleted_at; index user_id; index team_id; index organization_id; "
     "index key_alias; index created_at"},
    {"DeletedTeamTable", "id T, @team, created_at D?, updated_at D?, @deleted",
     "pk id; index team_id; index deleted_at; index organization_id; index team_alias; index created_at"},
    {"JWTKeyMapping",
     "id T, jwt_claim_name T, jwt_claim_value T, token T, description T?, is_active b=true, @by",
     "pk id; unique jwt_claim_name,jwt_claim_value; index jwt_claim_name,jwt_claim_value,is_active"},
    {"EndUserTable",
     "user_id T, alias T?, spend F=0, allowed_model_region T?, default_model T?, budget_id T?, "
     "object_permission_id T?, blocked b=false",
     "pk user_id"},
    {"TagTable",
     "tag_name T, description T?, models A, model_info J?, spend F=0, budget_id T?, created_at D=now, "
     "created_by T?, updated_at D=now",
     "pk tag_name"},
    {"TeamMembership", "user_id T, team_id T, spend F=0, total_spend F=0, budget_id T?",
     "pk user_id,team_id"},
    {"OrganizationMembership",
     "user_id T, organization_id T, user_role T?, spend F?=0, budget_id T?, created_at D?=now, "
     "updated_at D?=now",
     "pk user_id,organization_id"},
    {"InvitationLink",
     "id T, user_id T, is_accepted b=false, accepted_at D?, expires_at D, created_at D, created_by T, "
     "updated_at D, updated_by T",
     "pk id"},
    {"UserNotifications", "request_id T, user_id T, models A, justification T, status T", "pk request_id"},
    {"AccessGroupTable",
     "access_group_id T, access_group_name T, description T?, access_model_names A, "
     "access_mcp_server_ids A, access_agent_ids A, assigned_team_ids A, assigned_key_ids A, @by",
     "pk access_group_id; unique access_group_name"},
};

} // namespace

const std::span<const Definition> k_identity_tables{k_tables};

} // namespace switchyard::storage
