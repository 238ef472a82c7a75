// Reads the definitions into Table values, once. Any thread; must not know a dialect.
#include "storage/schema/schema.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace switchyard::storage {
namespace {

/// Lists that several tables share.
constexpr std::pair<std::string_view, std::string_view> k_shared[] = {
    {"@audit4", "created_at D=now, created_by T, updated_at D=now, updated_by T"},
    {"@by", "created_at D=now, created_by T?, updated_at D=now, updated_by T?"},
    {"@ts2", "created_at D=now, updated_at D=now"},
    {"@team", "team_id T, team_alias T?, organization_id T?, object_permission_id T?, admins A, members A, "
              "members_with_roles J={}, metadata J={}, max_budget F?, soft_budget F?, spend F=0, models A, "
              "max_parallel_requests I?, tpm_limit B?, rpm_limit B?, budget_duration T?, budget_reset_at D?, "
              "blocked b=false, model_spend J={}, model_max_budget J={}, router_settings J?={}, "
              "team_member_permissions A, access_group_ids A, policies A, model_id I?, "
              "allow_team_guardrail_config b=false"},
    {"@key", "token T, key_name T?, key_alias T?, soft_budget_cooldown b=false, spend F=0, expires D?, "
             "models A, aliases J={}, config J={}, router_settings J?={}, user_id T?, team_id T?, "
             "agent_id T?, project_id T?, permissions J={}, max_parallel_requests I?, metadata J={}, "
             "blocked b?, tpm_limit B?, rpm_limit B?, max_budget F?, budget_duration T?, budget_reset_at D?, "
             "allowed_cache_controls A, allowed_routes A, policies A, access_group_ids A, model_spend J={}, "
             "model_max_budget J={}, budget_id T?, organization_id T?, object_permission_id T?, "
             "created_at D?=now, created_by T?, updated_at D?=now, updated_by T?, last_active D?, "
             "rotation_count I?=0, auto_rotate b?=false, rotation_interval T?, last_rotation_at D?, "
             "key_rotation_at D?"},
    {"@daily", "date T, api_key T, model T?, model_group T?, custom_llm_provider T?, "
               "mcp_namespaced_tool_name T?, endpoint T?, prompt_tokens B=0, completion_tokens B=0, "
               "cache_read_input_tokens B=0, cache_creation_input_tokens B=0, spend F=0, api_requests B=0, "
               "successful_requests B=0, failed_requests B=0, @ts2"},
    {"@checks", "date T, requests_evaluated B=0, passed_count B=0, blocked_count B=0, flagged_count B=0, "
                "avg_score F?, avg_latency_ms F?, @ts2"},
    {"@deleted", "deleted_at D=now, deleted_by T?, deleted_by_api_key T?, litellm_changed_by T?"},
    {"@sharedkey", "date,api_key,model,custom_llm_provider,mcp_namespaced_tool_name,endpoint"},
    {"@dailyindexes", "index date; index api_key; index model; index mcp_namespaced_tool_name; "
                      "index endpoint"},
};

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(at), text.size());
    parts.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string expand(std::string text) {
  for (std::size_t at; (at = text.find('@')) != std::string::npos;) {
    const auto end = std::min(text.find_first_of(" ,;", at), text.size());
    const auto name = std::string_view(text).substr(at, end - at);
    const auto* row = std::find_if(std::begin(k_shared), std::end(k_shared),
                                   [name](const auto& shared) { return shared.first == name; });
    if (row == std::end(k_shared)) throw std::logic_error("schema: no list " + std::string(name));
    text.replace(at, end - at, row->second);
  }
  return text;
}

Type type_of(char letter) {
  constexpr std::string_view k_letters = "TIBSFJbDAYE";
  const auto at = k_letters.find(letter);
  if (at == std::string_view::npos) throw std::logic_error(std::string("schema: no type ") + letter);
  return static_cast<Type>(at);
}

/// "spend F=0", "expires D?"
Column read_column(std::string_view text) {
  const auto space = text.find(' ');
  if (space == std::string_view::npos || space + 1 >= text.size())
    throw std::logic_error("schema: column without type: " + std::string(text));
  Column column;
  column.name = text.substr(0, space);
  column.type = type_of(text[space + 1]);
  text.remove_prefix(space + 2);
  if (text.starts_with('?')) column.nullable = true, text.remove_prefix(1);
  column.has_default = text.starts_with('=');
  if (column.has_default) column.default_value = text.substr(1);
  return column;
}

std::vector<std::string> names(std::string_view text) {
  std::vector<std::string> out;
  for (auto name : split(text, ',')) out.emplace_back(name);
  return out;
}

Table read_table(const Definition& definition) {
  Table table;
  table.name = full_name(definition.name);
  const auto columns_text = expand(std::string(definition.columns));
  for (auto text : split(columns_text, ',')) table.columns.push_back(read_column(text));
  const auto keys_text = expand(std::string(definition.keys));
  for (auto text : split(keys_text, ';')) {
    const auto space = std::min(text.find(' '), text.size());
    const auto kind = text.substr(0, space);
    auto columns = names(text.substr(space));
    if (kind == "pk")
      table.key = std::move(columns);
    else
      table.indexes.push_back({kind == "unique", std::move(columns)});
  }
  return table;
}

} // namespace

const Column* Table::find(std::string_view column) const noexcept {
  for (auto& known : columns)
    if (known.name == column) return &known;
  return nullptr;
}

std::string full_name(std::string_view table) {
  if (table.starts_with("Switchyard_") || table.starts_with("LiteLLM_")) return std::string(table);
  return "LiteLLM_" + std::string(table);
}

const std::vector<Table>& all_tables() {
  static const std::vector<Table> tables = [] {
    std::vector<Table> out;
    for (auto part : {k_identity_tables, k_configuration_tables, k_log_tables, k_object_tables})
      for (auto& definition : part) out.push_back(read_table(definition));
    return out;
  }();
  return tables;
}

const Table* find_table(std::string_view full) {
  for (auto& table : all_tables())
    if (table.name == full) return &table;
  return nullptr;
}

} // namespace switchyard::storage
