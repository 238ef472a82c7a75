// Includes, environment_variables, os.environ/ references and files as a whole.
#include "world.hpp"

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr const char* k_row = "model_list: [{model_name: a, litellm_params: {model: openai/x}}]\n";

TEST(Include, AppendsListsAndOverwritesTheRest) {
  World world;
  world.files["models/b.yaml"] = "model_list: [{model_name: b, litellm_params: {model: openai/b}}]\n"
                                 "router_settings: {num_retries: 7}\n";
  const auto config = world.config(
      std::string("include: [models/b.yaml]\nrouter_settings: {num_retries: 1, timeout: 5}\n") + k_row);
  ASSERT_EQ(config->models.size(), 2u);
  EXPECT_EQ(config->models[1].model_name, "b");
  EXPECT_EQ(config->models[1].place.file, 1);
  EXPECT_EQ(config->router.num_retries, 7);
  EXPECT_FALSE(config->router.timeout) << "the section of the included file replaces the whole section";
  EXPECT_THAT(config->files, ElementsAre("config.yaml", "models/b.yaml"));
  EXPECT_THAT(watched_files(*config), ElementsAre("config.yaml", "models/b.yaml"));
  EXPECT_EQ(config->document.find("include"), nullptr);
}

TEST(Include, IsRelativeToTheMainFile) {
  World world;
  world.files["/etc/sw/extra/one.yaml"] = "include: extra/two.yaml\n";
  world.files["/etc/sw/extra/two.yaml"] = k_row;
  const auto config = load_text("/etc/sw/main.yaml", "include: extra/one.yaml\n", world.environment());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ((*config)->models.size(), 1u);
}

TEST(Include, Problems) {
  World world;
  world.files["loop.yaml"] = "include: config.yaml\n";
  world.files["list.yaml"] = "- 1\n";
  world.files["bad.yaml"] = "a: [\n";
  const std::pair<const char*, const char*> cases[] = {
      {"include: gone.yaml", "config.yaml:1: include: gone.yaml: no such file"},
      {"include: config.yaml", "includes itself"},
      {"include: loop.yaml", "loop.yaml:1: include: config.yaml includes itself"},
      {"include: list.yaml", "list.yaml:1: expected sections"},
      {"include: bad.yaml", "bad.yaml:"},
      {"include: {a: b}", "expected a path"},
      {"include: [5]", "expected a path"},
  };
  for (const auto& [text, words] : cases) EXPECT_THAT(world.errors(text), HasSubstr(words)) << text;
}

TEST(File, MustHoldSections) {
  World world;
  EXPECT_EQ(world.errors(""), "config.yaml:1: the file is empty");
  EXPECT_THAT(world.errors("just text"), HasSubstr("config.yaml:1: expected sections"));
  EXPECT_THAT(world.errors("- a\n- b\n"), HasSubstr("config.yaml:1: expected sections"));
  EXPECT_THAT(world.errors("model_list: {a: 1}"),
              HasSubstr("config.yaml:1: model_list: expected a list, got a mapping"));
  EXPECT_THAT(world.errors("router_settings: [1]"),
              HasSubstr("router_settings: expected a mapping, got a list"));
  EXPECT_THAT(world.errors("environment_variables: x"),
              HasSubstr("environment_variables: expected a mapping"));
  EXPECT_THAT(world.errors("credential_list: 5"), HasSubstr("credential_list: expected a list"));
}

TEST(File, MissingIsAnError) {
  World world;
  LoadOptions options{{}, world.environment()};
  options.command_line.file = "/no/such.yaml";
  const auto loaded = load(options);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message, "/no/such.yaml: no such file");
}

TEST(File, ComesFromTheEnvironmentToo) {
  World world;
  world.variables["CONFIG_FILE_PATH"] = "other.yaml";
  world.files["other.yaml"] = k_row;
  const auto loaded = load(LoadOptions{{}, world.environment()});
  ASSERT_TRUE(loaded);
  EXPECT_EQ((*loaded)->models.size(), 1u);
}

TEST(File, NullSectionsAreEmpty) {
  World world;
  const auto config = world.config("model_list:\nlitellm_settings:\ngeneral_settings:\nrouter_settings:\n");
  EXPECT_TRUE(config->models.empty());
  EXPECT_THAT(joined(config->warnings), HasSubstr("no models"));
}

TEST(File, AllErrorsAtOnce) {
  World world;
  const auto errors = world.errors("router_settings:\n  num_retries: many\n  timeout: soon\n"
                                   "litellm_settings:\n  drop_params: [1]\n");
  EXPECT_THAT(errors, HasSubstr("config.yaml:2: router_settings.num_retries: expected a"));
  EXPECT_THAT(
      errors,
      HasSubstr("config.yaml:3: router_settings.timeout: expected a number of seconds, got \"soon\""));
  EXPECT_THAT(errors,
              HasSubstr("config.yaml:5: litellm_settings.drop_params: expected true or false, got a list"));
}

