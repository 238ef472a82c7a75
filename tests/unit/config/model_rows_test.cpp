// Rows of model_list: fields, ids, expansions, bad rows.
#include "config/model_rows.hpp"
#include "world.hpp"

#include <set>

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(ModelRow, EveryGenericParamIsRead) {
  World world;
  const auto config = world.config(
      row_with(R"(custom_llm_provider: azure, api_key: sk-1, api_base: http://b, api_version: 2023-05-15,
    organization: org, azure_ad_token: t, weight: 1.5, rpm: 6, tpm: "7", timeout: 9,
    stream_timeout: 1.5, cooldown_time: 0, num_retries: 3, max_retries: 4, drop_params: true, additional_drop_params: [a],
    allowed_openai_params: [b], extra_headers: {X-A: 1},
    headers: {X-B: b}, extra_body: {q: [1]}, mock_response: hi, mock_timeout: 2.5)"));
  ASSERT_THAT(config->models, SizeIs(1));
  EXPECT_THAT(config->warnings, IsEmpty());
  const auto& row = config->models[0];
  const auto& params = row.params;
  EXPECT_EQ(row.model_name, "a");
  EXPECT_EQ(params.model, "openai/x");
  EXPECT_EQ(params.custom_llm_provider, "azure");
  EXPECT_EQ(params.api_key.reveal(), "sk-1");
  EXPECT_EQ(params.api_base, "http://b");
  EXPECT_EQ(params.api_version, "2023-05-15");
  EXPECT_EQ(params.organization, "org");
  EXPECT_EQ(params.azure_ad_token.reveal(), "t");
  EXPECT_EQ(params.weight, 1.5);
  EXPECT_EQ(params.rpm, 6);
  EXPECT_EQ(params.tpm, 7);
  EXPECT_EQ(params.timeout, 9);
  EXPECT_EQ(params.stream_timeout, 1.5);
  EXPECT_EQ(params.cooldown_time, 0);
  EXPECT_EQ(params.num_retries, 3);
  EXPECT_EQ(params.max_retries, 4);
  EXPECT_EQ(params.drop_params, true);
  EXPECT_THAT(params.additional_drop_params, ElementsAre("a"));
  EXPECT_THAT(params.allowed_openai_params, ElementsAre("b"));
  EXPECT_THAT(params.extra_headers, ElementsAre(HeaderLine{"X-A", "1"}, HeaderLine{"X-B", "b"}));
  EXPECT_THAT(params.extra_body, ElementsAre(JsonParam{"q", "[1]"}));
  EXPECT_EQ(params.mock_response, "hi");
  EXPECT_EQ(params.mock_timeout, 2.5);
  EXPECT_FALSE(params.mock_timeout_flag);
  EXPECT_THAT(params.defaults, IsEmpty());
}

TEST(ModelRow, HealthChecks) {
  const auto health = [](const std::string& info) {
    World world;
    const auto config = world.config(
        "model_list: [{model_name: a, litellm_params: {model: openai/x}, model_info: {" + info + "}}]\n");
    EXPECT_THAT(config->warnings, IsEmpty());
    return config->models.at(0).health;
  };
  const auto plain = health("");
  EXPECT_TRUE(plain.in_background);
  EXPECT_FALSE(plain.timeout || plain.max_tokens);
  EXPECT_EQ(plain.voice, "alloy");
  const auto full =
      health("disable_background_health_check: true, health_check_timeout: 2.5, health_check_voice: v, "
             "health_check_model: openai/y, health_check_max_tokens: 7, "
             "health_check_max_tokens_non_reasoning: 9");
  EXPECT_FALSE(full.in_background);
  EXPECT_EQ(full.timeout, 2.5);
  EXPECT_EQ(full.voice, "v");
  EXPECT_EQ(full.model, "openai/y");
  EXPECT_EQ(full.max_tokens, 7);
  constexpr auto k_both = "health_check_max_tokens_reasoning: 99, health_check_max_tokens_non_reasoning: 9";
  EXPECT_EQ(health(k_both).max_tokens, 9);
  EXPECT_EQ(health(std::string("supports_reasoning: true, ") + k_both).max_tokens, 99);
  EXPECT_FALSE(health("health_check_timeout: 0").timeout) << "not set, as in Python";
}

TEST(ModelRow, OtherKeysAreDefaultRequestParameters) {
  World world;
  const auto config = world.config(row_with(
      "temperature: 0.2, max_tokens: 20, stop: [a], seed: null, base_url: http://u, request_timeout: 4"));
  const auto& params = config->models[0].params;
  EXPECT_THAT(params.defaults, ElementsAre(JsonParam{"temperature", "0.2"}, JsonParam{"max_tokens", "20"},
                                           JsonParam{"stop", "[\"a\"]"}));
  EXPECT_EQ(params.api_base, "http://u");
  EXPECT_EQ(params.timeout, 4);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(ModelRow, MisspeltParamsAreWarnedAbout) {
  World world;
  const std::pair<const char*, const char*> cases[] = {{"api_bas: x", "did you mean api_base?"},
                                                       {"organisation: x", "did you mean organization?"},
                                                       {"api_vesion: x", "did you mean api_version?"},
                                                       {"rmp: 5", ""},
                                                       {"weigth: 5", "did you mean weight?"}};
  for (const auto& [params, words] : cases) {
    const auto config = world.config(row_with(params));
    EXPECT_THAT(joined(config->warnings), HasSubstr(words)) << params;
    EXPECT_THAT(config->models[0].params.defaults, SizeIs(1)) << params;
  }
  for (const char* fine : {"top_p: 1", "n: 2", "tools: []", "user: x", "voice: y", "store: true", "stop: z",
                           "seed: 1", "size: s", "aws_region_name: us", "vertex_project: p"})
    EXPECT_THAT(world.config(row_with(fine))->warnings, IsEmpty()) << fine;
}

TEST(ModelRow, UnbuiltParamsAreNamedOnceWithTheirRows) {
  World world;
  std::string text = "model_list:\n";
  for (int i = 0; i < 5; ++i)
    text += "- {model_name: a, litellm_params: {model: bedrock/x" + std::to_string(i) +
            ", s3_bucket_name: us}}\n";
  const auto config = world.config(text);
  EXPECT_THAT(
      config->warnings,
      ElementsAre(
          "config.yaml:2: litellm_params.s3_bucket_name is accepted but not built yet: it has no effect "
          "(model_list[0], model_list[1], model_list[2] and 2 more)"));
  EXPECT_THAT(config->models[0].params.known_unbuilt, ElementsAre(JsonParam{"s3_bucket_name", "\"us\""}));
  EXPECT_THAT(config->models[0].params.defaults, IsEmpty());
  EXPECT_EQ(config->models[0].params.raw.back().first, "s3_bucket_name");
}

TEST(ModelRow, MockTimeoutTrueWaitsForTheRequestsTimeout) {
  World world;
  const auto config = world.config(row_with("mock_timeout: true"));
  EXPECT_TRUE(config->models[0].params.mock_timeout_flag);
  EXPECT_FALSE(config->models[0].params.mock_timeout);
}

TEST(ModelRow, BadRowsAreSkippedWithFileLineAndField) {
  const std::pair<const char*, const char*> cases[] = {
      {"{model_name: b, litellm_params: {model: x, rpm: six}}",
       "model_list[1].litellm_params.rpm: expected an integer, got \"six\" (the row is skipped)"},
      {"{model_name: b, litellm_params: {model: x, rpm: -1}}",
       "litellm_params.rpm: expected 0 or more, got -1"},
      {"{model_name: b, litellm_params: {model: x, timeout: soon}}",
       "litellm_params.timeout: expected a number of seconds"},
      {"{model_name: b, litellm_params: {model: [x]}}",
       "litellm_params.model: expected a string, got a list"},
      {"{model_name: b, litellm_params: {model: ''}}", "litellm_params.model: is missing"},
      {"{model_name: b, litellm_params: {}}", "litellm_params.model: is missing"},
      {"{model_name: b, litellm_params: []}", "litellm_params: expected a mapping, got a list"},
      {"{model_name: b}", "litellm_params.model: is missing"},
      {"{litellm_params: {model: x}}", "model_list[1].model_name: is missing"},
      {"{model_name: [b], litellm_params: {model: x}}", "model_list[1].model_name: expected a string"},
      {"{model_name: b, litellm_params: {model: x}, model_info: []}",
       "model_info: expected a mapping, got a list"},
      {"{model_name: b, litellm_params: {model: x}, model_info: {id: [1]}}",
       "model_info.id: expected a string"},
      {"{model_name: b, litellm_params: {model: x, additional_drop_params: {a: b}}}",
       "litellm_params.additional_drop_params: expected a list of strings"},
      {"{model_name: b, litellm_params: {model: x, extra_body: 5}}",
       "litellm_params.extra_body: expected a mapping, got 5"},
      {"{model_name: b, litellm_params: {model: x, headers: [a]}}",
       "litellm_params.headers: expected a mapping"},
      {"{model_name: b, litellm_params: {model: x, organization: [[a]]}}",
       "litellm_params.organization: expected a list of strings"},
      {"just text", "model_list[1]: expected a mapping, got \"just text\""},
      {"null", "model_list[1]: expected a mapping, got nothing"},
  };
  for (const auto& [row, words] : cases) {
    World world;
    const std::string text =
        std::string("model_list:\n- {model_name: a, litellm_params: {model: openai/x}}\n- ") + row + "\n";
    const auto config = world.config(text);
    ASSERT_THAT(config->models, SizeIs(1)) << row;
    EXPECT_THAT(joined(config->warnings), HasSubstr(std::string("config.yaml:3: "))) << row;
    EXPECT_THAT(joined(config->warnings), HasSubstr(words)) << row;
    EXPECT_THAT(world.errors(text + "router_settings: {ignore_invalid_deployments: false}\n"),
                Not(HasSubstr("skipped")))
        << row;
  }
}

TEST(ModelRow, ParamsAtTheWrongLevelAreNamed) {
  World world;
  const auto config = world.config(
      "model_list: [{model_name: a, api_base: x, litelm_params: {}, odd: 1, litellm_params: {model: y}}]");
  EXPECT_THAT(joined(config->warnings),
              HasSubstr("model_list[0].api_base: ignored here; it belongs under litellm_params"));
  EXPECT_THAT(joined(config->warnings),
              HasSubstr("model_list[0].litelm_params: unknown key, ignored; did you mean litellm_params?"));
  EXPECT_THAT(joined(config->warnings), HasSubstr("model_list[0].odd: unknown key, ignored"));
}

TEST(ModelRow, TopLevelLimitsAreCopied) {
  World world;
  const auto config =
      world.config("model_list: [{model_name: a, rpm: 5, tpm: 6, litellm_params: {model: x, tpm: 7}}]");
  EXPECT_EQ(config->models[0].params.rpm, 5);
  EXPECT_EQ(config->models[0].params.tpm, 7);
}

TEST(ModelRow, HeadersThatAreNoHttpAreLeftOut) {
  World world;
  const auto config =
      world.config(row_with("extra_headers: {'AI-Resource Group': x, Good: y, Bad: \"a\\nb\"}"));
  EXPECT_THAT(config->models[0].params.extra_headers, ElementsAre(HeaderLine{"Good", "y"}));
  EXPECT_THAT(joined(config->warnings),
              HasSubstr("header \"AI-Resource Group\" is not valid HTTP and is left out"));
  EXPECT_THAT(joined(config->warnings), HasSubstr("header \"Bad\""));
}

TEST(ModelRow, PricesAndBaseModelAreFactsOfTheModel) {
  World world;
  const auto config = world.config("model_list: [{model_name: a, litellm_params: {model: x, "
                                   "input_cost_per_token: 0.00001, base_model: b,\n"
                                   "  model_info: {note: n}}, model_info: {mode: embedding, version: 2}}]");
  const auto& row = config->models[0];
  EXPECT_EQ(row.mode, "embedding");
  EXPECT_EQ(row.base_model, "b");
  EXPECT_EQ(
      to_json(Value(row.model_info)),
      R"({"mode":"embedding","version":2,"note":"n","input_cost_per_token":1e-05,"base_model":"b","id":")" +
          row.id + "\"}");
}

// Both hashes come from Python running LiteLLM's recipe over the same YAML.
TEST(DeploymentId, EqualsLiteLlms) {
  World world;
  const auto config = world.config(R"(
model_list:
- model_name: zephyr
  litellm_params:
    model: huggingface/x
    api_base: http://0.0.0.0:8001
- model_name: gpt-4o
  litellm_params:
    model: openai/gpt-4o
    api_key: sk-1
    temperature: 0.2
    max_tokens: 100
    stream: yes
    stop: ["a", "it's", "b\"c'", "tab\t", 1, null]
    extra_headers: {"X-Title": "Léo 😀", "n": 1, "f": 1.0, "t": true, "z": null, "l": [1, "a"]}
    small: 0.00001
    big: 1.0e+16
    empty:
)");
  ASSERT_THAT(config->models, SizeIs(1))
      << "a list as a header value is a bad row, so its id is checked below";
  EXPECT_EQ(config->models[0].id, "d8136199cd19b23dc7ee50d9601dd9417ac582aafa79b716cafb0d8d7d9e4390");
  const Value& params = *(*config->document.find("model_list")->as_list())[1].find("litellm_params");
  EXPECT_EQ(deployment_id("gpt-4o", *params.as_map()),
            "cf7969a3cacf743def34ed76c8e3a5c212a4d25b32a52919c7808fdb4081383d");
}

TEST(DeploymentId, IsTheUsersOrSeparatesEqualRows) {
  World world;
  const auto config = world.config(
      "model_list:\n- {model_name: a, litellm_params: {model: x}, model_info: {id: 42}}\n"
      "- {model_name: a, litellm_params: {model: y}}\n- {model_name: a, litellm_params: {model: y}}\n");
  ASSERT_THAT(config->models, SizeIs(3));
  EXPECT_EQ(config->models[0].id, "42");
  EXPECT_EQ(to_json(Value(config->models[0].model_info)), R"({"id":"42"})");
  EXPECT_NE(config->models[1].id, config->models[2].id);
  EXPECT_EQ(*config->models[2].model_info.back().second.as_string(), config->models[2].id);
  EXPECT_THAT(joined(config->warnings), HasSubstr("config.yaml:4: model a: the same row"));
}

TEST(DeploymentId, KeepsWhenCredentialsRotate) {
  World world;
  const char* text =
      "credential_list: [{credential_name: c, credential_values: {api_key: %s}}]\n"
      "model_list: [{model_name: a, litellm_params: {model: x, litellm_credential_name: c}}]\n";
  const auto with_key = [&](const std::string& key) {
    std::string out = text;
    return world.config(out.replace(out.find("%s"), 2, key))->models.at(0);
  };
  const auto first = with_key("sk-1"), second = with_key("sk-2");
  EXPECT_EQ(first.id, second.id);
  EXPECT_EQ(second.params.api_key.reveal(), "sk-2");
}

TEST(ModelRow, ExplicitParamsWinOverCredentialsAndDefaults) {
  World world;
  const auto config = world.config(
      "credential_list: [{credential_name: c, credential_values: {api_key: k, api_base: cred, tags: [t]}}]\n"
      "router_settings: {default_litellm_params: {max_retries: 9, api_base: default, temperature: 1}}\n"
      "model_list: [{model_name: a, litellm_params: {model: x, api_base: own, litellm_credential_name: c}},\n"
      "             {model_name: b, litellm_params: {model: x, litellm_credential_name: gone, temperature: "
      "0}}]\n");
  ASSERT_THAT(config->models, SizeIs(2));
  EXPECT_EQ(config->models[0].params.api_base, "own");
  EXPECT_EQ(config->models[0].params.api_key.reveal(), "k");
  EXPECT_EQ(config->models[0].params.max_retries, 9);
  EXPECT_THAT(config->models[0].params.defaults, ElementsAre(JsonParam{"temperature", "1"}));
  EXPECT_EQ(config->models[1].params.api_base, "default");
  EXPECT_THAT(config->models[1].params.defaults, ElementsAre(JsonParam{"temperature", "0"}));
  EXPECT_THAT(
      joined(config->warnings),
      HasSubstr("model_list[1].litellm_params.litellm_credential_name: \"gone\" is not in credential_list"));
}

TEST(ModelRow, OneDeploymentPerOrganization) {
  World world;
  const std::string text = "model_list: [{model_name: '*', litellm_params: {model: openai/*, organization: "
                           "[org-1, org-2, org-3]}}]";
  const auto config = world.config(text);
  ASSERT_THAT(config->models, SizeIs(3));
  std::set<std::string> ids;
  for (const auto& row : config->models) ids.insert(row.id);
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_EQ(config->models[1].params.organization, "org-2");
  EXPECT_EQ(config->models[1].model_name, "*");
  EXPECT_EQ(*config->models[1].params.raw.back().second.as_string(), "org-2");
  EXPECT_EQ(world.config(text)->models[2].id, config->models[2].id) << "stable over restarts";
}

TEST(ModelRow, SupportedEnvironments) {
  struct Case {
    const char *current, *list;
    std::size_t rows;
    const char* warning;
  };
  const Case cases[] = {
      {"production", "[production]", 1, ""},
      {"production", "[development, staging]", 0, ""},
      {"", "[production]", 0, "needs LITELLM_ENVIRONMENT to be"},
      {"prod", "[production]", 0, "needs LITELLM_ENVIRONMENT to be"},
      {"production", "[prod]", 0, "\"prod\" is not development, staging or production"},
      {"", "null", 1, ""},
  };
  for (const auto& row : cases) {
    World world;
    if (*row.current) world.variables["LITELLM_ENVIRONMENT"] = row.current;
    const auto config = world.config(std::string("model_list: [{model_name: a, litellm_params: {model: x}, "
                                                 "model_info: {supported_environments: ") +
                                     row.list + "}}]");
    EXPECT_THAT(config->models, SizeIs(row.rows)) << row.current << row.list;
    EXPECT_THAT(joined(config->warnings), HasSubstr(row.warning)) << row.current << row.list;
  }
}

TEST(ModelRow, InputAndOutputTokensPerMinute) {
  World world;
  const auto config =
      world.config("model_list:\n- {model_name: a, litellm_params: {model: x, itpm: 10, otpm: 20}}\n"
                   "- {model_name: a, litellm_params: {model: y}, itpm: 30, otpm: 40}");
  ASSERT_THAT(config->models, SizeIs(2));
  EXPECT_EQ(config->models[0].itpm, 10);
  EXPECT_EQ(config->models[0].otpm, 20);
  EXPECT_EQ(config->models[1].itpm, 30);
  EXPECT_EQ(config->models[1].otpm, 40);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(ModelRow, BlockedRowsAreNotThereAndTeamsNameTheirs) {
  World world;
  const auto config =
      world.config("model_list:\n- {model_name: a, litellm_params: {model: x}, model_info: {blocked: true}}\n"
                   "- {model_name: b, litellm_params: {model: y}, model_info: {blocked: false, team_id: t, "
                   "team_public_model_name: ours}}");
  ASSERT_THAT(config->models, SizeIs(1));
  EXPECT_EQ(config->models[0].team_public_name, "ours");
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(ModelRow, WhatChoosesARow) {
  World world;
  const auto config =
      world.config(row_with("region_name: eu, tags: [a], tag_regex: ['^User-Agent: x'], order: 2") + "");
  ASSERT_THAT(config->models, SizeIs(1));
  const auto& params = config->models[0].params;
  EXPECT_EQ(params.region_name, "eu");
  EXPECT_THAT(params.tags, ElementsAre("a"));
  EXPECT_THAT(params.tag_regex, ElementsAre("^User-Agent: x"));
  EXPECT_EQ(params.order, 2);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(ModelRow, ATagRegexThatIsNoneIsReported) {
  World world;
  const auto config = world.config(row_with("tag_regex: ['(']"));
  EXPECT_THAT(joined(config->warnings), HasSubstr("is not a regular expression"));
  EXPECT_THAT(config->models, IsEmpty()) << "a bad row is skipped";
}

TEST(ModelRow, ParamsOfLaterReleasesAreNamed) {
  for (const char* param : {"max_file_size_mb: 5", "configurable_clientside_auth_params: [api_key]"}) {
    World world;
    const auto config = world.config(row_with(param));
    EXPECT_THAT(config->models, SizeIs(1)) << param;
    EXPECT_THAT(joined(config->warnings), HasSubstr("is accepted but not built yet")) << param;
    EXPECT_THAT(config->models[0].params.defaults, IsEmpty()) << param;
  }
}

} // namespace
} // namespace switchyard::config
