// Environment variables that shape the configuration.
#include "world.hpp"

#include <switchyard/plane.hpp>

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* k_row = "model_list: [{model_name: a, litellm_params: {model: openai/x}}]\n";

ConfigPtr with(World& world, const std::string& settings) { return world.config(k_row + settings); }

TEST(Environment, ShapesTheServer) {
  World world;
  world.variables = {{"HOST", "1.2.3.4"},
                     {"PORT", "8080"},
                     {"NUM_WORKERS", "3"},
                     {"DEBUG", "True"},
                     {"KEEPALIVE_TIMEOUT", "9"},
                     {"SSL_KEYFILE_PATH", "k"},
                     {"SSL_CERTFILE_PATH", "c"},
                     {"SERVER_ROOT_PATH", "gw/x/"},
                     {"LITELLM_CORS_ORIGINS", "https://a, https://b"},
                     {"LITELLM_CORS_ALLOW_CREDENTIALS", "true"},
                     {"NO_DOCS", "True"},
                     {"NO_OPENAPI", "1"},
                     {"DOCS_TITLE", "T"},
                     {"DOCS_DESCRIPTION", "D"},
                     {"DOCS_URL", "/d"},
                     {"DOCS_FILTERED", "true"},
                     {"JSON_LOGS", "True"},
                     {"LITELLM_LOG_FILE", "f.log"},
                     {"ROUTER_MAX_FALLBACKS", "2"},
                     {"DEFAULT_COOLDOWN_TIME_SECONDS", "1.5"},
                     {"SSL_CERTIFICATE", "cert"}};
  const auto config = with(world, "");
  const auto& server = config->server;
  EXPECT_EQ(server.host, "1.2.3.4");
  EXPECT_TRUE(server.host_given);
  EXPECT_EQ(server.port, 8080);
  EXPECT_EQ(server.num_workers, 3);
  EXPECT_EQ(config->log_level, LogLevel::debug);
  EXPECT_EQ(server.keepalive_timeout, 9);
  EXPECT_EQ(server.ssl_keyfile_path + server.ssl_certfile_path, "kc");
  EXPECT_EQ(server.root_path, "/gw/x");
  EXPECT_THAT(server.cors_origins, ElementsAre("https://a", "https://b"));
  EXPECT_TRUE(server.cors_allow_credentials && server.no_docs && server.no_openapi && server.docs_filtered);
  EXPECT_EQ(server.docs_title + server.docs_description + server.docs_url, "TD/d");
  EXPECT_TRUE(config->json_logs);
  EXPECT_EQ(config->log_file, "f.log");
  EXPECT_EQ(config->router.max_fallbacks, 2);
  EXPECT_EQ(config->router.cooldown_time, 1.5);
  EXPECT_EQ(config->litellm.ssl_certificate, "cert");
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(Environment, LogLevels) {
  const std::pair<const char*, LogLevel> cases[] = {{"DEBUG", LogLevel::debug},
                                                    {"info", LogLevel::info},
                                                    {"WARNING", LogLevel::warning},
                                                    {"ERROR", LogLevel::error}};
  for (const auto& [name, level] : cases) {
    World world;
    world.variables["LITELLM_LOG"] = name;
    EXPECT_EQ(with(world, "")->log_level, level) << name;
  }
}

TEST(Environment, BadValuesStopTheStartButForDebug) {
  const std::pair<const char*, const char*> cases[] = {{"PORT", "70000"},
                                                       {"PORT", "http"},
                                                       {"NUM_WORKERS", "-1"},
                                                       {"LITELLM_LOG", "loud"},
                                                       {"NO_DOCS", "maybe"}};
  for (const auto& [name, value] : cases) {
    World world;
    world.variables[name] = value;
    EXPECT_THAT(world.errors(k_row), HasSubstr(std::string(name) + ": expected")) << value;
  }
  World world;
  world.variables["DEBUG"] = "express:*";
  EXPECT_EQ(with(world, "")->log_level, LogLevel::info);
  EXPECT_THAT(joined(with(world, "")->warnings), HasSubstr("DEBUG: is neither true nor false"));
}

TEST(Environment, UnbuiltVariablesAreNamed) {
  World world;
  world.variables = {{"PROXY_BASE_URL", "http://u:p@h"},
                     {"IAM_TOKEN_DB_AUTH", "True"},
                     {"SEPARATE_HEALTH_APP", "0"},
                     {"UI_USERNAME", ""}};
  const auto warnings = joined(with(world, "")->warnings);
  EXPECT_THAT(warnings, HasSubstr("PROXY_BASE_URL is accepted but not built yet"));
  EXPECT_THAT(warnings, HasSubstr("IAM_TOKEN_DB_AUTH is accepted but not built yet"));
  EXPECT_THAT(warnings, Not(HasSubstr("SEPARATE_HEALTH_APP")));
  EXPECT_THAT(warnings, Not(HasSubstr("UI_USERNAME")));
  EXPECT_THAT(warnings, Not(HasSubstr("u:p")));
}

TEST(Environment, ADatabaseInParts) {
  World world;
  world.variables = {{"DATABASE_HOST", "db:5433"},
                     {"DATABASE_USERNAME", "li te"},
                     {"DATABASE_PASSWORD", "p@ss/w"},
                     {"DATABASE_NAME", "llm"}};
  const auto url = [&](const std::string& text) {
    return std::string(with(world, text)->plane->database_url.reveal());
  };
  EXPECT_EQ(url(""), "postgresql://li%20te:p%40ss%2Fw@db:5433/llm");
  EXPECT_EQ(url("general_settings: {database_url: 'sqlite:///x'}"), "sqlite:///x");
  world.variables["DATABASE_SCHEMA"] = "own";
  EXPECT_EQ(url(""), "postgresql://li%20te:p%40ss%2Fw@db:5433/llm?schema=own");
  world.variables.erase("DATABASE_NAME");
  EXPECT_THAT(world.errors("general_settings: {}"),
              HasSubstr("DATABASE_HOST: needs DATABASE_USERNAME and DATABASE_NAME"));
}

TEST(Environment, TlsVerification) {
  struct Case {
    const char *cert_file, *verify, *file, *expected;
  };
  const Case cases[] = {
      {"", "", "", "true"},          {"/ca", "", "", "/ca"},        {"/ca", "True", "", "/ca"},
      {"/ca", "False", "", "false"}, {"", "/b.pem", "", "/b.pem"},  {"/ca", "", "false", "false"},
      {"/ca", "", "true", "/ca"},    {"", "False", "true", "true"}, {"", "", "False", "false"}};
  for (const auto& row : cases) {
    World world;
    world.variables = {{"SSL_CERT_FILE", row.cert_file}, {"SSL_VERIFY", row.verify}};
    const std::string settings =
        *row.file ? std::string("litellm_settings: {ssl_verify: ") + row.file + "}\n" : "";
    EXPECT_EQ(with(world, settings)->litellm.ssl_verify, row.expected)
        << row.cert_file << row.verify << row.file;
  }
}

} // namespace
} // namespace switchyard::config
