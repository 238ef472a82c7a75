// Which fields a user's bodies may hold and where they live. Store threads.
#include "management/crypto.hpp"
#include "management/key_fields.hpp"
#include "management/members.hpp"
#include "management/users.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr Field k_fields[] = {
    {"user_id"},
    {"user_email"},
    {"user_alias"},
    {"user_role"},
    {"sso_user_id"},
    {"organization_id"},
    {"models", Kind::texts},
    {"spend", Kind::money},
    {"max_budget", Kind::money},
    {"budget_duration"},
    {"max_parallel_requests", Kind::small},
    {"tpm_limit", Kind::integer},
    {"rpm_limit", Kind::integer},
    {"allowed_cache_controls", Kind::texts},
    {"model_max_budget", Kind::object},
    {"metadata", Kind::object, Home::input},
    {"model_rpm_limit", Kind::object, Home::metadata},
    {"model_tpm_limit", Kind::object, Home::metadata},
    {"tags", Kind::texts, Home::metadata},
    {"guardrails", Kind::texts, Home::metadata},
    {"policies", Kind::texts, Home::metadata},
    {"prompts", Kind::texts, Home::metadata},
    {"object_permission", Kind::object, Home::input},
    {"password", Kind::text, Home::input},
    // of /user/new alone
    {"teams", Kind::list, Home::input},
    {"organizations", Kind::texts, Home::input},
    {"auto_create_key", Kind::flag, Home::input},
    {"send_invite_email", Kind::flag, Home::input},
    {"duration", Kind::text, Home::input},
    {"key_alias", Kind::text, Home::input},
    {"key", Kind::text, Home::input},
    {"key_type", Kind::text, Home::input},
    {"team_id", Kind::text, Home::input},
    {"aliases", Kind::object, Home::input},
    {"config", Kind::object, Home::input},
    {"permissions", Kind::object, Home::input},
    {"allowed_routes", Kind::texts, Home::input},
};

constexpr RoleText k_roles[] = {
    {"proxy_admin", "Admin (All Permissions)", "admin over litellm proxy, has all permissions"},
    {"proxy_admin_viewer", "Admin (View Only)", "view all keys, view all spend"},
    {"internal_user", "Internal User (Create/Delete/View)",
     "view/create/delete their own keys, view their own spend"},
    {"internal_user_viewer", "Internal User (View Only)", "view their own keys, view their own spend"},
};

} // namespace

std::span<const Field> user_fields() { return k_fields; }
std::span<const RoleText> user_role_texts() { return k_roles; }

Out<void> check_user(const Call& call, const Body& body) {
  const auto is = [&](const RoleText& role) { return role.name == body.text("user_role"); };
  if (body.has("user_role") && std::none_of(std::begin(k_roles), std::end(k_roles), is))
    return invalid("body", "user_role",
                   "Input should be 'proxy_admin', 'proxy_admin_viewer', 'internal_user' or "
                   "'internal_user_viewer'",
                   "literal_error");
  constexpr std::size_t k_shortest = 8, k_longest = 128;
  if (body.has("password"))
    if (const auto size = body.text("password").size(); size < k_shortest || size > k_longest)
      return refuse(400, "password must have 8 to 128 characters", "bad_request_error", "password");
  return check_shapes(call, body);
}

Out<void> check_email(Session& session, std::string_view email, std::string_view user_id) {
  if (email.empty()) return {};
  auto other = find_user(session, {}, email);
  if (!other) return other.error();
  if (other->empty() || text_of(*other, "user_id") == user_id) return {};
  return refuse_detail(409, "User with email " + std::string(email) + " already exists");
}

Out<ValueMap> user_columns(Session& session, const Call& call, const Body& body, const Row& before) {
  ValueMap columns = columns_of(body, k_fields);
  if (body.given("spend") && !body.has("spend")) switchyard::erase(columns, "spend");
  auto metadata = body.given("metadata") ? body.object("metadata") : object_in(before, "metadata");
  if (lay_metadata(body, k_fields, metadata) || body.given("metadata"))
    set(columns, "metadata", Value(std::move(metadata)));
  if (body.given("budget_duration")) {
    auto reset = reset_time(call, body.text("budget_duration"));
    if (!reset) return reset.error();
    set(columns, "budget_reset_at", *reset);
  }
  if (body.has("password")) set(columns, "password", text_value(hash_password(body.text("password"))));
  if (auto put = put_object_permission(session, body, before, columns); !put) return put.error();
  return columns;
}

} // namespace switchyard::management
