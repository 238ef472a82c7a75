// The parameter policy (spec providers.md 4): what is forwarded untouched, dropped, renamed, refused, added.
#include "providers/openai/param_rules.hpp"
#include "providers/params.hpp"
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

TEST(Policy, ForwardsUnknownFieldsByteForByte) {
  Case c("openai/gpt-4o");
  const std::string odd = "{ \"model\" : \"alias\" ,\t\"x_new\" : { \"a\" : 1.50e+00, \"b\":[ ] } ,\n "
                          "\"messages\":[{\"role\":\"user\","
                          "\"content\":\"\\u00e9\\/ caf\\u00e9\",\"zzz\":null}], \"temperature\" : 0.10 }";
  auto expected = odd;
  expected.replace(expected.find("\"alias\""), 7, "\"gpt-4o\"");
  EXPECT_EQ(c.encoded(odd), expected);
  EXPECT_NE(c.wire.head.find("Content-Length: " + std::to_string(expected.size()) + "\r\n\r\n"),
            std::string::npos);
}

TEST(Wire, SecretRangesCoverTheKeysAndNothingElse) {
  auto params = params_of("azure/*");
  params.api_base = "https://r.openai.azure.com";
  params.extra_headers = {{"Authorization", "Basic dTpw"}, {"X-Plain", "open"}};
  Case c(params);
  c.call.model = "some deployment";
  c.encoded(R"({"model":"a"})");
  std::string hidden;
  for (auto [offset, length] : c.wire.secret_ranges) hidden += c.wire.head.substr(offset, length) + ";";
  EXPECT_EQ(hidden, "sk-test;dTpw;");
}

TEST(Wire, ForwardedHeadersNeverReplaceTheRows) {
  Case c("openai/g");
  const HeaderLine forwarded[] = {{"x-trace", "1"}, {"AUTHORIZATION", "Bearer mine"}};
  c.call.forward_headers = forwarded;
  c.encoded(R"({"model":"a"})");
  EXPECT_NE(c.wire.head.find("x-trace: 1\r\n"), std::string::npos);
  EXPECT_EQ(c.wire.head.find("mine"), std::string::npos);
}

TEST(Policy, SlicesPointIntoTheClientsBody) {
  Case c("openai/gpt-4o");
  c.encoded(R"({"model":"alias","messages":[]})");
  ASSERT_FALSE(c.wire.body.empty());
  EXPECT_EQ(c.wire.body.front().data(), c.body.data());
}

struct Row {
  std::string model, sent, expected;
};

