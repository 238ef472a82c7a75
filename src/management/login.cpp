// /login, /v2/login and the first login by invitation: passwords to sessions of the admin UI. Public routes;
// store threads, since checking a password takes its time.
#include "core/percent.hpp"
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/crypto.hpp"
#include "management/ui_session.hpp"

namespace switchyard::management {
namespace {

constexpr std::string_view k_invalid =
    "Invalid credentials used to access UI.\nCheck 'UI_USERNAME', 'UI_PASSWORD' in .env file";
constexpr std::size_t k_shortest = 8, k_longest = 128; // of passwords

Reply no_master_key() {
  return refuse(500,
                "Master Key not set for Proxy. Please set Master Key to use Admin UI. Set "
                "`LITELLM_MASTER_KEY` in .env or set general_settings:master_key in config.yaml.",
                "auth_error", "master_key");
}
Reply invalid_credentials() { return refuse(401, k_invalid, "auth_error", "invalid_credentials"); }

struct Login {
  UiSession session;
  std::vector<Touched> touched;
};

/// UI_USERNAME logs in as the proxy's admin; its row must say so, since the session's key is an ordinary one.
Out<Login> admin_login(Session& session, const Call& call) {
  const auto& id = call.config->plane->admin_user_id;
  const Row row{{"user_id", text_value(id)}, {"user_role", text_value("proxy_admin")}, {"spend", Value(0.0)}};
  const Change role{"user_role", text_value("proxy_admin")};
  auto done = session.upsert("UserTable", row, std::vector<std::string>{"user_id"}, {&role, 1});
  if (!done) return Refusal(failed(done.error()));
  auto opened = open_ui_session(session, call, {id, "", "proxy_admin"});
  if (!opened) return opened.error();
  const std::string hash = opened->key_hash;
  return Login{std::move(*opened), {{Touched::What::user, id}, {Touched::What::key, hash}}};
}

Out<Row> find_by_email(Session& session, const std::string& email) {
  const Value value = text_value(email);
  auto rows = stored(session.query(
      R"(SELECT "user_id" FROM "LiteLLM_UserTable" WHERE LOWER("user_email") = LOWER($1) LIMIT 1)",
      {&value, 1}));
  if (!rows) return rows.error();
  if (rows->empty()) return Row();
  return find_row(session, "UserTable", "user_id", at(rows->front(), "user_id"));
}

Out<Login> user_login(Session& session, const Call& call, const std::string& email,
                      const std::string& password) {
  auto user = find_by_email(session, email);
  if (!user) return user.error();
  if (user->empty()) return invalid_credentials();
  const std::string stored_form = text_of(*user, "password"), id = text_of(*user, "user_id");
  if (stored_form.empty())
    return refuse(401, "User has no password set. Please set a password for the user via `/user/update`.",
                  "auth_error", "password");
  if (!password_matches(password, stored_form))
    return refuse(401, "Invalid credentials used to access UI.\nNot valid credentials for " + email,
                  "auth_error", "invalid_credentials");
  if (password_is_outdated(stored_form)) {
    const Change change{"password", text_value(hash_password(password))};
    const Condition where{"user_id", "=", text_value(id)};
    if (auto done = session.update("UserTable", {&change, 1}, {&where, 1}); !done)
      return Refusal(failed(done.error()));
  }
  std::string role = text_of(*user, "user_role");
  if (role.empty()) role = "internal_user_viewer";
  auto opened = open_ui_session(session, call, {id, text_of(*user, "user_email"), role});
  if (!opened) return opened.error();
  const std::string hash = opened->key_hash;
  return Login{std::move(*opened), {{Touched::What::key, hash}}};
}

Out<Login> log_in(Session& session, const Call& call, const std::string& name, const std::string& password) {
  if (call.config->general.master_key.empty()) return no_master_key();
  const auto& plane = *call.config->plane;
  const Secret& expected = plane.ui_password.empty() ? call.config->general.master_key : plane.ui_password;
  const bool right_name = equal_constant_time(name, Secret(plane.ui_username));
  const bool right_password = equal_constant_time(password, expected);
  if (right_name && right_password) return admin_login(session, call);
  if (name.empty() || name.find('\0') != std::string::npos || password.size() > 4096)
    return invalid_credentials();
  return user_login(session, call, name, password);
}

/// Status and body of a login that worked; the token is a cookie either way.
Reply logged_in(Login login, const std::string& page, bool redirect) {
  Reply reply = redirect ? Reply() : ok(Value(ValueMap{{"redirect_url", text_value(page)}}));
  reply.headers = "Set-Cookie: token=" + login.session.token + "; Path=/; SameSite=lax\r\n";
  if (redirect) reply.status = 303, reply.headers += "Location: " + page + "\r\n";
  reply.touched = std::move(login.touched);
  return reply;
}

Reply log_in_and_answer(Session& session, const Call& call, const std::string& name,
                        const std::string& password, bool redirect) {
  return write(session, [&]() -> Reply {
    auto login = log_in(session, call, name, password);
    if (!login) return login.error();
    return logged_in(std::move(*login), ui_base(call) + "/ui/?login=success", redirect);
  });
}

Reply login_by_form(Session& session, const Call& call) {
  Call form = call;
  form.query = call.body; // application/x-www-form-urlencoded is a query's grammar
  const auto name = query_text(form, "username"), password = query_text(form, "password");
  if (!name) return invalid("body", "username", "Field required");
  if (!password) return invalid("body", "password", "Field required");
  return log_in_and_answer(session, call, *name, *password, true);
}

Reply login_by_json(Session& session, const Call& call) {
  constexpr Field k_fields[] = {{"username", Kind::text, Home::input, true},
                                {"password", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  return log_in_and_answer(session, call, body.text("username"), body.text("password"), false);
}

// -- the first login by invitation

/// An invitation that still holds.
Out<Row> valid_invitation(Session& session, const Call& call, const std::string& id) {
  auto row = find_row(session, "InvitationLink", "id", text_value(id));
  if (!row) return row.error();
  if (row->empty()) return detail(401, "Invitation link does not exist in db.");
  auto end = storage::read_time(text_of(*row, "expires_at"));
  if (!end || *end <= call.now) return detail(401, "Invitation link has expired.");
  return row;
}

Out<void> mark(Session& session, const Call& call, const Row& invitation, ValueMap columns) {
  set(columns, "updated_at", now_value(call));
  set(columns, "updated_by", at(invitation, "user_id"));
  const Condition where{"id", "=", at(invitation, "id")};
  auto done = session.update("InvitationLink", changes_of(std::move(columns)), {&where, 1});
  if (!done) return failed(done.error());
  return {};
}

Reply welcome(Session& session, const Call& call, const std::string& link) {
  auto invitation = valid_invitation(session, call, link);
  if (!invitation) return invitation.error();
  auto user = find_row(session, "UserTable", "user_id", at(*invitation, "user_id"));
  if (!user) return user.error();
  if (user->empty()) return detail(401, "User does not exist in db.");
  if (auto done =
          mark(session, call, *invitation, {{"is_accepted", Value(true)}, {"accepted_at", now_value(call)}});
      !done)
    return done.error();
  const std::string email = text_of(*user, "user_email");
  auto opened =
      open_ui_session(session, call, {text_of(*user, "user_id"), email, text_of(*user, "user_role")});
  if (!opened) return opened.error();
  const std::string page = ui_base(call) + "/ui/onboarding?token=" + opened->token +
                           "&user_email=" + core::percent_encode(email, "@");
  Reply reply = ok(Value(ValueMap{{"login_url", text_value(page)},
                                  {"token", text_value(opened->token)},
                                  {"user_email", text_or_null(email)}}));
  return touching(std::move(reply), Touched::What::key, opened->key_hash);
}

Reply get_token(Session& session, const Call& call) {
  const auto link = query_text(call, "invite_link");
  if (!link) return invalid("query", "invite_link", "Field required");
  if (call.config->general.master_key.empty()) return no_master_key();
  return write(session, [&] { return welcome(session, call, *link); });
}

Reply claim(Session& session, const Call& call, const Body& body) {
  auto invitation = valid_invitation(session, call, body.text("invitation_link"));
  if (!invitation) return invitation.error();
  if (!flag_of(*invitation, "is_accepted"))
    return detail(401, "The invitation link was never validated. Open it before the password is set.");
  const std::string id = text_of(*invitation, "user_id");
  if (id != body.text("user_id"))
    return detail(401,
                  "Invalid invitation link. The user id submitted does not match the user id this link is "
                  "attached to. Got=" +
                      body.text("user_id"));
  const Change change{"password", text_value(hash_password(body.text("password")))};
  const Condition where{"user_id", "=", text_value(id)};
  auto users = session.update("UserTable", {&change, 1}, {&where, 1});
  if (!users) return failed(users.error());
  if (users->empty()) return detail(401, "User does not exist in db.");
  // the link has done its work: whoever finds it later shall not set another password
  if (auto done = mark(session, call, *invitation, {{"expires_at", now_value(call)}}); !done)
    return done.error();
  Row user = std::move(users->front());
  switchyard::erase(user, "password");
  audit(session, call, "UserTable", "updated", id, Value(), Value(user));
  return touching(ok(Value(std::move(user))), Touched::What::user, id);
}

Reply claim_token(Session& session, const Call& call) {
  constexpr Field k_fields[] = {{"invitation_link", Kind::text, Home::input, true},
                                {"user_id", Kind::text, Home::input, true},
                                {"password", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!read_body(call, k_fields, body, reply)) return reply;
  const auto length = body.text("password").size();
  if (length < k_shortest || length > k_longest) return detail(400, "Password must have 8 to 128 characters");
  return write(session, [&] { return claim(session, call, body); });
}

constexpr Route k_routes[] = {
    {"/login", k_post, login_by_form, "Log in to the admin page (form)"},
    {"/onboarding/claim_token", k_post, claim_token, "Set the password of an invited user"},
    {"/onboarding/get_token", k_get, get_token, "Open an invitation"},
    {"/v2/login", k_post, login_by_json, "Log in to the admin page (JSON)"},
};

} // namespace

std::span<const Route> login_routes() { return k_routes; }

} // namespace switchyard::management
