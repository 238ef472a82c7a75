// Lines of the reload log: what changed, and never a secret.
#include "world.hpp"

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::vector<std::string> changes(const std::string& old, const std::string& next) {
  World world;
  return diff(*world.config(old), *world.config(next));
}

std::string row(const std::string& name, const std::string& id, const std::string& more = "") {
  return "{model_name: " + name + ", litellm_params: {model: openai/x" + more + "}, model_info: {id: " + id +
         "}}";
}

TEST(Diff, NothingChanged) {
  const std::string text = "model_list: [" + row("a", "one") + "]\nrouter_settings: {num_retries: 5}\n";
  EXPECT_THAT(changes(text, text), IsEmpty());
  EXPECT_THAT(changes(text, "# moved\n\n" + text), IsEmpty());
}

TEST(Diff, Rows) {
  EXPECT_THAT(changes("model_list: [" + row("a", "one") + "," + row("b", "two") + "]",
                      "model_list: [" + row("a", "one", ", rpm: 6, temperature: 0.5") + "," +
                          row("c", "three") + "]"),
              ElementsAre("model a: row one: litellm_params.rpm: (not set) -> 6",
                          "model a: row one: litellm_params.temperature: (not set) -> 0.5",
                          "model c: row three added", "model b: row two removed"));
  EXPECT_THAT(changes("model_list: [" + row("a", "one") + "]", "model_list: [" + row("b", "one") + "]"),
              ElementsAre("model b: row one was of model a"));
}

TEST(Diff, OrderOfRowsCounts) {
  const auto a = row("a", "one"), b = row("b", "two"), c = row("c", "three");
  EXPECT_THAT(changes("model_list: [" + a + "," + b + "]", "model_list: [" + b + "," + a + "]"),
              ElementsAre("model_list: the order of the rows changed"));
  EXPECT_THAT(changes("model_list: [" + a + "," + b + "," + c + "]", "model_list: [" + a + "," + c + "]"),
              ElementsAre("model b: row two removed"));
}

TEST(Diff, SettingsWithTheirDefaults) {
  EXPECT_THAT(changes("router_settings: {timeout: 5}", "router_settings: {num_retries: 5, timeout: 5}"),
              ElementsAre("router_settings.num_retries: 2 -> 5"));
  EXPECT_THAT(
      changes("router_settings: {num_retries: 5}", "litellm_settings: {drop_params: true}"),
      ElementsAre("litellm_settings.drop_params: false -> true", "router_settings.num_retries: 5 -> 2"));
  EXPECT_THAT(changes("router_settings: {fallbacks: [{a: [b]}]}", "router_settings: {fallbacks: [{a: [c]}]}"),
              ElementsAre(R"(router_settings.fallbacks: [{"a":["b"]}] -> [{"a":["c"]}])"));
}

TEST(Diff, SecretsAreNotShown) {
  const auto text = [](const std::string& s) {
    return "general_settings: {master_key: sk-" + s + ", database_url: 'postgres://u:" + s +
           "@h/d', odd_password: " + s + "}\n" + "environment_variables: {ANYTHING: " + s + "}\n" +
           "litellm_settings: {cache_params: {password: " + s + "}}\n" +
           "credential_list: [{credential_name: c, credential_values: {x: " + s + "}}]\n" + "model_list: [" +
           row("a", "one",
               ", api_key: " + s + ", headers: {Authorization: " + s + "}, aws_secret_access_key: " + s +
                   ", api_base: 'http://u:" + s + "@h', some_token: " + s + ", extra_body: {k: " + s + "}") +
           "]\n";
  };
  const auto lines = joined(changes(text("first"), text("second")));
  EXPECT_THAT(lines, Not(HasSubstr("first")));
  EXPECT_THAT(lines, Not(HasSubstr("second")));
  for (const char* path :
       {"general_settings.master_key", "general_settings.database_url", "general_settings.odd_password",
        "environment_variables.ANYTHING", "litellm_settings.cache_params", "credential_list",
        "litellm_params.api_key", "litellm_params.headers", "litellm_params.aws_secret_access_key",
        "litellm_params.api_base", "litellm_params.some_token", "litellm_params.extra_body"})
    EXPECT_THAT(lines, HasSubstr(std::string(path) + ": changed (not shown)")) << path;
}

TEST(Diff, SecretsThatComeAndGo) {
  EXPECT_THAT(changes("router_settings: {}", "general_settings: {master_key: sk-1}"),
              ElementsAre("general_settings.master_key: (not set) -> ***"));
  EXPECT_THAT(joined(changes("model_list: [" + row("a", "one", ", max_tokens: 5") + "]",
                             "model_list: [" + row("a", "one", ", max_tokens: 6") + "]")),
              HasSubstr("litellm_params.max_tokens: 5 -> 6"));
}

} // namespace
} // namespace switchyard::config
