// Costs of random calls against LiteLLM's own (tests/golden/prices/litellm.tsv, made by
// scripts/make_price_golden.py). One thread.
#include <switchyard/pricing.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

namespace switchyard {
namespace {

struct Sample {
  std::string name, provider;
  Usage usage;
  double dollars = 0;
};

Sample read_sample(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
  EXPECT_EQ(cells.size(), 18u) << line;
  Sample out{cells[0], cells[1]};
  if (cells[2] == "flex") out.usage.tier = ServiceTier::flex;
  if (cells[2] == "priority") out.usage.tier = ServiceTier::priority;
  Usage& u = out.usage;
  std::size_t at = 3;
  for (auto* count :
       {&u.prompt_tokens, &u.completion_tokens, &u.total_tokens, &u.cache_read_tokens, &u.cache_write_tokens,
        &u.cache_write_1h_tokens, &u.audio_in_tokens, &u.image_in_tokens, &u.reasoning_tokens,
        &u.audio_out_tokens, &u.image_out_tokens, &u.search_units, &u.characters, &u.audio_ms})
    *count = static_cast<std::uint32_t>(std::stoul(cells[at++]));
  out.dollars = std::stod(cells[at]);
  return out;
}

/// Where we charge what the provider's price list says and LiteLLM does not (docs/compatibility.md).
bool differs_on_purpose(const Sample& sample) {
  // LiteLLM forgets the row's own rate for audio in the priority tier.
  return sample.usage.tier == ServiceTier::priority && sample.usage.audio_in_tokens != 0;
}

TEST(PriceGolden, CostsWhatLiteLlmSays) {
  std::ifstream file(SWITCHYARD_SOURCE_DIR "/tests/golden/prices/litellm.tsv");
  ASSERT_TRUE(file);
  int compared = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const auto sample = read_sample(line);
    auto price = built_in_prices()->find(sample.name, sample.provider);
    ASSERT_TRUE(price) << sample.name;
    EXPECT_EQ(price->name, sample.name);
    const auto cost = cost_of(*price, sample.usage).total.usd();
    if (differs_on_purpose(sample)) continue;
    EXPECT_NEAR(cost, sample.dollars, 1e-9 + 1e-12 * sample.dollars) << line;
    ++compared;
  }
  EXPECT_GE(compared, 200);
}

} // namespace
} // namespace switchyard
