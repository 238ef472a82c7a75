// Logins: the admin's and users', the session's key and token, invitations from link to password.
#include "../touched.hpp"
#include "../world.hpp"
#include "management/crypto.hpp"
#include "management/secrets.hpp"

namespace switchyard::management {
namespace {

struct Logins : testing::Test {
  Value claims_of_cookie() {
    const auto& headers = world.last.headers;
    const auto start = headers.find("token=") + 6;
    auto claims = read_token(headers.substr(start, headers.find(';', start) - start), Secret("sk-master"));
    EXPECT_TRUE(claims);
    return claims ? *claims : Value();
  }
  World world;
};

TEST_F(Logins, TheAdminLogsInWithTheMasterKey) {
  expect_json(world.post("/v2/login", R"({"username":"admin","password":"sk-master"})"),
              R"({"redirect_url":"/ui/?login=success"})");
  const auto claims = claims_of_cookie();
  const std::string key(text_at(claims, "key"));
  expect_json(claims, R"({"user_id":"default_user_id","key":")" + key +
                          R"(","user_email":null,"user_role":"proxy_admin",
    "login_method":"username_password","premium_user":true,"auth_header_name":"Authorization",
    "disabled_non_admin_personal_key_creation":false,"server_root_path":""})");
  const auto row = world.rows("VerificationToken")[0];
  EXPECT_EQ(text_of(row, "token"), hash_of(key));
  EXPECT_EQ(text_of(row, "team_id"), "litellm-dashboard");
  EXPECT_EQ(text_of(row, "expires"), "2026-05-03T10:20:30.454000Z");
  EXPECT_EQ(number_of(row, "max_budget"), 10);
  EXPECT_EQ(text_of(world.rows("UserTable")[0], "user_role"), "proxy_admin");
  EXPECT_EQ(touched_by(world.last), "user:default_user_id key:" + hash_of(key));
}

TEST_F(Logins, TheFormRedirectsWithACookie) {
  world.plane.ui_username = "root";
  world.plane.ui_password = Secret("p&ss word");
  world.config.server.root_path = "/llm";
  const Reply reply = world.run("POST", "/login", "username=root&password=p%26ss+word");
  EXPECT_EQ(reply.status, 303);
  EXPECT_NE(reply.headers.find("Location: /llm/ui/?login=success\r\n"), std::string::npos);
  EXPECT_NE(reply.headers.find("Set-Cookie: token="), std::string::npos);
  EXPECT_EQ(world.run("POST", "/login", "username=root").status, 422);
  EXPECT_EQ(world.run("POST", "/login", "username=root&password=sk-master").status, 401)
      << "UI_PASSWORD replaces the master key";
}

TEST_F(Logins, UsersLogInByEmailAndOldHashesAreRenewed) {
  world.insert("UserTable",
               R"({"user_id":"u","user_email":"Ann@x.org","user_role":"internal_user","password":")" +
                   hash_of("correct horse") + R"("})");
  world.post("/v2/login", R"({"username":"ann@X.org","password":"correct horse"})");
  EXPECT_EQ(text_at(claims_of_cookie(), "user_role"), "internal_user");
  EXPECT_TRUE(text_of(world.rows("UserTable")[0], "password").starts_with("scrypt:"));
  world.post("/v2/login", R"({"username":"ann@x.org","password":"correct horse"})");
  EXPECT_EQ(world.refusal("/v2/login", R"({"username":"ann@x.org","password":"wrong"})", 401),
            "Invalid credentials used to access UI.\nNot valid credentials for ann@x.org");
  EXPECT_EQ(world.rows("VerificationToken").size(), 2u);
}

TEST_F(Logins, Errors) {
  expect_json(
      world.post("/v2/login", R"({"username":"admin","password":"wrong"})", 401),
      R"({"error":{"message":"Invalid credentials used to access UI.\nCheck 'UI_USERNAME', 'UI_PASSWORD' in .env file",
        "type":"auth_error","param":"invalid_credentials","code":"401"}})");
  world.insert("UserTable", R"({"user_id":"u","user_email":"a@b.c"})");
  world.post("/v2/login", R"({"username":"a@b.c","password":""})", 401);
  world.post("/v2/login", R"({"username":"","password":""})", 401);
  world.post("/v2/login", R"({"username":"admin"})", 422);
  world.config.general.master_key = Secret();
  const auto reply = world.post("/v2/login", R"({"username":"admin","password":""})", 500);
  EXPECT_EQ(text_at(*reply.find("error"), "param"), "master_key");
  EXPECT_TRUE(world.rows("VerificationToken").empty());
}

