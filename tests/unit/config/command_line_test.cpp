// The command line: parsing, options without effect, and what it does to a config.
#include "config/command_line.hpp"
#include "world.hpp"

#include <switchyard/plane.hpp>

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Result<CommandLine> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "switchyard");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data());
}

CommandLine parsed(std::vector<const char*> arguments) {
  auto out = parse(std::move(arguments));
  if (out) return *out;
  ADD_FAILURE() << out.error().message;
  return {};
}

ConfigPtr loaded(const CommandLine& command_line) {
  World world;
  auto out = load(LoadOptions{command_line, world.environment()});
  if (out) return *out;
  ADD_FAILURE() << out.error().message;
  return std::make_shared<Config>();
}

TEST(CommandLine, EveryOption) {
  const auto line = parsed({"-c",
                            "f.yaml",
                            "--host",
                            "127.0.0.1",
                            "--port",
                            "0",
                            "--num_workers",
                            "4",
                            "-m",
                            "ollama/llama2",
                            "--alias",
                            "x",
                            "--api_base",
                            "http://b",
                            "--api_version",
                            "v",
                            "--headers",
                            "{}",
                            "--temperature",
                            "0.5",
                            "--max_tokens",
                            "7",
                            "--request_timeout",
                            "300",
                            "--drop_params",
                            "--add_function_to_prompt",
                            "--debug",
                            "--keepalive_timeout",
                            "5",
                            "--ssl_keyfile_path",
                            "k",
                            "--ssl_certfile_path",
                            "c"});
  EXPECT_EQ(line.action, Action::serve);
  EXPECT_EQ(line.file, "f.yaml");
  EXPECT_EQ(line.host, "127.0.0.1");
  EXPECT_EQ(line.port, 0);
  EXPECT_EQ(line.num_workers, 4);
  EXPECT_EQ(line.model, "ollama/llama2");
  EXPECT_EQ(line.alias, "x");
  EXPECT_EQ(line.api_base, "http://b");
  EXPECT_EQ(line.api_version, "v");
  EXPECT_EQ(line.headers, "{}");
  EXPECT_EQ(line.temperature, 0.5);
  EXPECT_EQ(line.max_tokens, 7);
  EXPECT_EQ(line.request_timeout, 300);
  EXPECT_TRUE(line.drop_params && line.add_function_to_prompt && line.debug);
  EXPECT_EQ(line.keepalive_timeout, 5);
  EXPECT_EQ(line.ssl_keyfile_path + line.ssl_certfile_path, "kc");
  EXPECT_THAT(line.warnings, IsEmpty());
}

TEST(CommandLine, Actions) {
  EXPECT_EQ(parsed({}).action, Action::serve);
  EXPECT_EQ(parsed({"--version"}).action, Action::version);
  EXPECT_EQ(parsed({"-v"}).action, Action::version);
  EXPECT_EQ(parsed({"--validate_config", "-c", "f"}).action, Action::validate);
  EXPECT_EQ(parsed({"--print-config-reference"}).action, Action::print_reference);
  EXPECT_EQ(parsed({"--health"}).action, Action::health);
  EXPECT_EQ(parsed({"--test"}).action, Action::test);
  EXPECT_EQ(parsed({"--test"}).test_url, "");
  EXPECT_EQ(parsed({"--test", "--port", "5"}).test_url, "");
  EXPECT_EQ(parsed({"--test", "http://x"}).test_url, "http://x");
  const auto help = parsed({"--help"});
  EXPECT_EQ(help.action, Action::help);
  for (const Option& option : options()) {
    const std::string name(option.names.substr(0, option.names.find(',')));
    EXPECT_THAT(help.text, HasSubstr(name));
  }
}

TEST(CommandLine, Telemetry) {
  for (const char* value : {"True", "False", "true", "no"})
    EXPECT_THAT(parsed({"--telemetry", value}).warnings, IsEmpty());
  EXPECT_THAT(parsed({"--telemetry"}).warnings, IsEmpty());
  EXPECT_FALSE(parse({"--telemetry", "perhaps"}));
}

TEST(CommandLine, OptionsWithoutEffectWarn) {
  for (const Option& option : options()) {
    if (option.set) continue;
    const std::string name(option.names);
    std::vector<const char*> arguments{name.c_str()};
    if (option.kind == Option::Kind::value) arguments.push_back("1");
    EXPECT_THAT(parsed(arguments).warnings, ElementsAre(HasSubstr(name + " has no effect"))) << name;
  }
}

