// Names of prices: LiteLLM's fields, the built-in table's words, and the members that hold them. Immutable
// data and pure functions.
#pragma once

#include <switchyard/pricing.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

struct TokenRateName {
  std::string_view field; ///< LiteLLM's, without suffixes
  std::string_view word;  ///< prices.tsv
  Price TokenRates::*member;
  bool output;
};
/// Longer fields before those that they begin with.
inline constexpr TokenRateName k_token_rates[] = {
    {"cache_creation_input_token_cost_above_1hr", "write1h", &TokenRates::cache_write_1h, false},
    {"cache_creation_input_token_cost", "write", &TokenRates::cache_write, false},
    {"cache_read_input_token_cost", "read", &TokenRates::cache_read, false},
    {"input_cost_per_token", "in", &TokenRates::input, false},
    {"output_cost_per_token", "out", &TokenRates::output, true},
    {"output_cost_per_reasoning_token", "reason", &TokenRates::reasoning, true},
    {"input_cost_per_audio_token", "audio-in", &TokenRates::audio_in, false},
    {"output_cost_per_audio_token", "audio-out", &TokenRates::audio_out, true},
    {"input_cost_per_image_token", "image-in", &TokenRates::image_in, false},
    {"output_cost_per_image_token", "image-out", &TokenRates::image_out, true},
};

struct UnitPriceName {
  std::string_view field, word;
  Price ModelPrice::*member;
};
inline constexpr UnitPriceName k_unit_prices[] = {
    {"input_cost_per_image", "per-image-in", &ModelPrice::per_image_in},
    {"output_cost_per_image", "per-image", &ModelPrice::per_image},
    {"input_cost_per_pixel", "per-pixel", &ModelPrice::per_pixel},
    {"input_cost_per_character", "per-character-in", &ModelPrice::per_character_in},
    {"output_cost_per_character", "per-character", &ModelPrice::per_character_out},
    {"input_cost_per_second", "per-second-in", &ModelPrice::per_second_in},
    {"output_cost_per_second", "per-second", &ModelPrice::per_second_out},
    {"input_cost_per_query", "per-query", &ModelPrice::per_query},
    {"", "per-search", &ModelPrice::web_search}, // search_context_cost_per_query, medium
};

struct LimitName {
  std::string_view field;
  std::uint32_t ModelPrice::*member;
};
inline constexpr LimitName k_limits[] = {
    {"max_tokens", &ModelPrice::max_tokens},
    {"max_input_tokens", &ModelPrice::max_input_tokens},
    {"max_output_tokens", &ModelPrice::max_output_tokens},
};

/// The rates for prompts longer than `above` (0: all) in a service tier; made when there are none yet.
TokenRates& rates_at(ModelPrice& price, std::uint32_t above, ServiceTier tier);

/// What read_price reads; `problem` names the first field whose value is none.
ModelPricePtr read_entry(std::string_view name, const ValueMap& entry, const ModelPrice* below,
                         std::string& problem);

/// One line of prices.tsv; an unreadable word is left out (the file is ours and tested).
ModelPricePtr read_line(std::string_view line);

/// Whether the predicate holds for any price of the row.
template <class Predicate>
bool any_price(const ModelPrice& price, Predicate holds) {
  const auto in_rates = [&](const TokenRates& rates) {
    return std::any_of(std::begin(k_token_rates), std::end(k_token_rates),
                       [&](auto& rate) { return holds(rates.*rate.member); });
  };
  const auto in_row = [&](auto& row) { return in_rates(row.rates); };
  return in_rates(price.base) || in_rates(price.flex) || in_rates(price.priority) || in_rates(price.batch) ||
         std::any_of(price.long_prompt.begin(), price.long_prompt.end(), in_row) ||
         std::any_of(price.tiers.begin(), price.tiers.end(), in_row) ||
         std::any_of(std::begin(k_unit_prices), std::end(k_unit_prices),
                     [&](auto& unit) { return holds(price.*unit.member); });
}

} // namespace switchyard
