// The built-in table, how rows are found in it, and cost maps laid over it. One thread.
#include <switchyard/json.hpp>
#include <switchyard/pricing.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

std::string found(std::string_view model, std::string_view provider = {}, std::string_view base = {}) {
  auto price = built_in_prices()->find(model, provider, base);
  return price ? price->name : "";
}

ValueMap entry(std::string_view json) { return *parse_json(json).value().as_map(); }

TEST(PriceBook, ReadsARowOfTheTable) {
  auto price = built_in_prices()->find("gpt-4o");
  ASSERT_TRUE(price);
  EXPECT_EQ(price->provider, "openai");
  EXPECT_EQ(price->mode, "chat");
  EXPECT_EQ(price->base.input, Price::from_usd(2.5e-6));
  EXPECT_EQ(price->base.output, Price::from_usd(1e-5));
  EXPECT_EQ(price->priority.cache_read, Price::from_usd(2.125e-6));
  EXPECT_EQ(price->batch.output, Price::from_usd(5e-6));
  EXPECT_EQ(price->max_tokens, 16384u);
  EXPECT_EQ(price->max_input_tokens, 128000u);
  EXPECT_EQ(price->supports.front(), "function_calling");
}

TEST(PriceBook, ReadsLongPromptsTiersAndUnits) {
  auto gemini = built_in_prices()->find("gemini-2.5-pro", "gemini");
  ASSERT_TRUE(gemini);
  ASSERT_EQ(gemini->long_prompt.size(), 2u);
  EXPECT_EQ(gemini->long_prompt[0].above, 200'000u);
  EXPECT_EQ(gemini->long_prompt[0].rates.output, Price::from_usd(1.5e-5));
  EXPECT_EQ(gemini->long_prompt[1].tier, ServiceTier::priority);
  EXPECT_EQ(gemini->web_search, Price::from_usd(0.035));
  auto qwen = built_in_prices()->find("dashscope/qwen3-max");
  ASSERT_TRUE(qwen);
  ASSERT_EQ(qwen->tiers.size(), 3u);
  EXPECT_EQ(qwen->tiers[1].from, 32'000u);
  EXPECT_EQ(qwen->tiers[1].to, 128'000u);
  EXPECT_EQ(qwen->tiers[2].rates.output, Price::from_usd(1.5e-5));
  auto whisper = built_in_prices()->find("whisper-1", "openai");
  ASSERT_TRUE(whisper);
  EXPECT_EQ(whisper->per_second_in, Price::from_usd(0.0001));
}

TEST(PriceBook, EveryRowIsSortedReadableAndFindable) {
  EXPECT_EQ(built_in_prices()->size(), 2749u);
  EXPECT_EQ(built_in_prices()->date().size(), 10u);
  std::string before;
  int priced = 0;
  built_in_prices()->each([&](const ModelPrice& price) {
    EXPECT_LT(before, price.name);
    before = price.name;
    EXPECT_FALSE(price.provider.empty()) << price.name;
    EXPECT_LT(price.base.input.usd(), 0.001) << price.name; // beyond that a decimal point has slipped
    priced += !price.unpriced();
    EXPECT_FALSE(found(price.name, price.provider).empty()) << price.name;
  });
  EXPECT_GT(priced, 2600);
}

TEST(PriceBook, FindsByProviderThenBareNameThenFamily) {
  EXPECT_EQ(found("openai/gpt-4o"), "gpt-4o");
  EXPECT_EQ(found("gpt-4o", "azure"), "azure/gpt-4o");
  EXPECT_EQ(found("azure/gpt-4o", "azure"), "azure/gpt-4o");
  EXPECT_EQ(found("gpt-4o", "mistral"), ""); // the provider must agree
  EXPECT_EQ(found("my-deployment", "azure", "azure/gpt-4o"), "azure/gpt-4o");
  EXPECT_EQ(found("my-deployment", "azure", "gpt-4o"), "azure/gpt-4o");
  EXPECT_EQ(found("gpt-4o", "openai", "no-such-model"), "gpt-4o");
  EXPECT_EQ(found("claude-sonnet-4-5", "vertex_ai"), "vertex_ai/claude-sonnet-4-5");
  EXPECT_EQ(found("ft:gpt-4o-mini-2024-07-18:acme::abc123", "openai"), "ft:gpt-4o-mini-2024-07-18");
  EXPECT_EQ(found("nothing-like-it", "openai"), "");
  EXPECT_EQ(found(""), "");
}

TEST(PriceBook, BedrockRegionsAreTriedThenStripped) {
  EXPECT_EQ(found("us.anthropic.claude-sonnet-4-6", "bedrock"), "us.anthropic.claude-sonnet-4-6");
  EXPECT_EQ(found("bedrock/us.anthropic.claude-sonnet-4-6"), "us.anthropic.claude-sonnet-4-6");
  EXPECT_EQ(found("apac.meta.llama3-1-70b-instruct-v1:0", "bedrock"), "meta.llama3-1-70b-instruct-v1:0");
  EXPECT_EQ(found("eu-central-2/anthropic.claude-v2:1", "bedrock"), "anthropic.claude-v2:1");
  EXPECT_EQ(found("eu-central-1/anthropic.claude-v2:1", "bedrock"),
            "bedrock/eu-central-1/anthropic.claude-v2:1");
  EXPECT_EQ(found("converse/anthropic.claude-3-haiku-20240307-v1:0", "bedrock"),
            "anthropic.claude-3-haiku-20240307-v1:0");
}

TEST(PriceBook, NumbersAsTextsAndUnknownFields) {
  auto price = read_price("mine", entry(R"({"input_cost_per_token":"3e-7","output_cost_per_token":0.000001,
    "tpm":100,"model":"openai/x","api_key":"sk-1","supports_vision":true})"));
  ASSERT_TRUE(price);
  EXPECT_EQ(price->base.input, Price::from_usd(3e-7));
  EXPECT_EQ(price->base.output, Price::from_usd(1e-6));
  EXPECT_EQ(read_price("none", entry(R"({"model":"openai/x","api_key":"sk-1"})")), nullptr);
  EXPECT_TRUE(read_price("window", entry(R"({"max_tokens":10})")));
}

TEST(PriceBook, ADeploymentsOwnRateReplacesWhatFollowsFromTheOldOne) {
  auto below = built_in_prices()->find("gemini-2.5-pro", "gemini");
  auto free = read_price("mine", entry(R"({"input_cost_per_token":0,"output_cost_per_token":0,
    "input_cost_per_query":0})"),
                         below);
  ASSERT_TRUE(free);
  EXPECT_EQ(free->max_tokens, below->max_tokens);
  Usage usage;
  usage.prompt_tokens = 300'000, usage.completion_tokens = 10, usage.cache_read_tokens = 5;
  EXPECT_EQ(cost_of(*free, usage).total, Money{});
  auto dearer = read_price("mine", entry(R"({"output_cost_per_token":1})"), below);
  EXPECT_EQ(dearer->long_prompt[0].rates.input, below->long_prompt[0].rates.input);
  EXPECT_FALSE(dearer->long_prompt[0].rates.output.known());
}

TEST(PriceBook, FieldsGoBothWays) {
  built_in_prices()->each([&](const ModelPrice& price) {
    const auto fields = price_fields(price);
    auto again = read_price(price.name, fields);
    ASSERT_TRUE(again) << price.name;
    EXPECT_EQ(to_json(Value(price_fields(*again))), to_json(Value(fields))) << price.name;
  });
}

TEST(CostMap, LiesOverTheBuiltInTable) {
  std::vector<std::string> warnings;
  auto book = with_cost_map(built_in_prices(), R"({"sample_spec":{"mode":"one of"},
    "gpt-4o":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1,"output_cost_per_token":"2"},
    "acme/x":{"litellm_provider":"acme","mode":"chat","input_cost_per_token_above_64k_tokens_priority":1}})",
                            warnings, 0);
  ASSERT_TRUE(book);
  EXPECT_TRUE(warnings.empty());
  EXPECT_EQ((*book)->size(), 2750u);
  EXPECT_EQ((*book)->find("gpt-4o")->base.input, Price::from_usd(1));
  EXPECT_EQ((*book)->find("x", "acme")->long_prompt[0].tier, ServiceTier::priority);
  EXPECT_EQ((*book)->find("gpt-4o-mini", "openai")->name, "gpt-4o-mini");
  int rows = 0;
  (*book)->each([&](auto&) { ++rows; });
  EXPECT_EQ(rows, 2750);
}

