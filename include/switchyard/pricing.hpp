// Prices of models and what a call costs. The book is built once per configuration and immutable; cost_of is
// pure. Built-in figures come from src/core/prices.tsv (made by scripts/make_prices.py), LiteLLM's cost-map
// format is read from a file or URL on top (spec management.md 5.1, 5.2).
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/money.hpp>
#include <switchyard/usage.hpp>
#include <switchyard/value.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// Dollars per unit in steps of 1e-15, so that prices per token are exact.
struct Price {
  std::int64_t femtos = -1; ///< negative = not known
  constexpr bool known() const noexcept { return femtos >= 0; }
  static Price from_usd(double dollars) noexcept;
  double usd() const noexcept { return static_cast<double>(femtos) / 1e15; }
  friend bool operator==(Price, Price) = default;
};

/// Rates that may change with the service tier or the prompt's length.
struct TokenRates {
  Price input, output, cache_read, cache_write, cache_write_1h;
  Price reasoning, audio_in, audio_out, image_in, image_out; ///< unknown = the plain rate
};
struct LongPromptRates { ///< "_above_200k_tokens": replaces what it knows for the whole request
  std::uint32_t above = 0;
  TokenRates rates;
  ServiceTier tier = ServiceTier::standard; ///< standard: also where the request's own tier has no row
};
struct TieredRates { ///< tiered_pricing: the tier that holds prompt_tokens prices the whole request
  std::uint32_t from = 0, to = UINT32_MAX;
  TokenRates rates;
};

struct ModelPrice {
  std::string name;     ///< key of the cost map
  std::string provider; ///< litellm_provider
  std::string mode;     ///< chat, embedding, ...; "" = not said
  TokenRates base, flex, priority, batch;
  std::vector<LongPromptRates> long_prompt; ///< ascending
  std::vector<TieredRates> tiers;
  Price per_image_in, per_image, per_pixel, per_character_in, per_character_out, per_second_in,
      per_second_out, per_query, web_search;                                 ///< web_search: medium context
  std::uint32_t max_tokens = 0, max_input_tokens = 0, max_output_tokens = 0; ///< 0 = not known
  std::vector<std::string> supports; ///< "function_calling", "vision", ...
  /// No price at all is known: calls cost 0 and the operator is told so.
  bool unpriced() const noexcept;
  /// Input and output are explicitly 0: budgets are not checked for it (spec management.md 1.6).
  bool free() const noexcept;
};
using ModelPricePtr = std::shared_ptr<const ModelPrice>;

/// cost_discount_config and cost_margin_config of one provider.
struct PriceAdjustment {
  double discount = 0;     ///< share, 0.05 = 5 % off
  double margin_share = 0; ///< on the discounted value
  Money margin_fixed;
};

struct CostBreakdown {
  Money input, output, tools;
  Money original; ///< input + output + tools
  Money discount, margin;
  Money total;
};

/// Components are summed at full precision and rounded once per field, total = the exact sum rounded half up.
/// `elapsed_ms` prices rows that cost per second of response.
CostBreakdown cost_of(const ModelPrice& price, const Usage& usage, const PriceAdjustment& adjust = {},
                      std::uint32_t elapsed_ms = 0);
struct WorstCost {
  Money total, input; ///< `input`: what the prompt alone may cost
};
/// The most that a call may cost: `prompt_bound` tokens at the dearest input rate that may apply (cache
/// writes included) and `output_bound` at the dearest output rate, and what `units` counts in other units
/// (images, characters, searches). What is priced per second of response has no bound and counts 0.
WorstCost worst_case(const ModelPrice& price, std::uint32_t prompt_bound, std::uint32_t output_bound,
                     const PriceAdjustment& adjust = {}, const Usage& units = {});

class PriceBook {
 public:
  virtual ~PriceBook() = default;
  /// deployment override (done by the caller) -> `base_model` -> provider/model -> model -> region prefix
  /// stripped; the provider must agree. Null = unknown. Any thread.
  virtual ModelPricePtr find(std::string_view model, std::string_view provider = {},
                             std::string_view base_model = {}) const = 0;
  virtual std::size_t size() const = 0;
  virtual std::string_view date() const = 0; ///< of the built-in figures, "2026-06-30"
  /// Every row, in no order that matters; for the cost-map routes.
  virtual void each(const std::function<void(const ModelPrice&)>&) const {}
};
using PriceBookPtr = std::shared_ptr<const PriceBook>;

/// The built-in table.
PriceBookPtr built_in_prices();
/// The built-in table under a cost map in LiteLLM's format (JSON text). Rows that cannot be read are left
/// out, one warning each; a map smaller than `max_shrink` (0.5) of the built-in table is refused.
Result<PriceBookPtr> with_cost_map(PriceBookPtr below, std::string_view json,
                                   std::vector<std::string>& warnings, double max_shrink = 0.5);
/// One entry of LiteLLM's format (also litellm_params and model_info of a deployment: unknown keys are
/// skipped). Numbers may be written as strings. Null when it has no price, window or mode at all.
ModelPricePtr read_price(std::string_view name, const ValueMap& entry, ModelPricePtr below = nullptr);
/// The entry in LiteLLM's field names, for /model/info and the cost-map routes; only what is known.
ValueMap price_fields(const ModelPrice& price);

} // namespace switchyard
