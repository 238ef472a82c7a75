// cost_of and worst_case: each rule of the formula, and what holds for random usage. One thread.
#include <switchyard/pricing.hpp>

#include <gtest/gtest.h>

#include <random>

namespace switchyard {
namespace {

Price per_million(double dollars) { return Price::from_usd(dollars / 1e6); }

ModelPrice simple() {
  ModelPrice out;
  out.provider = "openai", out.mode = "chat";
  out.base.input = per_million(2), out.base.output = per_million(10);
  return out;
}

Usage tokens(std::uint32_t prompt, std::uint32_t completion) {
  Usage out;
  out.prompt_tokens = prompt, out.completion_tokens = completion, out.total_tokens = prompt + completion;
  return out;
}

double dollars(const ModelPrice& price, const Usage& usage, std::uint32_t ms = 0) {
  return cost_of(price, usage, {}, ms).total.usd();
}

TEST(MoneyText, IsTheShortestPlainDecimal) {
  const std::pair<std::int64_t, std::string_view> cases[] = {{0, "0"},
                                                             {1, "0.000000001"},
                                                             {250'000, "0.00025"},
                                                             {-1'500'000'000, "-1.5"},
                                                             {10'000'000'000, "10"},
                                                             {123'456'789'012, "123.456789012"},
                                                             {INT64_MAX, "9223372036.854775807"},
                                                             {INT64_MIN, "-9223372036.854775808"}};
  for (const auto& [nanos, text] : cases) EXPECT_EQ(Money::nanos(nanos).text(), text);
}

TEST(Cost, PlainTokens) {
  const auto cost = cost_of(simple(), tokens(1000, 100));
  EXPECT_EQ(cost.input.text(), "0.002");
  EXPECT_EQ(cost.output.text(), "0.001");
  EXPECT_EQ(cost.total.text(), "0.003");
  EXPECT_EQ(cost.original, cost.total);
}

TEST(Cost, PartsOfThePromptHaveTheirOwnRates) {
  auto price = simple();
  price.base.cache_read = per_million(0.5), price.base.cache_write = per_million(4);
  price.base.cache_write_1h = per_million(8), price.base.audio_in = per_million(40);
  auto usage = tokens(1000, 0);
  usage.cache_read_tokens = 100, usage.cache_write_tokens = 200, usage.cache_write_1h_tokens = 50;
  usage.audio_in_tokens = 100, usage.image_in_tokens = 100; // images have no rate of their own
  EXPECT_DOUBLE_EQ(dollars(price, usage), (600 * 2 + 100 * 0.5 + 150 * 4 + 50 * 8 + 100 * 40) / 1e6);
}

TEST(Cost, CachedTokensWithoutARateAreOrdinaryOnes) {
  auto usage = tokens(1000, 0);
  usage.cache_read_tokens = 400, usage.cache_write_tokens = 300, usage.cache_write_1h_tokens = 300;
  EXPECT_DOUBLE_EQ(dollars(simple(), usage), 0.002);
}

TEST(Cost, CountsThatContradictEachOtherNeverGoBelowZero) {
  auto usage = tokens(10, 5);
  usage.audio_in_tokens = 4'000'000'000, usage.cache_read_tokens = 20, usage.cache_write_1h_tokens = 7;
  EXPECT_DOUBLE_EQ(dollars(simple(), usage), (20 * 2 + 5 * 10) / 1e6);
}

TEST(Cost, ReasoningInsideAndBesideTheCompletion) {
  auto price = simple();
  price.base.reasoning = per_million(30);
  auto usage = tokens(0, 100);
  usage.reasoning_tokens = 40;
  EXPECT_DOUBLE_EQ(dollars(price, usage), (60 * 10 + 40 * 30) / 1e6);
  usage.total_tokens = 140; // as xAI counts
  EXPECT_DOUBLE_EQ(dollars(price, usage), (100 * 10 + 40 * 30) / 1e6);
}

TEST(Cost, ServiceTiersFallBackRateByRate) {
  auto price = simple();
  price.flex.input = per_million(1), price.priority.output = per_million(20);
  price.base.reasoning = per_million(15);
  auto usage = tokens(1000, 1000);
  usage.reasoning_tokens = 500, usage.tier = ServiceTier::flex;
  EXPECT_DOUBLE_EQ(dollars(price, usage), (1000 * 1 + 500 * 10 + 500 * 15) / 1e6);
  usage.tier = ServiceTier::priority; // its output rate is for reasoning too
  EXPECT_DOUBLE_EQ(dollars(price, usage), (1000 * 2 + 1000 * 20) / 1e6);
}

TEST(Cost, ABatchCostsHalfOrWhatItsRowSays) {
  auto price = simple();
  auto usage = tokens(1000, 1000);
  usage.tier = ServiceTier::batch;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 0.006);
  price.batch.output = per_million(9);
  EXPECT_DOUBLE_EQ(dollars(price, usage), (1000 * 1 + 1000 * 9) / 1e6);
}

TEST(Cost, ALongPromptReplacesTheRatesOfTheWholeRequest) {
  auto price = simple();
  price.long_prompt = {{100, {per_million(4)}}, {200, {per_million(8), per_million(40)}}};
  EXPECT_DOUBLE_EQ(dollars(price, tokens(100, 1)), (100 * 2 + 10) / 1e6);
  EXPECT_DOUBLE_EQ(dollars(price, tokens(101, 1)), (101 * 4 + 10) / 1e6);
  EXPECT_DOUBLE_EQ(dollars(price, tokens(201, 1)), (201 * 8 + 40) / 1e6);
  price.provider = "xai"; // at the threshold already
  EXPECT_DOUBLE_EQ(dollars(price, tokens(200, 1)), (200 * 8 + 40) / 1e6);
}

TEST(Cost, ALongPromptOfATierWinsOverTheGeneralOne) {
  auto price = simple();
  price.long_prompt = {{100, {per_million(4)}}, {100, {per_million(7)}, ServiceTier::priority}};
  auto usage = tokens(101, 0);
  EXPECT_DOUBLE_EQ(dollars(price, usage), 101 * 4 / 1e6);
  usage.tier = ServiceTier::priority;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 101 * 7 / 1e6);
  usage.tier = ServiceTier::flex;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 101 * 4 / 1e6);
}

TEST(Cost, OneTierHoldsTheWholePrompt) {
  auto price = simple();
  price.tiers = {{0, 32'000, {per_million(1), per_million(5)}}, {32'000, 128'000, {per_million(3)}}};
  EXPECT_DOUBLE_EQ(dollars(price, tokens(32'000, 10)), (32'000 * 1 + 10 * 5) / 1e6);
  EXPECT_DOUBLE_EQ(dollars(price, tokens(32'001, 10)), (32'001 * 3 + 10 * 10) / 1e6);
  EXPECT_DOUBLE_EQ(dollars(price, tokens(900'000, 0)), 900'000 * 3 / 1e6);
}

TEST(Cost, WhatIsNotCountedInTokens) {
  ModelPrice price;
  price.mode = "image_generation", price.per_image_in = Price::from_usd(0.04);
  Usage usage;
  usage.images = 3;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 0.12);

  price = {}, usage = {};
  price.per_character_in = per_million(15), usage.characters = 2000;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 0.03);

  price = {}, usage = {};
  price.mode = "audio_transcription", usage.audio_ms = 90'500;
  price.per_second_in = price.per_second_out = Price::from_usd(0.0001); // whisper-1: once, not twice
  EXPECT_DOUBLE_EQ(dollars(price, usage, 700), 0.00905);

  price = {}, usage = {};
  price.per_query = Price::from_usd(0.002), usage.search_units = 2;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 0.004);

  price = simple(), price.web_search = Price::from_usd(0.01), usage = tokens(1000, 0), usage.web_searches = 3;
  const auto cost = cost_of(price, usage);
  EXPECT_EQ(cost.tools.text(), "0.03");
  EXPECT_EQ(cost.total.text(), "0.032");
}

TEST(Cost, SecondsOfTheResponseOnlyWhereNothingElseIsPriced) {
  ModelPrice price;
  price.mode = "chat", price.per_second_out = Price::from_usd(0.011);
  EXPECT_DOUBLE_EQ(dollars(price, tokens(10, 10), 2000), 0.022);
  price.base.input = per_million(1);
  EXPECT_DOUBLE_EQ(dollars(price, tokens(10, 10), 2000), 0.00001);
}

TEST(Cost, ImagesPaidByTokensAreNotPaidTwice) {
  auto price = simple();
  price.mode = "image_generation", price.per_image = Price::from_usd(1);
  auto usage = tokens(100, 0);
  usage.images = 1;
  EXPECT_DOUBLE_EQ(dollars(price, usage), 0.0002);
}

TEST(Cost, DiscountThenMargin) {
  const PriceAdjustment adjust{0.05, 0.1, Money::from_usd(0.5)};
  const auto cost = cost_of(simple(), tokens(1'000'000, 0), adjust);
  EXPECT_EQ(cost.original.text(), "2");
  EXPECT_EQ(cost.discount.text(), "0.1");
  EXPECT_EQ(cost.margin.text(), "0.69");
  EXPECT_EQ(cost.total.text(), "2.59");
}

TEST(Cost, HugeNumbersSaturate) {
  auto price = simple();
  price.base.input = {INT64_MAX};
  EXPECT_EQ(cost_of(price, tokens(UINT32_MAX, UINT32_MAX), {0.5, 1000, Money::most()}).total, Money::most());
  EXPECT_EQ(Price::from_usd(1e300).femtos, INT64_MAX);
  EXPECT_FALSE(Price::from_usd(-1).known());
  EXPECT_FALSE(Price::from_usd(0.0 / 0.0).known());
}

TEST(Cost, FreeAndUnpriced) {
  ModelPrice price;
  EXPECT_TRUE(price.unpriced());
  EXPECT_FALSE(price.free());
  price.base.input = price.base.output = {0};
  EXPECT_FALSE(price.unpriced());
  EXPECT_TRUE(price.free());
  price.per_query = Price::from_usd(0.002); // rerankers: tokens are free, searches are not
  EXPECT_FALSE(price.free());
}

// -- what holds for any usage

class Random {
 public:
  std::uint32_t upto(std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(0, most)(bits_);
  }
  Price price() { return upto(3) == 0 ? Price{} : Price{static_cast<std::int64_t>(upto(1'000'000)) * 1000}; }
  TokenRates rates() {
    return {price(), price(), price(), price(), price(), price(), price(), price(), price(), price()};
  }
  ModelPrice row() {
    ModelPrice out;
    out.provider = upto(1) ? "xai" : "openai", out.mode = "chat";
    out.base = rates(), out.flex = rates(), out.priority = rates(), out.batch = rates();
    for (std::uint32_t above : {500u, 1000u})
      if (upto(1)) out.long_prompt.push_back({above, rates(), static_cast<ServiceTier>(upto(3))});
    if (upto(4) == 0) out.tiers = {{0, 700, rates()}, {700, 1500, rates()}};
    return out;
  }
  /// Consistent: no part is bigger than its whole.
  Usage usage(std::uint32_t prompt_bound, std::uint32_t output_bound) {
    auto out = tokens(upto(prompt_bound), upto(output_bound));
    auto left = out.prompt_tokens;
    for (auto* part :
         {&out.cache_read_tokens, &out.cache_write_tokens, &out.audio_in_tokens, &out.image_in_tokens})
      if (upto(1)) left -= * part = upto(left);
    out.cache_write_1h_tokens = upto(out.cache_write_tokens);
    left = out.completion_tokens;
    for (auto* part : {&out.reasoning_tokens, &out.audio_out_tokens, &out.image_out_tokens})
      if (upto(1)) left -= * part = upto(left);
    out.tier = static_cast<ServiceTier>(upto(3));
    return out;
  }

 private:
  std::mt19937 bits_{7};
};

TEST(Cost, NeverAboveTheWorstCase) {
  Random random;
  for (int i = 0; i < 20'000; ++i) {
    const auto row = random.row();
    const auto prompt = random.upto(2000), output = random.upto(2000);
    const auto usage = random.usage(prompt, output);
    const PriceAdjustment adjust{random.upto(10) / 10.0, random.upto(20) / 10.0,
                                 Money::nanos(random.upto(1000))};
    ASSERT_LE(cost_of(row, usage, adjust).total, worst_case(row, prompt, output, adjust).total) << i;
  }
}

TEST(Cost, NeverAboveTheWorstCaseOfAnyBuiltInModel) {
  Random random;
  built_in_prices()->each([&](const ModelPrice& row) {
    for (int i = 0; i < 8; ++i) {
      const auto prompt = random.upto(400'000), output = random.upto(100'000);
      auto usage = random.usage(prompt, output);
      usage.images = random.upto(2), usage.characters = random.upto(100), usage.web_searches = random.upto(2);
      ASSERT_LE(cost_of(row, usage).total, worst_case(row, prompt, output, {}, usage).total) << row.name;
    }
  });
}

TEST(Cost, PartsSumToTheTotalAndSplittingChangesNothing) {
  Random random;
  for (int i = 0; i < 5'000; ++i) {
    auto row = random.row();
    row.long_prompt.clear(), row.tiers.clear();
    const auto a = random.usage(1000, 1000), b = random.usage(1000, 1000);
    const auto cost = cost_of(row, a);
    // each field is rounded once
    ASSERT_LE(std::abs((cost.input + cost.output + cost.tools - cost.total).nanos()), 1) << i;
    if (a.tier != b.tier) continue;
    Usage both = a;
    for (auto part : {&Usage::prompt_tokens, &Usage::completion_tokens, &Usage::total_tokens,
                      &Usage::cache_read_tokens, &Usage::cache_write_tokens, &Usage::cache_write_1h_tokens,
                      &Usage::audio_in_tokens, &Usage::image_in_tokens, &Usage::reasoning_tokens,
                      &Usage::audio_out_tokens, &Usage::image_out_tokens})
      both.*part += b.*part;
    const auto apart = cost.total + cost_of(row, b).total;
    ASSERT_LE(std::abs((cost_of(row, both).total - apart).nanos()), 1) << i;
  }
}

} // namespace
} // namespace switchyard
