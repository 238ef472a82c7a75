// Files of the repository: the users' documents, the examples, the reference; and the real file reader.
#include "config/command_line.hpp"
#include "world.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace switchyard::config {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::filesystem::path k_source = SWITCHYARD_SOURCE_DIR;

std::string slurp(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream out;
  out << stream.rdbuf();
  return out.str();
}

/// The real disk with an environment of our own.
Environment on_disk(World& world) {
  Environment out = world.environment();
  out.read_file = process_environment().read_file;
  return out;
}

std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  return out;
}

ConfigPtr load_file(const std::filesystem::path& path, World& world) {
  LoadOptions options{{}, on_disk(world)};
  options.command_line.file = path.string();
  auto out = load(options);
  if (out) return *out;
  ADD_FAILURE() << out.error().message;
  return std::make_shared<Config>();
}

TEST(Seeds, EveryDocumentLoadsAndKnowsItsKeys) {
  const auto files = yaml_files(k_source / "tests/unit/config/seeds");
  ASSERT_THAT(files, SizeIs(32));
  for (const auto& path : files) {
    World world;
    world.variables["LITELLM_ENVIRONMENT"] = "production";
    const auto config = load_file(path, world);
    EXPECT_THAT(config->warnings, Each(Not(HasSubstr("unknown key")))) << path;
    if (path.filename() != "001_all_settings.yaml") { // its only row is a placeholder
      EXPECT_THAT(config->warnings, Each(Not(HasSubstr("skipped")))) << path;
    }
  }
}

TEST(Seeds, MeanWhatTheirPagesSay) {
  World world;
  const auto seeds = k_source / "tests/unit/config/seeds";
  const auto balancing = load_file(seeds / "001_load_balancing.yaml", world);
  EXPECT_THAT(balancing->models, SizeIs(5));
  EXPECT_EQ(balancing->router.num_retries, 2);
  EXPECT_EQ(balancing->router.request_timeout, 10);
  EXPECT_EQ(balancing->router.timeout, 30);
  EXPECT_EQ(balancing->router.model_group_alias.at(0).model, "gpt-3.5-turbo");
  EXPECT_EQ(balancing->router.fallbacks.at(0).targets.at(0).model, "gpt-3.5-turbo");
  EXPECT_THAT(load_file(seeds / "001_organizations.yaml", world)->models, SizeIs(3));
  world.variables["LITELLM_ENVIRONMENT"] = "staging";
  EXPECT_THAT(load_file(seeds / "001_supported_environments.yaml", world)->models, SizeIs(2));
  load_file(seeds / "000_example.yaml", world);
  EXPECT_EQ(world.exported["REDIS_PORT"], "16337");
  EXPECT_FALSE(world.exported.contains("REDIS_PASSWORD"));
}

TEST(Examples, LoadWithoutErrors) {
  const auto files = yaml_files(k_source / "config");
  EXPECT_FALSE(files.empty());
  for (const auto& path : files) {
    World world;
    world.variables = {{"AZURE_API_BASE", "x"},
                       {"AZURE_API_KEY", "x"},
                       {"OPENAI_API_KEY", "x"},
                       {"GROQ_API_KEY", "x"},
                       {"LITELLM_MASTER_KEY", "sk-x"}};
    const auto config = load_file(path, world);
    EXPECT_FALSE(config->models.empty()) << path;
    EXPECT_TRUE(config->warnings.empty()) << path << "\n" << joined(config->warnings);
  }
}

TEST(Reference, EqualsDocs) {
  const auto path = k_source / "docs/config.md";
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(path, std::ios::binary) << reference_markdown();
  EXPECT_EQ(slurp(path), reference_markdown()) << "run the test with UPDATE_GOLDEN=1";
}

TEST(Reference, NamesEverything) {
  const std::string text = reference_markdown();
  for (const Section& section : sections())
    for (const Key& key : section.keys) EXPECT_THAT(text, HasSubstr("| `" + std::string(key.name) + "` |"));
  for (const Option& option : options())
    EXPECT_THAT(text, HasSubstr("| `" + std::string(option.names) + "` |"));
}

TEST(ProcessEnvironment, ReadsRegularFilesOnly) {
  const auto read = process_environment().read_file;
  EXPECT_EQ(*read((k_source / "CMakePresets.json").string()), slurp(k_source / "CMakePresets.json"));
  for (const char* path : {"/no/such/file", "/dev/zero", "/", ""}) EXPECT_FALSE(read(path)) << path;
}

TEST(ProcessEnvironment, SetsAndGets) {
  const auto environment = process_environment();
  EXPECT_EQ(environment.get("SWITCHYARD_TEST_VARIABLE"), std::nullopt);
  environment.set("SWITCHYARD_TEST_VARIABLE", "x");
  EXPECT_EQ(environment.get("SWITCHYARD_TEST_VARIABLE"), "x");
  ::unsetenv("SWITCHYARD_TEST_VARIABLE");
}

} // namespace
} // namespace switchyard::config