TEST(CostMap, LeavesOutWhatItCannotReadAndSaysWhich) {
  std::vector<std::string> warnings;
  auto book = with_cost_map(built_in_prices(), R"({"a":1,"b":{"input_cost_per_token":"many"},"c":{},
    "d":{"output_cost_per_token":-1},"e":{"mode":7},"f":{"tiered_pricing":[{"range":[5,1]}]},
    "g":{"input_cost_per_token":null,"mode":"chat"}})",
                            warnings, 0);
  ASSERT_TRUE(book);
  ASSERT_EQ(warnings.size(), 6u);
  EXPECT_EQ(warnings[0], "cost map: entry \"a\" left out: is not an object");
  EXPECT_EQ(warnings[1], "cost map: entry \"b\" left out: input_cost_per_token is not a number");
  EXPECT_EQ(warnings[3], "cost map: entry \"d\" left out: output_cost_per_token is negative");
  EXPECT_TRUE((*book)->find("g"));
}

TEST(CostMap, RefusesMapsThatShrank) {
  std::vector<std::string> warnings;
  auto book = with_cost_map(built_in_prices(), R"({"a":{"mode":"chat"}})", warnings);
  ASSERT_FALSE(book);
  EXPECT_NE(book.error().message.find("only 1 readable entries"), std::string::npos);
  EXPECT_FALSE(with_cost_map(built_in_prices(), "[]", warnings, 0));
  EXPECT_FALSE(with_cost_map(built_in_prices(), "{", warnings, 0));
}

} // namespace
} // namespace switchyard