TEST(CommandLine, Problems) {
  const std::pair<std::vector<const char*>, const char*> cases[] = {
      {{"--no-such-option"}, "--no-such-option"},
      {{"stray"}, "stray"},
      {{"--port", "x"}, "--port: expected a port from 0 to 65535"},
      {{"--port", "65536"}, "--port: expected a port"},
      {{"--port"}, "--port"},
      {{"--num_workers", "-1"}, "--num_workers"},
      {{"--temperature", "hot"}, "--temperature: expected a number"},
      {{"--request_timeout", "-5"}, "--request_timeout: expected seconds"},
  };
  for (const auto& [arguments, words] : cases) {
    const auto line = parse(arguments);
    ASSERT_FALSE(line) << words;
    EXPECT_THAT(line.error().message, HasSubstr(words));
  }
  const auto both = parse({"--port", "x", "--max_tokens", "y"});
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error().message, HasSubstr("--port"));
  EXPECT_THAT(both.error().message, HasSubstr("--max_tokens"));
}

TEST(CommandLine, ModelAloneServesEveryName) {
  const auto config = loaded(parsed({"--model", "ollama/llama2", "--api_base", "http://b", "--temperature",
                                     "0.3", "--max_tokens", "17", "--headers", "{\"X-A\": \"1\"}"}));
  ASSERT_THAT(config->models, SizeIs(1));
  EXPECT_TRUE(config->any_model_name);
  const auto& row = config->models[0];
  EXPECT_EQ(row.model_name, "ollama/llama2");
  EXPECT_EQ(row.params.model, "ollama/llama2");
  EXPECT_EQ(row.params.api_base, "http://b");
  EXPECT_THAT(row.params.defaults,
              ElementsAre(JsonParam{"temperature", "0.3"}, JsonParam{"max_tokens", "17"}));
  EXPECT_THAT(row.params.extra_headers, ElementsAre(HeaderLine{"X-A", "1"}));
  EXPECT_EQ(row.id.size(), 64u);
  EXPECT_TRUE(config->general.completion_model.empty());
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(CommandLine, MaxBudgetIsTheProxys) {
  const auto config = loaded(parsed({"--model", "openai/x", "--max_budget", "2.5"}));
  EXPECT_EQ(config->plane->max_budget, Money::from_usd(2.5));
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(CommandLine, AliasNamesTheModel) {
  const auto config = loaded(parsed({"--model", "openai/x", "--alias", "mine"}));
  EXPECT_EQ(config->models[0].model_name, "mine");
  EXPECT_EQ(config->models[0].params.model, "openai/x");
}

TEST(CommandLine, ModelWithAFileForcesTheModel) {
  World world;
  world.command_line = parsed({"--model", "b"});
  const char* text = "model_list: [{model_name: a, litellm_params: {model: openai/x}}, {model_name: b, "
                     "litellm_params: {model: openai/y}}]";
  const auto config = world.config(text);
  EXPECT_THAT(config->models, SizeIs(2));
  EXPECT_EQ(config->general.completion_model, "b");
  EXPECT_FALSE(config->any_model_name);
  world.command_line = parsed({"--model", "openai/z"});
  EXPECT_THAT(world.config(text)->models, SizeIs(3));
}

TEST(CommandLine, BadHeadersAreAnError) {
  World world;
  for (const char* headers : {"[1]", "{", "text"}) {
    const auto out = load(LoadOptions{parsed({"--model", "m", "--headers", headers}), world.environment()});
    ASSERT_FALSE(out) << headers;
    EXPECT_THAT(out.error().message, HasSubstr("--headers: expected a JSON object"));
  }
}

TEST(CommandLine, RowOptionsNeedAModel) {
  EXPECT_THAT(joined(loaded(parsed({"--api_base", "x"}))->warnings), HasSubstr("belong to --model"));
}

TEST(CommandLine, WinsOverFileAndEnvironment) {
  World world;
  world.variables = {{"PORT", "1"}, {"NUM_WORKERS", "2"}, {"HOST", "h"}};
  world.command_line =
      parsed({"--port", "0", "--host", "::1", "--num_workers", "1", "--request_timeout", "5", "--drop_params",
              "--detailed_debug", "--keepalive_timeout", "3", "--use_queue"});
  const auto config = world.config("litellm_settings: {request_timeout: 9, drop_params: false}\n"
                                   "model_list: [{model_name: a, litellm_params: {model: openai/x}}]\n");
  EXPECT_EQ(config->server.port, 0);
  EXPECT_EQ(config->server.host, "::1");
  EXPECT_TRUE(config->server.host_given);
  EXPECT_EQ(config->server.num_workers, 1);
  EXPECT_EQ(config->server.keepalive_timeout, 3);
  EXPECT_EQ(config->router.request_timeout, 5);
  EXPECT_TRUE(config->litellm.drop_params);
  EXPECT_EQ(config->log_level, LogLevel::debug);
  EXPECT_THAT(config->warnings, ElementsAre(HasSubstr("--use_queue has no effect")));
}

TEST(CommandLine, NothingAtAllStartsWithoutModels) {
  const auto config = loaded(CommandLine{});
  EXPECT_THAT(config->models, IsEmpty());
  EXPECT_FALSE(config->any_model_name);
  EXPECT_THAT(joined(config->warnings), HasSubstr("no models"));
}

} // namespace
} // namespace switchyard::config
