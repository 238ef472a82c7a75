// The table of route groups (spec management.md 1.5) and of what each role may call. Pure.
#include "http/access/route_groups.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace switchyard::http::access {

namespace {

using Paths = std::span<const std::string_view>;

// In these, {x:path} stands for any text (model names have slashes), {x} for one segment.

constexpr std::string_view k_openai[] = {
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/engines/{m:path}/chat/completions",
    "/engines/{m:path}/completions",
    "/engines/{m:path}/embeddings",
    "/openai/deployments/{m:path}",
    "/openai/models",
    "/openai/v1/responses",
    "/images/*",
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/moderations",
    "/batches",
    "/batches/*",
    "/files",
    "/files/*",
    "/fine_tuning/jobs",
    "/fine_tuning/jobs/*",
    "/assistants",
    "/assistants/*",
    "/threads",
    "/threads/*",
    "/models",
    "/models/{m:path}",
    "/utils/token_counter",
    "/utils/transform_request",
    "/rerank",
    "/v2/rerank",
    "/realtime",
    "/openai/realtime",
    "/openai/v1/realtime",
    "/responses",
    "/responses/*",
    "/vector_stores",
    "/vector_stores/*",
    "/videos",
    "/videos/*",
    "/search",
    "/search/*",
    "/ocr",
    "/containers",
    "/containers/*",
};
constexpr std::string_view k_anthropic[] = {"/v1/messages", "/v1/messages/*", "/v1/skills", "/v1/skills/*"};
constexpr std::string_view k_google[] = {"/v1beta/models/{m:path}", "/v1beta/interactions",
                                         "/v1beta/interactions/*"};
constexpr std::string_view k_mcp[] = {"/mcp", "/mcp/*", "/mcp-rest/*", "/sse", "/v1/mcp/tools"};
constexpr std::string_view k_agents[] = {"/v1/agents", "/agents", "/agents/*", "/a2a/*", "/v1/a2a/*"};
constexpr std::string_view k_guardrails[] = {"/guardrails/apply_guardrail", "/apply_guardrail"};
constexpr std::string_view k_native[] = {"/rag/*", "/v1/rag/*"};
constexpr std::string_view k_pass_through[] = {
    "/bedrock/*",    "/vertex-ai/*",     "/vertex_ai/*", "/cohere/*",   "/cursor/*", "/gemini/*",
    "/anthropic/*",  "/langfuse/*",      "/azure/*",     "/azure_ai/*", "/openai/*", "/openai_passthrough/*",
    "/assemblyai/*", "/eu.assemblyai/*", "/vllm/*",      "/mistral/*",  "/milvus/*",
};
constexpr std::string_view k_info[] = {
    "/key/info",
    "/key/health",
    "/key/list",
    "/v2/key/info",
    "/team/info",
    "/team/list",
    "/v2/team/list",
    "/team/available",
    "/organization/list",
    "/user/info",
    "/v2/user/info",
    "/user/filter/ui",
    "/model/info",
    "/v1/model/info",
    "/v2/model/info",
    "/model_group/info",
    "/models",
    "/v1/models",
    "/health",
    "/health/services",
    "/health/backlog",
    "/sso/get/ui_settings",
    "/metrics",
};
constexpr std::string_view k_keys[] = {
    "/key/generate",
    "/key/service-account/generate",
    "/key/{k}/regenerate",
    "/key/regenerate",
    "/key/update",
    "/key/bulk_update",
    "/key/delete",
    "/key/info",
    "/v2/key/info",
    "/key/health",
    "/key/list",
    "/key/aliases",
    "/key/block",
    "/key/unblock",
    "/key/{k}/reset_spend",
};
constexpr std::string_view k_management[] = {
    "/user/*",
    "/team/*",
    "/v2/team/*",
    "/v2/user/*",
    "/model/*",
    "/v1/model/info",
    "/v2/model/info",
    "/model_group/*",
    "/organization/*",
    "/budget/*",
    "/customer/*",
    "/end_user/*",
    "/tag/*",
    "/project/*",
    "/access_group/*",
    "/v1/access_group",
    "/v1/access_group/*",
    "/jwt/*",
    "/credentials",
    "/credentials/*",
    "/invitation/*",
};
constexpr std::string_view k_spend[] = {"/spend/keys", "/spend/users",  "/spend/tags",   "/spend/calculate",
                                        "/spend/logs", "/spend/logs/*", "/cost/estimate"};
constexpr std::string_view k_global_spend[] = {
    "/global/spend",     "/global/spend/*",       "/global/activity", "/global/activity/*",
    "/global/predict/*", "/global/all_end_users", "/provider/budgets"};
constexpr std::string_view k_public[] = {
    "/",
    "/routes",
    "/test",
    "/config/yaml",
    "/metrics",
    "/health/liveliness",
    "/health/liveness",
    "/health/readiness",
    "/litellm/.well-known/litellm-ui-config",
    "/.well-known/litellm-ui-config",
    "/public/*",
    "/robots.txt",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/ui",
    "/ui/*",
    "/sso/*",
    "/login",
    "/v2/login",
    "/onboarding/*",
};
constexpr std::string_view k_self_managed[] = {
    "/team/member_add",
    "/team/bulk_member_add",
    "/team/member_delete",
    "/team/member_update",
    "/team/permissions_list",
    "/team/permissions_update",
    "/team/daily/activity",
    "/model/new",
    "/model/update",
    "/model/delete",
    "/model/{id}/update",
    "/user/daily/activity",
    "/user/daily/activity/aggregated",
    "/user/available_roles",
    "/user/list",
    "/prompt/*",
    "/invitation/new",
    "/invitation/delete",
    "/guardrails/register",
    "/guardrails/submissions",
};
constexpr std::string_view k_org_admin[] = {"/organization/info",          "/organization/delete",
                                            "/organization/member_add",    "/organization/member_update",
                                            "/organization/member_delete", "/organization/update"};
constexpr std::string_view k_viewer[] = {
    "/user/list",
    "/user/available_users",
    "/user/available_roles",
    "/user/daily/activity",
    "/user/daily/activity/aggregated",
    "/team/daily/activity",
    "/tag/daily/activity",
    "/organization/daily/activity",
    "/customer/daily/activity",
    "/tag/list",
    "/audit",
    "/audit/{id}",
    "/router/state",
    "/get/config/callbacks",
    "/config/*",
    "/health/*",
};
constexpr std::string_view k_own_user[] = {"/user/info", "/v2/user/info", "/user/update"};
/// Reads that are sent as POST.
constexpr std::string_view k_posted_reads[] = {
    "/v2/key/info", "/spend/calculate", "/cost/estimate",     "/budget/info",
    "/tag/info",    "/key/health",      "/organization/info", "/global/spend/end_users"};
constexpr std::string_view k_master_only[] = {"/global/spend/reset", "/memory-usage-in-mem-cache",
                                              "/memory-usage-in-mem-cache-items"};

constexpr std::string_view k_llm_parts[] = {
    "openai_routes", "anthropic_routes",       "google_routes",         "mcp_routes",
    "agent_routes",  "apply_guardrail_routes", "litellm_native_routes", "mapped_pass_through_routes"};
constexpr std::string_view k_management_parts[] = {"key_management_routes"};

struct Group {
  std::string_view name;
  Paths paths;
  Paths parts{};     ///< other groups that belong to it
  bool both = false; ///< each path with and without /v1
};

constexpr Group k_groups[] = {
    {"openai_routes", k_openai, {}, true},
    {"anthropic_routes", k_anthropic},
    {"google_routes", k_google},
    {"mcp_routes", k_mcp},
    {"agent_routes", k_agents},
    {"apply_guardrail_routes", k_guardrails},
    {"litellm_native_routes", k_native},
    {"mapped_pass_through_routes", k_pass_through},
    {"llm_api_routes", {}, k_llm_parts},
    {"info_routes", k_info},
    {"key_management_routes", k_keys},
    {"management_routes", k_management, k_management_parts},
    {"spend_tracking_routes", k_spend},
    {"global_spend_tracking_routes", k_global_spend},
    {"public_routes", k_public},
    {"self_managed_routes", k_self_managed},
    {"org_admin_only_routes", k_org_admin},
    {"admin_viewer_routes", k_viewer},
    {"own_user_routes", k_own_user},
    {"master_key_only_routes", k_master_only},
};

const Group* find_group(std::string_view name) noexcept {
  constexpr std::string_view k_prefix = "LiteLLMRoutes.";
  if (name.starts_with(k_prefix)) name.remove_prefix(k_prefix.size());
  const auto* found = std::find_if(std::begin(k_groups), std::end(k_groups),
                                   [name](const Group& group) { return group.name == name; });
  return found == std::end(k_groups) ? nullptr : found;
}

/// "a{x}b" against one segment.
bool segment_matches(std::string_view pattern, std::string_view segment) noexcept {
  const auto open = pattern.find('{');
  if (open == std::string_view::npos) return pattern == segment;
  const auto close = pattern.find('}', open);
  if (close == std::string_view::npos) return pattern == segment;
  const auto head = pattern.substr(0, open), tail = pattern.substr(close + 1);
  return segment.size() > head.size() + tail.size() && segment.starts_with(head) && segment.ends_with(tail);
}

/// The first segment of a path, which is shortened by it and its slash.
std::string_view take_segment(std::string_view& path) noexcept {
  const auto slash = path.find('/');
  const auto segment = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return segment;
}

bool template_matches(std::string_view pattern, std::string_view path) noexcept {
  if (std::count(pattern.begin(), pattern.end(), '/') != std::count(path.begin(), path.end(), '/'))
    return false;
  while (!pattern.empty() || !path.empty()) {
    const auto wanted = take_segment(pattern), given = take_segment(path);
    if (!segment_matches(wanted, given)) return false;
  }
  return true;
}

bool path_matches(std::string_view pattern, std::string_view path) noexcept {
  if (pattern.ends_with("/*")) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  if (pattern.find('{') == std::string_view::npos) return pattern == path;
  constexpr std::string_view k_any = "{m:path}";
  const auto any = pattern.find(k_any);
  if (any == std::string_view::npos) return template_matches(pattern, path);
  const auto head = pattern.substr(0, any), tail = pattern.substr(any + k_any.size());
  return path.size() > head.size() + tail.size() && path.starts_with(head) && path.ends_with(tail);
}

bool any_matches(Paths patterns, std::string_view path) noexcept {
  return std::any_of(patterns.begin(), patterns.end(),
                     [path](std::string_view pattern) { return path_matches(pattern, path); });
}

bool group_holds(const Group& group, std::string_view path) noexcept {
  // Most requests come with /v1, and to the group's first paths.
  if (group.both && path.starts_with("/v1/") && any_matches(group.paths, path.substr(3))) return true;
  return any_matches(group.paths, path) ||
         std::any_of(group.parts.begin(), group.parts.end(),
                     [path](std::string_view part) { return in_group(part, path); });
}

// -- roles

constexpr std::string_view k_of_keys[] = {"llm_api_routes", "info_routes", "self_managed_routes"};
constexpr std::string_view k_of_users[] = {"llm_api_routes",      "info_routes",
                                           "self_managed_routes", "key_management_routes",
                                           "own_user_routes",     "spend_tracking_routes"};
constexpr std::string_view k_of_user_viewers[] = {"llm_api_routes", "info_routes", "self_managed_routes",
                                                  "spend_tracking_routes"};
constexpr std::string_view k_of_org_admins[] = {
    "llm_api_routes",  "info_routes",           "self_managed_routes",   "key_management_routes",
    "own_user_routes", "spend_tracking_routes", "org_admin_only_routes", "management_routes"};
constexpr std::string_view k_of_customers[] = {"llm_api_routes"};
constexpr std::string_view k_of_teams[] = {"llm_api_routes", "info_routes"}; // litellm_jwtauth narrows it

struct RoleRow {
  std::string_view role;
  Paths groups;
};
constexpr RoleRow k_roles[] = {
    {"", k_of_keys},
    {"internal_user", k_of_users},
    {"internal_user_viewer", k_of_user_viewers},
    {"internal_user_view_only", k_of_user_viewers}, // the documentation's other name
    {"org_admin", k_of_org_admins},
    {"team", k_of_teams},
    {"customer", k_of_customers},
};

/// Everything that is read, and LLM routes with keys of their own.
bool viewer_opens(std::string_view method, std::string_view path) noexcept {
  constexpr std::string_view k_groups_read[] = {
      "info_routes",         "management_routes",     "spend_tracking_routes", "global_spend_tracking_routes",
      "self_managed_routes", "org_admin_only_routes", "admin_viewer_routes"};
  if (in_group("llm_api_routes", path)) return true;
  if (std::find(std::begin(k_posted_reads), std::end(k_posted_reads), path) != std::end(k_posted_reads))
    return true;
  return (method == "GET" || method == "HEAD") &&
         std::any_of(std::begin(k_groups_read), std::end(k_groups_read),
                     [path](std::string_view group) { return in_group(group, path); });
}

} // namespace