const Row k_edits[] = {
    // the gateway's own parameters
    {"openai/g", R"({"model":"a","num_retries":3,"mock_testing_x":1,"aws_region_name":"x","top_k":4})",
     R"({"model":"g","top_k":4})"},
    {"openai/g", R"({"model":"a","metadata":{"a":1}})", R"({"model":"g"})"},
    {"openai/g", R"({"model":"a","metadata":{"a":1},"store":true})",
     R"({"model":"g","metadata":{"a":1},"store":true})"},
    {"openai/g", R"({"extra_body":{"k":1,"model":"evil","api_key":"x"},"model":"a"})",
     R"({"model":"g","k":1})"},
    {"openai/g", R"({"messages":[]})", R"({"messages":[],"model":"g"})"},
    // renames and values
    {"openai/o3", R"({"model":"a","max_tokens":5})", R"({"model":"o3","max_completion_tokens":5})"},
    {"openai/gpt-5", R"({"model":"a","max_tokens":5,"temperature":1})",
     R"({"model":"gpt-5","temperature":1,"max_completion_tokens":5})"},
    {"openai/gpt-5.1", R"({"model":"a","temperature":0.5,"reasoning_effort":"none"})",
     R"({"model":"gpt-5.1","temperature":0.5,"reasoning_effort":"none"})"},
    {"openai/gpt-5-chat-latest", R"({"model":"a","temperature":0.5})",
     R"({"model":"gpt-5-chat-latest","temperature":0.5})"},
    {"openai/g", R"({"model":"a","stop":["1","2","3","4","5"]})",
     R"({"model":"g","stop":["1","2","3","4"]})"},
    {"openai/g", R"({"model":"a","stop":["1","2","3","4","5"],"disable_stop_sequence_limit":true})",
     R"({"model":"g","stop":["1","2","3","4","5"]})"},
    {"mistral/m", R"({"model":"a","seed":3,"max_completion_tokens":5,"tool_choice":"required","user":"u"})",
     R"({"model":"m","tool_choice":"any","random_seed":3,"max_tokens":5})"},
    {"moonshot/m", R"({"model":"a","temperature":1.7})", R"({"model":"m","temperature":1})"},
    {"moonshot/m", R"({"model":"a","temperature":0.1,"n":2})", R"({"model":"m","temperature":0.3,"n":2})"},
    {"moonshot/m", R"({"model":"a","messages":[{"role":"user","content":"x"}],"tool_choice":"required"})",
     R"({"model":"m","messages":[{"role":"user","content":"x"},{"role":"user","content":"Please select a tool to handle the current issue."}]})"},
    {"deepinfra/mistralai/Mistral-7B-Instruct-v0.1", R"({"model":"a","temperature":0})",
     R"({"model":"mistralai/Mistral-7B-Instruct-v0.1","temperature":0.0001})"},
    {"deepseek/m", R"({"model":"a","thinking":{"type":"enabled","budget_tokens":3}})",
     R"({"model":"m","thinking":{"type":"enabled"}})"},
    {"fireworks_ai/llama",
     R"({"model":"a","response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object"}}}})",
     R"({"model":"accounts/fireworks/models/llama","response_format":{"type":"json_object","schema":{"type":"object"}}})"},
    {"meta_llama/m", R"({"model":"a","response_format":{"type":"json_object"}})", R"({"model":"m"})"},
    {"clarifai/u.a.m", R"({"model":"a"})", R"({"model":"https://clarifai.com/u/a/models/m"})"},
    {"openrouter/a/b", R"({"model":"x","transforms":["y"]})",
     R"({"model":"a/b","transforms":["y"],"usage":{"include":true}})"},
    // tolerated silently
    {"groq/m", R"({"model":"a","user":"u"})", R"({"model":"m"})"},
    {"mistral/m", R"({"model":"a","n":1})", R"({"model":"m"})"},
    {"groq/m", R"({"model":"a","web_search_options":null})", R"({"model":"m"})"},
    // refusals
    {"openai/o1", R"({"model":"a","temperature":0.2})",
     "litellm.UnsupportedParamsError: O-series models don't support temperature=0.2. Only temperature=1 is "
     "supported. To drop unsupported openai params from the call, set `litellm.drop_params = True`"},
    {"groq/x", R"({"model":"a","web_search_options":{}})",
     "litellm.UnsupportedParamsError: groq does not support parameters: ['web_search_options'], for "
     "model=x. To "
     "drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: "
     "true`\n. \n "
     "If you want to use these params dynamically send allowed_openai_params=['web_search_options'] in "
     "your "
     "request."},
    {"groq/x", R"({"model":"a","web_search_options":{},"drop_params":true})", R"({"model":"x"})"},
    {"groq/x", R"({"model":"a","web_search_options":{},"allowed_openai_params":["web_search_options"]})",
     R"({"model":"x","web_search_options":{}})"},
    {"deepinfra/x", R"({"model":"a","tool_choice":"required"})",
     "litellm.UnsupportedParamsError: Deepinfra doesn't support tool_choice=required. To drop unsupported "
     "openai "
     "params from the call, set `litellm.drop_params = True`"},
    // additional_drop_params of the request, nested ones too
    {"openai/g",
     R"({"model":"a","x":1,"tools":[{"k":1,"n":2},{"k":3}],"additional_drop_params":["x","tools[*].k"]})",
     R"({"model":"g","tools":[{"n":2},{}]})"},
};

TEST(Policy, EditsWhatTheRowSays) {
  for (auto& row : k_edits)
    EXPECT_EQ(Case(row.model).encoded(row.sent), row.expected) << row.model << " " << row.sent;
}

// The policy looks only at keys that the target's filter names: no rule of any row may be outside of it.
TEST(Policy, EveryParameterOfARuleIsLookedAt) {
  for (auto& row : provider_rows()) {
    auto params = params_of(std::string(row.name) + "/" + (row.has(k_ragflow_path) ? "chat/i/m" : "m"));
    params.api_base = "https://h.openai.azure.com/v1";
    params.additional_drop_params = {"x_dropped"};
    Case c(params);
    std::vector<std::string> named{"x_dropped", "metadata", "api_key", "vertex_x", "aws_x", "mock_testing_y"};
    any_word(row.unsupported, [&](std::string_view word) { return named.emplace_back(word), false; });
    if (row.has(k_classic_params)) named.insert(named.end(), newer_params().begin(), newer_params().end());
    any_word(row.renames, [&](std::string_view word) {
      return named.emplace_back(word.substr(0, word.find(':'))), false;
    });
    for (auto& name : named) {
      if (name == "metadata" && row.name == "litellm_proxy") continue;
      auto out = c.encoded("{\"model\":\"a\",\"drop_params\":true,\"" + name + "\":\"v\"}");
      EXPECT_EQ(out.find("\"" + name + "\""), std::string::npos) << row.name << " " << out;
    }
  }
}

TEST(Policy, AnotherModelThanTheRowsHasItsOwnRules) {
  Case c("openai/gpt-4o"); // as a health check with health_check_model does
  c.call.model = "o3-mini";
  EXPECT_EQ(c.encoded(R"({"model":"a","max_tokens":5})"), R"({"model":"o3-mini","max_completion_tokens":5})");
  Case pattern("openai/*");
  pattern.call.model = "o3-mini";
  EXPECT_EQ(pattern.encoded(R"({"model":"a","max_tokens":5})"),
            R"({"model":"o3-mini","max_completion_tokens":5})");
  pattern.call.model = "gpt-4o";
  EXPECT_EQ(pattern.encoded(R"({"model":"a","max_tokens":5})"), R"({"model":"gpt-4o","max_tokens":5})");
}

TEST(KeyFilter, NeverDeniesWhatWasAdded) {
  KeyFilter filter;
  const std::string_view keys[] = {"", "n", "ab", "stop", "a_rather_long_name_of_a_parameter"};
  for (auto key : keys) EXPECT_FALSE(!key.empty() && filter.may_hold(key));
  for (auto key : keys) filter.add(key);
  for (auto key : keys) EXPECT_TRUE(filter.may_hold(key)) << key;
  for (auto key : {"api_base", "extra_body", "secret_fields", "no-log"}) {
    EXPECT_TRUE(gateway_filter().may_hold(key)) << key;
    EXPECT_TRUE(is_gateway_param(key)) << key;
  }
  for (auto key : {"aws_region_name", "vertex_x", "mock_testing_x", "litellm_x"})
    EXPECT_TRUE(may_have_gateway_prefix(key) && is_gateway_param(key)) << key;
  for (auto key : {"model", "messages", "aws", "awsx_", "", "mo"}) EXPECT_FALSE(is_gateway_param(key)) << key;
}

TEST(Policy, RewritesMessagesOnlyWhereARowNeedsIt) {
  const std::string parts =
      R"([{"role":"user","name":"n","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}]}])";
  const std::string image =
      R"([{"role":"user","content":[{"type":"image_url","image_url":"http://x/a.png"}]}])";
  const std::string nulls =
      R"([{"role":"assistant","content":null,"tool_calls":null},{"role":"user","content":"null"}])";
  const Row rows[] = {
      {"openai/g", parts,
       R"([{"role":"user","name":"n","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])"},
      {"litellm_proxy/g", parts, parts},
      {"openrouter/anthropic/claude-3", parts, parts},
      {"mistral/g", parts, R"([{"role":"user","content":"ab"}])"},
      {"deepseek/g", parts, R"([{"role":"user","name":"n","content":"ab"}])"},
      {"zai/g", parts, R"([{"role":"user","name":"n","content":"a\nb"}])"},
      {"perplexity/g", R"([{"role":"user","name":"n","content":"x"}])", R"([{"role":"user","content":"x"}])"},
      {"xai/g", R"([{"role":"assistant","name":"n","content":"x"},{"role":"user","name":"n","content":"x"}])",
       R"([{"role":"assistant","content":"x"},{"role":"user","name":"n","content":"x"}])"},
      {"openai/g", image,
       R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x/a.png"}}]}])"},
      {"deepseek/g", image,
       R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://x/a.png"}}]}])"},
      {"groq/g", nulls, R"([{"role":"assistant"},{"role":"user","content":"null"}])"},
  };
  for (auto& row : rows) {
    auto params = params_of(row.model);
    params.api_base = "http://h";
    auto out = Case(params).encoded("{\"messages\":" + row.sent + "}");
    EXPECT_TRUE(out.starts_with("{\"messages\":" + row.expected + ",")) << row.model << " " << out;
  }
}