TEST(References, AreReplacedEverywhere) {
  World world;
  world.variables = {
      {"KEY", "sk-up"}, {"RPM", "60"}, {"DEEP", "in a list"}, {"YES", "True"}, {"ROUTE", "/x"}};
  const auto config =
      world.config(row_with("api_key: os.environ/KEY, rpm: os.environ/RPM, drop_params: os.environ/YES, "
                            "stop: [os.environ/DEEP, {a: os.environ/DEEP}]") +
                   "general_settings: {public_routes: [os.environ/ROUTE]}\n");
  ASSERT_EQ(config->models.size(), 1u);
  const auto& params = config->models[0].params;
  EXPECT_EQ(params.api_key.reveal(), "sk-up");
  EXPECT_EQ(params.rpm, 60);
  EXPECT_EQ(params.drop_params, true);
  EXPECT_THAT(params.defaults, ElementsAre(JsonParam{"stop", R"(["in a list",{"a":"in a list"}])"}));
  EXPECT_THAT(config->general.public_routes, ElementsAre("/x"));
}

TEST(References, UnsetIsNullWithOneWarningPerVariable) {
  World world;
  std::string text = "model_list:\n";
  for (int i = 0; i < 5; ++i)
    text += "  - {model_name: a, litellm_params: {model: openai/x" + std::to_string(i) +
            ", api_key: os.environ/GONE}}\n";
  const auto config = world.config(text);
  ASSERT_EQ(config->models.size(), 5u);
  EXPECT_TRUE(config->models[0].params.api_key.empty());
  EXPECT_THAT(config->warnings,
              ElementsAre("config.yaml:2: environment variable GONE is not set: null is used for "
                          "model_list[0].litellm_params.api_key, model_list[1].litellm_params.api_key, "
                          "model_list[2].litellm_params.api_key and 2 more"));
}

TEST(References, UnsetModelMakesTheRowBad) {
  World world;
  const auto config = world.config("model_list: [{model_name: a, litellm_params: {model: os.environ/GONE}}]");
  EXPECT_TRUE(config->models.empty());
  EXPECT_THAT(joined(config->warnings),
              HasSubstr("model_list[0].litellm_params.model: is missing (the row is skipped)"));
}

TEST(References, NothingElseIsExpanded) {
  World world;
  world.variables["KEY"] = "secret";
  const auto config = world.config(row_with("api_key: '${KEY}', api_base: '$KEY'"));
  EXPECT_EQ(config->models[0].params.api_key.reveal(), "${KEY}");
  EXPECT_EQ(config->models[0].params.api_base, "$KEY");
}

TEST(References, AnUnsetMasterKeyIsAnErrorAndNotAnOpenServer) {
  World world;
  EXPECT_THAT(world.errors(std::string("general_settings: {master_key: os.environ/GONE}\n") + k_row),
              HasSubstr("general_settings.master_key: environment variable GONE is not set"));
}

TEST(EnvironmentVariables, AreExportedAndUsedFirst) {
  World world;
  world.variables = {{"OUTER", "sk-outer"}, {"SAME", "same"}};
  const auto config =
      world.config("environment_variables:\n  A: os.environ/OUTER\n  PORT_NUMBER: 6379\n  FLAG: yes\n"
                   "  NOTHING:\n  SAME: same\n" +
                   row_with("api_key: os.environ/A"));
  EXPECT_EQ(config->models[0].params.api_key.reveal(), "sk-outer");
  const std::map<std::string, std::string> expected{
      {"A", "sk-outer"}, {"PORT_NUMBER", "6379"}, {"FLAG", "True"}};
  EXPECT_EQ(world.exported, expected);
}

TEST(EnvironmentVariables, AFailedLoadExportsNothing) {
  World world;
  world.errors("environment_variables: {A: b}\nrouter_settings: {num_retries: x}\n");
  EXPECT_TRUE(world.exported.empty());
  EXPECT_THAT(world.errors("environment_variables: {A: [1]}\n"),
              HasSubstr("environment_variables.A: expected a string"));
  EXPECT_THAT(world.errors("environment_variables: {'A=B': x}\n"), HasSubstr("not a name"));
}

TEST(EnvironmentVariables, ShapeTheServerToo) {
  World world;
  const auto config = world.config(std::string("environment_variables: {DOCS_TITLE: Mine}\n") + k_row);
  EXPECT_EQ(config->server.docs_title, "Mine");
}

TEST(OldForms, CacheMappingOf2023) {
  World world;
  const auto config = world.config(std::string("litellm_settings:\n  cache:\n    type: redis\n") + k_row);
  const Value* settings = config->document.find("litellm_settings");
  EXPECT_EQ(to_json(*settings), R"({"cache":true,"cache_params":{"type":"redis"}})");
  EXPECT_THAT(joined(config->warnings), HasSubstr("litellm_settings.cache is accepted but not built yet"));
}

TEST(Secrets, AreInNoMessage) {
  World world;
  const auto config =
      world.config(row_with("api_key: [sk-hidden]") + "general_settings: {master_key: hidden}\n");
  EXPECT_THAT(joined(config->warnings), Not(HasSubstr("hidden")));
  EXPECT_THAT(joined(config->warnings), HasSubstr("litellm_params.api_key: expected a string"));
}

} // namespace
} // namespace switchyard::config