bool in_group(std::string_view name, std::string_view path) noexcept {
  const auto* group = find_group(name);
  return group && group_holds(*group, path);
}

bool is_group(std::string_view name) noexcept { return find_group(name) != nullptr; }

bool covers(std::string_view entry, std::string_view path) noexcept {
  if (entry.starts_with('/')) return path_matches(entry, path);
  return entry == "*" || in_group(entry, path);
}

bool listed(const std::vector<std::string>& list, std::string_view path) noexcept {
  return std::any_of(list.begin(), list.end(), [path](auto& entry) { return covers(entry, path); });
}

bool role_opens(std::string_view role, std::string_view method, std::string_view path) noexcept {
  if (role == "proxy_admin") return true;
  if (role == "proxy_admin_viewer") return viewer_opens(method, path);
  const auto* row = std::find_if(std::begin(k_roles), std::end(k_roles),
                                 [role](const RoleRow& r) { return r.role == role; });
  if (row == std::end(k_roles)) row = k_roles; // an unknown role opens what no role opens
  return std::any_of(row->groups.begin(), row->groups.end(),
                     [path](std::string_view group) { return in_group(group, path); });
}

bool master_only(std::string_view path) noexcept { return in_group("master_key_only_routes", path); }

} // namespace switchyard::http::access
