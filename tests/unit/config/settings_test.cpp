// Sections of settings: typed values, precedence, warnings, shapes of fallbacks and aliases.
#include "config/keys.hpp"
#include "world.hpp"

#include <set>

namespace switchyard::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* k_row = "model_list: [{model_name: a, litellm_params: {model: openai/x}}]\n";

ConfigPtr with(World& world, const std::string& settings) { return world.config(k_row + settings); }
ConfigPtr with(const std::string& settings) {
  World world;
  return with(world, settings);
}

TEST(Settings, DefaultsAreLiteLlms) {
  const auto config = with("");
  EXPECT_EQ(config->router.routing_strategy, "simple-shuffle");
  EXPECT_EQ(config->router.num_retries, 2);
  EXPECT_EQ(config->router.request_timeout, 6000);
  EXPECT_EQ(config->router.cooldown_time, 5);
  EXPECT_EQ(config->server.port, 4000);
  EXPECT_FALSE(config->server.host_given);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(Settings, EveryTypedKeyIsRead) {
  const auto config = with(R"(
general_settings:
  master_key: sk-1234
  completion_model: c
  embedding_model: e
  image_generation_model: i
  moderation_model: m
  litellm_key_header_name: X-Key
  always_include_stream_usage: true
  forward_client_headers_to_llm_api: true
  forward_openai_org_id: true
  block_robots: true
  max_request_size_mb: 0.5
  max_response_size_mb: 100
  global_max_parallel_requests: 9
  public_routes: [/a]
  allowed_routes: /b
  allowed_ips: [1.2.3.4]
  use_x_forwarded_for: "true"
litellm_settings:
  drop_params: True
  json_logs: on
  ssl_verify: /ca.pem
  ssl_certificate: /client.pem
  require_auth_for_metrics_endpoint: true
  model_alias_map: {old: new}
router_settings:
  routing_strategy: least-busy
  timeout: 30
  stream_timeout: "7.5"
  retry_after: 1
  max_fallbacks: 3
  cooldown_time: 0
  disable_cooldowns: true
)");
  const auto& general = config->general;
  EXPECT_EQ(general.master_key.reveal(), "sk-1234");
  EXPECT_EQ(general.completion_model + general.embedding_model + general.image_generation_model +
                general.moderation_model,
            "ceim");
  EXPECT_EQ(general.litellm_key_header_name, "X-Key");
  EXPECT_TRUE(general.always_include_stream_usage && general.forward_client_headers_to_llm_api &&
              general.forward_openai_org_id && general.block_robots && general.use_x_forwarded_for);
  EXPECT_EQ(general.max_request_size_mb, 0.5);
  EXPECT_EQ(general.max_response_size_mb, 100);
  EXPECT_EQ(general.global_max_parallel_requests, 9);
  EXPECT_THAT(general.public_routes, ElementsAre("/a"));
  EXPECT_THAT(general.allowed_routes, ElementsAre("/b"));
  EXPECT_THAT(general.allowed_ips, ElementsAre("1.2.3.4"));
  const auto& litellm = config->litellm;
  EXPECT_TRUE(litellm.drop_params && litellm.json_logs && litellm.require_auth_for_metrics_endpoint);
  EXPECT_TRUE(config->json_logs);
  EXPECT_EQ(litellm.ssl_verify, "/ca.pem");
  EXPECT_EQ(litellm.ssl_certificate, "/client.pem");
  EXPECT_EQ(litellm.model_alias_map.at("old"), "new");
  const auto& router = config->router;
  EXPECT_EQ(router.routing_strategy, "least-busy");
  EXPECT_EQ(router.timeout, 30);
  EXPECT_EQ(router.stream_timeout, 7.5);
  EXPECT_EQ(router.retry_after, 1);
  EXPECT_EQ(router.max_fallbacks, 3);
  EXPECT_EQ(router.cooldown_time, 0);
  EXPECT_TRUE(router.disable_cooldowns);
  EXPECT_THAT(config->warnings, IsEmpty());
}

TEST(Settings, RouterWinsOverLitellmAndLitellmOverTheEnvironment) {
  World world;
  world.variables = {
      {"DEFAULT_MAX_RETRIES", "9"}, {"REQUEST_TIMEOUT", "100"}, {"LITELLM_DROP_PARAMS", "True"}};
  const auto config =
      with(world, "router_settings: {num_retries: 1}\n"
                  "litellm_settings: {num_retries: 5, cooldown_time: 8, drop_params: false}\n");
  EXPECT_EQ(config->router.num_retries, 1);
  EXPECT_EQ(config->router.cooldown_time, 8);
  EXPECT_EQ(config->router.request_timeout, 100);
  EXPECT_FALSE(config->litellm.drop_params);
  EXPECT_EQ(with(world, "")->router.num_retries, 9);
}

TEST(Settings, BadValues) {
  const std::pair<const char*, const char*> cases[] = {
      {"router_settings: {num_retries: -1}", "router_settings.num_retries: expected 0 or more, got -1"},
      {"router_settings: {num_retries: six}",
       "router_settings.num_retries: expected an integer, got \"six\""},
      {"router_settings: {num_retries: 1.5}", "expected an integer, got 1.5"},
      {"router_settings: {num_retries: 99999999999}", "expected a smaller number"},
      {"router_settings: {timeout: -1}", "expected seconds between 0 and 1e9, got -1"},
      {"router_settings: {timeout: .inf}", "expected a number of seconds"},
      {"router_settings: {timeout: .nan}", "expected a number of seconds"},
      {"router_settings: {cooldown_time: 1e300}", "expected seconds between"},
      {"router_settings: {disable_cooldowns: maybe}", "expected true or false, got \"maybe\""},
      {"router_settings: {routing_strategy: fastest}",
       "unknown strategy \"fastest\"; known are simple-shuffle, least-busy, usage-based-routing, "
       "usage-based-routing-v2, latency-based-routing, cost-based-routing, power-of-two, prefix-affinity"},
      {"router_settings: {fallbacks: text}", "router_settings.fallbacks: expected a list like"},
      {"router_settings: {fallbacks: [text]}", "expected a mapping like"},
      {"router_settings: {fallbacks: [{a: [[1]]}]}", "a: expected a model name"},
      {"router_settings: {fallbacks: [{a: [{temperature: 1}]}]}", "a: a fallback needs a `model`"},
      {"router_settings: {model_group_alias: [a]}", "expected a mapping of aliases"},
      {"router_settings: {model_group_alias: {a: {hidden: true}}}", "a: expected a model group"},
      {"router_settings: {model_group_alias: {a: {model: b, hidden: x}}}",
       "a: hidden: expected true or false"},
      {"litellm_settings: {ssl_verify: [1]}",
       "litellm_settings.ssl_verify: expected true, false or the path"},
      {"litellm_settings: {model_alias_map: {a: [b]}}", "a: expected a string, got a list"},
      {"general_settings: {completion_model: yes}", "expected a string (put it in quotes), got true"},
      {"general_settings: {public_routes: {a: b}}", "expected a list of strings"},
      {"general_settings: {master_key: [secret]}", "general_settings.master_key: expected a string"},
  };
  for (const auto& [text, words] : cases) {
    World world;
    EXPECT_THAT(world.errors(std::string(k_row) + text), HasSubstr(words)) << text;
  }
}

TEST(Settings, ZeroTimeoutMeansNotSet) {
  const auto config =
      with("router_settings: {timeout: 0, stream_timeout: 0}\nlitellm_settings: {request_timeout: 0}\n");
  EXPECT_FALSE(config->router.timeout);
  EXPECT_FALSE(config->router.stream_timeout);
  EXPECT_EQ(config->router.request_timeout, 6000);
}

TEST(Settings, UnknownKeysGetASuggestion) {
  const std::pair<const char*, const char*> cases[] = {
      {"router_settings: {num_retry: 3}",
       "config.yaml:2: router_settings.num_retry: unknown key, ignored; did you mean num_retries?"},
      {"general_settings: {masterkey: 3}",
       "general_settings.masterkey: unknown key, ignored; did you mean master_key?"},
      {"litellm_settings: {drop_param: true}", "did you mean drop_params?"},
      {"modellist: []", "modellist: unknown key, ignored; did you mean model_list?"},
      {"litellm_settings: {something_else_entirely: 3}",
       "litellm_settings.something_else_entirely: unknown key, ignored"},
  };
  for (const auto& [text, words] : cases) EXPECT_THAT(joined(with(text)->warnings), HasSubstr(words)) << text;
  EXPECT_THAT(joined(with("litellm_settings: {something_else_entirely: 3}")->warnings),
              Not(HasSubstr("did you mean")));
}

TEST(Settings, UnbuiltKeysAreNamedOnce) {
  const auto config = with("general_settings: {alerting: [slack], use_redis_transaction_buffer: true}\n"
                           "litellm_settings: {callbacks: [otel]}\nguardrails: [{a: b}]\n");
  EXPECT_THAT(
      config->warnings,
      ElementsAre(
          "config.yaml:2: general_settings.alerting is accepted but not built yet: it has no effect",
          "config.yaml:2: general_settings.use_redis_transaction_buffer is accepted but not built yet: it "
          "has no effect",
          "config.yaml:4: guardrails is accepted but not built yet: it has no effect",
          "config.yaml:3: litellm_settings.callbacks is accepted but not built yet: it has no effect"));
}

TEST(Settings, UnbuiltKeysThatAskForNothingAreQuiet) {
  EXPECT_THAT(
      with("general_settings: {store_model_in_db: false, alerting: [], alerting_args: {}, "
           "health_check_interval: 300,\n"
           "  alerting_threshold: null, use_shared_health_check: false, token_rate_limit_type: total}\n")
          ->warnings,
      IsEmpty());
  EXPECT_THAT(joined(with("general_settings: {use_shared_health_check: true}\n")->warnings),
              HasSubstr("use_shared_health_check"));
}

TEST(Settings, HealthChecks) {
  const auto config = with("general_settings: {background_health_checks: true, health_check_interval: 30,\n"
                           "  health_check_concurrency: 2, health_check_details: false,\n"
                           "  enable_health_check_routing: true, model_list_healthy_only: true}\n");
  EXPECT_THAT(config->warnings, IsEmpty());
  EXPECT_TRUE(config->health.background);
  EXPECT_FALSE(config->health.details);
  EXPECT_EQ(config->health.concurrency, 2);
  EXPECT_EQ(config->router.health_check_interval, 30);
  EXPECT_TRUE(config->general.model_list_healthy_only);
  EXPECT_THAT(joined(with("router_settings: {enable_health_check_routing: true}\n")->warnings),
              HasSubstr("no effect without general_settings.background_health_checks"));
}

TEST(Settings, MisplacedKeysOfLitellmSettings) {
  const auto config = with("litellm_settings: {master_key: sk-1, openai_key: sk-2}\n");
  EXPECT_TRUE(config->general.master_key.empty());
  EXPECT_THAT(
      joined(config->warnings),
      HasSubstr(
          "litellm_settings.master_key: is not read here, as in LiteLLM: put it under general_settings"));
  EXPECT_THAT(joined(config->warnings),
              HasSubstr("litellm_settings.openai_key is accepted but not built yet"));
}

TEST(Settings, AMasterKeyShouldStartWithSk) {
  EXPECT_THAT(joined(with("general_settings: {master_key: letmein}\n")->warnings),
              HasSubstr("should start with sk-"));
  World world;
  world.variables["LITELLM_MASTER_KEY"] = "sk-env";
  EXPECT_EQ(with(world, "")->general.master_key.reveal(), "sk-env");
  EXPECT_EQ(with(world, "general_settings: {master_key: sk-file}")->general.master_key.reveal(), "sk-file");
}

TEST(Settings, SetVerboseIsDebug) {
  const auto config = with("litellm_settings: {set_verbose: True}\n");
  EXPECT_EQ(config->log_level, LogLevel::debug);
  EXPECT_TRUE(config->litellm.set_verbose);
  EXPECT_THAT(joined(config->warnings), HasSubstr("deprecated"));
}

TEST(Settings, GroupAliasesInBothForms) {
  const auto config = with(
      "router_settings: {model_group_alias: {a: b, c: {model: d, hidden: true}, e: {model: f}, g: null}}\n");
  const auto& aliases = config->router.model_group_alias;
  ASSERT_EQ(aliases.size(), 3u);
  EXPECT_EQ(aliases[0].alias + aliases[0].model, "ab");
  EXPECT_FALSE(aliases[0].hidden);
  EXPECT_EQ(aliases[1].alias + aliases[1].model, "cd");
  EXPECT_TRUE(aliases[1].hidden);
  EXPECT_FALSE(aliases[2].hidden);
}

std::string render(const std::vector<FallbackRule>& rules) {
  std::string out;
  for (const auto& rule : rules) {
    out += rule.group + ":";
    for (const auto& target : rule.targets) {
      out += " " + target.model;
      for (const auto& param : target.overrides) out += "(" + param.name + "=" + param.json + ")";
    }
    out += ";";
  }
  return out;
}

TEST(Settings, FallbacksInAllShapes) {
  const std::pair<const char*, const char*> cases[] = {
      {"[{a: [b, c]}, {d: [e]}]", "a: b c;d: e;"},
      {"[{a: [b], d: [e]}]", "a: b;d: e;"},
      {"{a: [b], d: e}", "a: b;d: e;"},
      {"[{'*': [b]}]", "*: b;"},
      {"[{a: [{model: b, temperature: 0.2, messages: [{role: user}]}, c]}]",
       "a: b(temperature=0.2)(messages=[{\"role\":\"user\"}]) c;"},
      {"[]", ""},
      {"[{a: []}]", ""},
  };
  for (const auto& [text, expected] : cases) {
    for (const char* key : {"fallbacks", "context_window_fallbacks", "content_policy_fallbacks"}) {
      const auto config = with(std::string("router_settings: {") + key + ": " + text + "}\n");
      const auto& router = config->router;
      EXPECT_EQ(render(router.fallbacks) + render(router.context_window_fallbacks) +
                    render(router.content_policy_fallbacks),
                expected)
          << key << text;
    }
  }
}

TEST(Settings, DefaultFallbacksBecomeTheStar) {
  const auto config = with("litellm_settings: {default_fallbacks: [x], fallbacks: [{a: "
                           "[b]}]}\nrouter_settings: {default_fallbacks: [y, z]}\n");
  EXPECT_EQ(render(config->router.fallbacks), "a: b;*: y z;");
}

TEST(Keys, EditDistance) {
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("rpm", "rpm"), 0u);
  EXPECT_EQ(edit_distance("api_vesion", "api_version"), 1u);
}

