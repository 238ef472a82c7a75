// Sessions of the admin UI. Store threads.
#include "management/ui_session.hpp"

#include "management/attached.hpp"
#include "management/crypto.hpp"
#include "management/secrets.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/environment.hpp>

namespace switchyard::management {
namespace {

constexpr std::string_view k_team = "litellm-dashboard", k_duration = "24h";
constexpr double k_budget = 10; // dollars, litellm.max_ui_session_budget

double session_budget(const Call& call) {
  double budget = k_budget;
  const Value* settings = call.config->document.find("litellm_settings");
  if (const Value* given = settings ? settings->find("max_ui_session_budget") : nullptr)
    given->number(budget);
  return budget;
}

Out<Value> session_end(const Call& call) {
  const std::string asked = environment_or_empty("LITELLM_UI_SESSION_DURATION");
  auto end = after(asked.empty() ? k_duration : std::string_view(asked), call.now);
  if (!end) return refuse(500, "LITELLM_UI_SESSION_DURATION: " + end.error().message);
  return text_value(storage::wire_time(*end));
}

/// key_generation_settings lets only admins have keys of their own.
bool personal_keys_disabled(const Call& call) {
  const Value* personal = call.config->plane->key_generation_settings.find("personal_key_generation");
  const auto roles = texts_of(personal ? personal->find("allowed_user_roles") : nullptr);
  return roles.size() == 1 && roles.front() == "proxy_admin";
}

Value claims(const Call& call, const UiUser& user, const std::string& key) {
  const std::string& header = call.config->general.litellm_key_header_name;
  return Value(ValueMap{{"user_id", text_value(user.id)},
                        {"key", text_value(key)},
                        {"user_email", text_or_null(user.email)},
                        {"user_role", text_value(user.role)},
                        {"login_method", text_value("username_password")},
                        {"premium_user", Value(true)},
                        {"auth_header_name", text_value(header.empty() ? "Authorization" : header)},
                        {"disabled_non_admin_personal_key_creation", Value(personal_keys_disabled(call))},
                        {"server_root_path", text_value(call.config->server.root_path)}});
}

} // namespace

std::string ui_base(const Call& call) {
  std::string base = environment_or_empty("PROXY_BASE_URL");
  while (base.ends_with('/')) base.pop_back();
  std::string root = call.config->server.root_path;
  while (root.ends_with('/')) root.pop_back();
  return base + root;
}

Out<UiSession> open_ui_session(Session& session, const Call& call, const UiUser& user) {
  auto end = session_end(call);
  if (!end) return end.error();
  const std::string key = new_key(), hash = hash_of(key);
  Row row{{"token", text_value(hash)},     {"key_name", text_value(shown_key(key))},
          {"spend", Value(0.0)},           {"expires", *end},
          {"models", Value(ValueList{})},  {"user_id", text_value(user.id)},
          {"team_id", text_value(k_team)}, {"max_budget", Value(session_budget(call))},
          {"metadata", Value(ValueMap{})}, {"aliases", Value(ValueMap{})},
          {"config", Value(ValueMap{})},   {"permissions", Value(ValueMap{})}};
  stamp(call, row);
  for (const char* column : {"created_by", "updated_by"}) set(row, column, text_value(user.id));
  if (auto made = insert_row(session, "VerificationToken", row); !made) return made.error();
  return UiSession{hash, sign_token(claims(call, user, key), call.config->general.master_key)};
}

} // namespace switchyard::management