TEST(Policy, DefaultsFillWhatTheClientLeftOut) {
  auto params = params_of("openai/g");
  params.defaults = {{"temperature", "0.5"}, {"max_tokens", "7"}, {"seed", "null"}, {"rpm", "3"}};
  EXPECT_EQ(Case(params).encoded(R"({"model":"a","temperature":0.9})"),
            R"({"model":"g","temperature":0.9,"max_tokens":7})");
  EXPECT_EQ(Case(params).encoded(R"({"temperature":null,"model":"a"})"),
            R"({"temperature":0.5,"model":"g","max_tokens":7})");
  params.model = "openai/o3";
  params.defaults = {{"max_tokens", "7"}};
  EXPECT_EQ(Case(params).encoded(R"({"model":"a"})"), R"({"model":"o3","max_completion_tokens":7})");
}

TEST(Policy, RowSettingsApply) {
  auto params = params_of("groq/m");
  params.additional_drop_params = {"top_k", "messages[0].zzz"};
  params.allowed_openai_params = {"thinking"};
  params.drop_params = true;
  params.extra_body = {{"z", "1"}, {"temperature", "2"}};
  EXPECT_EQ(
      Case(params).encoded(
          R"({"model":"a","top_k":1,"thinking":{},"web_search_options":{},"messages":[{"zzz":1,"q":2}],"temperature":1})"),
      R"({"model":"m","thinking":{},"messages":[{"q":2}],"temperature":2,"z":1})");
}