TEST_F(Logins, AnInvitationLeadsToAPasswordOnce) {
  world.insert("UserTable", R"({"user_id":"u","user_email":"a+b@c.d","user_role":"internal_user"})");
  const auto row = world.post("/invitation/new", R"({"user_id":"u"})");
  expect_json(
      row,
      R"({"id":"00000000-0000-0000-0000-000000000000","user_id":"u","is_accepted":false,"accepted_at":null,
    "expires_at":"2026-05-09T10:20:30.454000Z","created_at":"2026-05-02T10:20:30.454000Z","created_by":"default_user_id",
    "updated_at":"2026-05-02T10:20:30.454000Z","updated_by":"default_user_id"})");
  const std::string id(text_at(row, "id"));
  const std::string claim = R"({"invitation_link":")" + id + R"(","user_id":"u","password":"correct horse"})";
  world.post("/onboarding/claim_token", claim, 401);
  world.caller = Caller(); // these routes are public
  const auto welcome = world.get("/onboarding/get_token?invite_link=" + id);
  EXPECT_EQ(text_at(*read_token(text_at(welcome, "token"), Secret("sk-master")), "user_id"), "u");
  EXPECT_TRUE(text_at(welcome, "login_url").ends_with("&user_email=a%2Bb@c.d"));
  EXPECT_TRUE(flag_of(world.rows("InvitationLink")[0], "is_accepted"));
  const auto user = world.post("/onboarding/claim_token", claim);
  EXPECT_FALSE(user.find("password"));
  world.post("/v2/login", R"({"username":"a+b@c.d","password":"correct horse"})");
  world.post("/onboarding/claim_token", claim, 401);
  world.get("/onboarding/get_token?invite_link=" + id, 401);
}

TEST_F(Logins, InvitationErrors) {
  world.insert("UserTable", R"({"user_id":"u","user_email":"a@b.c"})");
  expect_json(
      world.post("/invitation/new", R"({"user_id":"none"})", 400),
      R"({"detail":{"error":"User id does not exist in 'LiteLLM_UserTable'. Fix this by creating user via `/user/new`."}})");
  const std::string id(text_at(world.post("/invitation/new", R"({"user_id":"u"})"), "id"));
  expect_json(world.get("/onboarding/get_token?invite_link=x", 401),
              R"({"detail":{"error":"Invitation link does not exist in db."}})");
  world.get("/onboarding/get_token", 422);
  world.get("/onboarding/get_token?invite_link=" + id);
  const auto claim = [&](const char* user, const char* password, int status) {
    world.post("/onboarding/claim_token",
               R"({"invitation_link":")" + id + R"(","user_id":")" + user + R"(","password":")" + password +
                   R"("})",
               status);
  };
  claim("other", "long enough", 401);
  claim("u", "short", 400);
  world.now += std::chrono::hours(24 * 8);
  claim("u", "long enough", 401);
  expect_json(world.get("/onboarding/get_token?invite_link=" + id, 401),
              R"({"detail":{"error":"Invitation link has expired."}})");
}

TEST_F(Logins, InvitationsAreUpdatedReadAndDeleted) {
  world.insert("UserTable", R"({"user_id":"u"})");
  const std::string id(text_at(world.post("/invitation/new", R"({"user_id":"u"})"), "id"));
  EXPECT_EQ(text_at(world.get("/invitation/info?invitation_id=" + id), "user_id"), "u");
  EXPECT_EQ(
      to_json(*world.post("/invitation/update", R"({"invitation_id":")" + id + R"(","is_accepted":true})")
                   .find("is_accepted")),
      "true");
  world.post("/invitation/update", R"({"invitation_id":"x","is_accepted":true})", 400);
  world.get("/invitation/info?invitation_id=x", 400);
  world.post("/invitation/delete", R"({"invitation_id":"x"})", 400);
  world.as_user("stranger");
  for (const char* path : {"/invitation/new", "/invitation/update", "/invitation/delete"})
    world.post(path, R"({"user_id":"u","is_accepted":true,"invitation_id":")" + id + R"("})", 400);
  world.get("/invitation/info?invitation_id=" + id, 400);
  world.as_user("v", "proxy_admin_viewer");
  EXPECT_EQ(text_at(world.get("/invitation/info?invitation_id=" + id), "id"), "*****");
  world.as_master();
  world.post("/invitation/delete", R"({"invitation_id":")" + id + R"("})");
  EXPECT_TRUE(world.rows("InvitationLink").empty());
}

TEST_F(Logins, TeamAdminsInviteOnlyWhoCannotLogInYet) {
  world.insert("TeamTable", R"({"team_id":"t","members_with_roles":[{"user_id":"boss","role":"admin"}]})");
  world.insert("UserTable", R"({"user_id":"fresh","teams":["t"]})");
  world.insert("UserTable", R"({"user_id":"old","teams":["t"],"password":"scrypt:x"})");
  world.insert("UserTable", R"({"user_id":"chief","teams":["t"],"user_role":"proxy_admin"})");
  world.insert("UserTable", R"({"user_id":"elsewhere"})");
  world.as_user("boss");
  world.post("/invitation/new", R"({"user_id":"fresh"})");
  for (const char* user : {"old", "chief", "elsewhere", "none"})
    world.post("/invitation/new", std::string(R"({"user_id":")") + user + R"("})", 400);
}

} // namespace
} // namespace switchyard::management