TEST(Keys, AreUniqueAndDescribed) {
  for (const Section& section : sections()) {
    std::set<std::string_view> names;
    for (const Key& key : section.keys) {
      EXPECT_TRUE(names.insert(key.name).second) << section.name << "." << key.name;
      EXPECT_FALSE(key.help.empty()) << section.name << "." << key.name;
    }
  }
}

TEST(LitellmSettings, AzureTokensAreFetchedWhenTheSettingSaysSo) {
  const auto refreshes = [](const std::string& settings, const std::string& row) {
    World world;
    const auto config = world.config("model_list: [{model_name: a, litellm_params: {" + row +
                                     "}}]\nlitellm_settings: {" + settings + "}\n");
    std::string out;
    for (auto& [name, value] : config->models[0].params.raw)
      if (name == "enable_azure_ad_token_refresh") out += value.as_bool() && *value.as_bool() ? "yes" : "no";
    return out;
  };
  const std::string on = "enable_azure_ad_token_refresh: true";
  EXPECT_EQ(refreshes(on, "model: azure/x"), "yes");
  EXPECT_EQ(refreshes(on, "model: x, custom_llm_provider: azure_text"), "yes");
  EXPECT_EQ(refreshes(on, "model: azure/x, enable_azure_ad_token_refresh: false"), "no");
  EXPECT_EQ(refreshes(on, "model: openai/x"), "");
  EXPECT_EQ(refreshes("enable_azure_ad_token_refresh: false", "model: azure/x"), "");
}

} // namespace
} // namespace switchyard::config