TEST(Policy, FallbackOverridesReplaceMembersButNotTheModel) {
  Case c("openai/g");
  const JsonParam overrides[] = {{"temperature", "0.2"}, {"model", "\"evil\""}, {"messages", "[1]"}};
  c.call.overrides = overrides;
  EXPECT_EQ(c.encoded(R"({"model":"a","messages":[],"temperature":1})"),
            R"({"model":"g","messages":[1],"temperature":0.2})");
}

TEST(Policy, AsksForUsageOnlyWhenWanted) {
  Case c("openai/g");
  c.call.stream = true;
  EXPECT_EQ(c.encoded(R"({"model":"a","stream":true})"), R"({"model":"g","stream":true})");
  c.call.stream_usage_wanted = true;
  EXPECT_EQ(c.encoded(R"({"model":"a","stream":true})"),
            R"({"model":"g","stream":true,"stream_options":{"include_usage":true}})");
  EXPECT_EQ(c.encoded(R"({"model":"a","stream_options":{"x":1}})"),
            R"({"model":"g","stream_options":{"x":1,"include_usage":true}})");
  Case mistral("mistral/g");
  mistral.call.stream = mistral.call.stream_usage_wanted = true;
  EXPECT_EQ(mistral.encoded(R"({"model":"a"})"), R"({"model":"g"})");
}

TEST(Policy, NoPathReachesTheModel) {
  EXPECT_EQ(
      Case("openai/g")
          .encoded(
              R"({"model":"a","additional_drop_params":["model","model[*]","model.x","stop[*]"],"stop":["x"]})"),
      R"({"model":"g","stop":[]})");
}

TEST(Policy, TrailingCommasAreRemovedEverywhere) {
  Case c("openai/g");
  EXPECT_EQ(
      c.encoded("{\"model\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"cache_"
                "control\":{},},],},],}"),
      R"({"model":"g","messages":[{"role":"user","content":[{"type":"text"}]}]})");
}
