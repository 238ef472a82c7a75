// What a call costs: exact sums in femto-dollars, rounded once per field. Pure, any thread.
#include "core/price_fields.hpp"

#include <switchyard/pricing.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace switchyard {
namespace {

__extension__ typedef __int128 Exact; // femto-dollars

constexpr Exact k_per_nano = 1'000'000;
constexpr Exact k_most = static_cast<Exact>(INT64_MAX) * k_per_nano;
constexpr std::int64_t k_whole = 1'000'000'000; // shares are counted in billionths
constexpr double k_most_share = 1000;

Exact times(std::uint64_t count, Price rate) {
  return rate.known() ? static_cast<Exact>(count) * rate.femtos : 0;
}

Money rounded(Exact femtos) {
  femtos = std::min(femtos, k_most);
  return Money::nanos(static_cast<std::int64_t>((femtos + k_per_nano / 2) / k_per_nano));
}

Exact share_of(Exact amount, double share) {
  const auto parts = static_cast<std::int64_t>(std::llround(share * k_whole));
  return amount * parts / k_whole;
}

double within(double value, double least, double most) {
  return std::isnan(value) ? 0 : std::clamp(value, least, most);
}

// -- which rates hold

void overlay(TokenRates& onto, const TokenRates& with) {
  for (auto& rate : k_token_rates)
    if ((with.*rate.member).known()) onto.*rate.member = with.*rate.member;
}

void halve(TokenRates& rates) {
  for (auto& rate : k_token_rates)
    if (auto& price = rates.*rate.member; price.known()) price.femtos -= price.femtos / 2; // rounds up
}

void or_else(Price& rate, Price fallback) {
  if (!rate.known()) rate = fallback;
}

/// A rate that nobody wrote down is the plain one.
TokenRates filled(TokenRates rates) {
  if (rates.output.femtos <= 0) or_else(rates.output = {}, rates.image_out); // models that only make images
  or_else(rates.cache_read, rates.input), or_else(rates.cache_write, rates.input);
  or_else(rates.cache_write_1h, rates.cache_write);
  or_else(rates.audio_in, rates.input), or_else(rates.image_in, rates.input);
  or_else(rates.reasoning, rates.output);
  or_else(rates.audio_out, rates.output), or_else(rates.image_out, rates.output);
  return rates;
}

/// The tier that holds the prompt; beyond the last one the last.
TokenRates tier_rates(const ModelPrice& price, std::uint32_t prompt) {
  auto tier = std::find_if(price.tiers.begin(), price.tiers.end(), [&](auto& t) { return prompt <= t.to; });
  TokenRates out = (tier == price.tiers.end() ? price.tiers.back() : *tier).rates;
  or_else(out.output, price.base.output);
  for (auto member :
       {&TokenRates::audio_in, &TokenRates::image_in, &TokenRates::audio_out, &TokenRates::image_out})
    or_else(out.*member, price.base.*member);
  return filled(out);
}

const TokenRates& service_rates(const ModelPrice& price, ServiceTier tier) {
  return tier == ServiceTier::flex       ? price.flex
         : tier == ServiceTier::priority ? price.priority
                                         : price.batch;
}

TokenRates rates_of(const ModelPrice& price, std::uint32_t prompt, ServiceTier tier) {
  if (!price.tiers.empty()) return tier_rates(price, prompt);
  const bool batch = tier == ServiceTier::batch, at_once = tier == ServiceTier::standard || batch;
  TokenRates out = price.base;
  if (!at_once) {
    auto& service = service_rates(price, tier);
    if (service.output.known()) out.reasoning = {}; // a tier's output rate covers reasoning
    overlay(out, service);
  }
  const bool inclusive = price.provider == "xai";
  const auto reached = [&](const LongPromptRates& row) {
    return prompt > row.above || (inclusive && prompt == row.above);
  };
  for (auto& row : price.long_prompt)
    if (reached(row) && (row.tier == ServiceTier::standard || (row.tier == tier && !batch)))
      overlay(out, row.rates);
  if (!batch) return filled(out);
  halve(out); // what has no batch rate costs half
  overlay(out, price.batch);
  for (auto& row : price.long_prompt)
    if (reached(row) && row.tier == ServiceTier::batch) overlay(out, row.rates);
  return filled(out);
}

// -- what is counted

std::uint32_t less(std::uint32_t from, std::uint64_t taken) {
  return taken >= from ? 0 : static_cast<std::uint32_t>(from - taken);
}

Exact prompt_cost(const TokenRates& rates, const Usage& usage) {
  const auto long_lived = std::min(usage.cache_write_1h_tokens, usage.cache_write_tokens);
  std::uint32_t plain =
      less(usage.prompt_tokens, std::uint64_t{usage.cache_read_tokens} + usage.cache_write_tokens);
  const auto audio = std::min(usage.audio_in_tokens, plain);
  plain -= audio;
  const auto image = std::min(usage.image_in_tokens, plain);
  plain -= image;
  return times(plain, rates.input) + times(usage.cache_read_tokens, rates.cache_read) +
         times(usage.cache_write_tokens - long_lived, rates.cache_write) +
         times(long_lived, rates.cache_write_1h) + times(audio, rates.audio_in) +
         times(image, rates.image_in);
}

/// xAI counts reasoning beside completion_tokens; the total tells.
bool reasoning_apart(const Usage& usage) {
  return usage.reasoning_tokens != 0 &&
         std::uint64_t{usage.prompt_tokens} + usage.completion_tokens + usage.reasoning_tokens ==
             usage.total_tokens;
}

Exact completion_cost(const TokenRates& rates, const Usage& usage) {
  const auto inside = reasoning_apart(usage) ? 0 : usage.reasoning_tokens;
  const auto plain =
      less(usage.completion_tokens, std::uint64_t{inside} + usage.audio_out_tokens + usage.image_out_tokens);
  return times(plain, rates.output) + times(usage.reasoning_tokens, rates.reasoning) +
         times(usage.audio_out_tokens, rates.audio_out) + times(usage.image_out_tokens, rates.image_out);
}

bool per_second_of_response(std::string_view mode) {
  constexpr std::array<std::string_view, 6> k_modes{"",          "chat",      "completion",
                                                    "embedding", "responses", "audio_transcription"};
  return std::find(k_modes.begin(), k_modes.end(), mode) != k_modes.end();
}

bool makes_images(std::string_view mode) { return mode == "image_generation" || mode == "image_edit"; }

bool costs(Price price) { return price.femtos > 0; }

bool prices_tokens(const ModelPrice& price) {
  return costs(price.base.input) || costs(price.base.output) || costs(price.base.image_out) ||
         !price.tiers.empty();
}

Price dearer(Price a, Price b) { return a.femtos > b.femtos ? a : b; }

/// Seconds of audio, or of the response when the row says nothing else.
Exact time_cost(const ModelPrice& price, const Usage& usage, std::uint32_t elapsed_ms, bool by_tokens) {
  if (by_tokens) return 0;
  const std::uint32_t ms = usage.audio_ms != 0                                           ? usage.audio_ms
                           : !prices_tokens(price) && per_second_of_response(price.mode) ? elapsed_ms
                                                                                         : 0;
  return times(ms, dearer(price.per_second_in, price.per_second_out)) / 1000;
}

struct Parts {
  Exact input = 0, output = 0, tools = 0;
};

/// What is not counted in tokens. `by_tokens`: the usage counts tokens and the row prices them, so that
/// images and seconds are paid already.
void add_units(const ModelPrice& price, const Usage& usage, std::uint32_t elapsed_ms, bool by_tokens,
               Parts& parts) {
  const auto image =
      costs(price.per_image) || !makes_images(price.mode) ? price.per_image : price.per_image_in;
  if (!by_tokens) parts.output += times(usage.images, image);
  parts.input += times(usage.characters, price.per_character_in) + times(usage.search_units, price.per_query);
  const Exact seconds = time_cost(price, usage, elapsed_ms, by_tokens);
  (costs(price.per_second_in) ? parts.input : parts.output) += seconds;
  parts.tools += times(usage.web_searches, price.web_search);
}

CostBreakdown adjusted(const Parts& parts, const PriceAdjustment& adjust) {
  const Exact original = std::min(parts.input + parts.output + parts.tools, k_most);
  const Exact discount = share_of(original, within(adjust.discount, 0, 1));
  const Exact margin =
      share_of(original - discount, within(adjust.margin_share, -1, k_most_share)) +
      static_cast<Exact>(std::max<std::int64_t>(adjust.margin_fixed.nanos(), 0)) * k_per_nano;
  CostBreakdown out;
  out.input = rounded(parts.input), out.output = rounded(parts.output), out.tools = rounded(parts.tools);
  out.original = rounded(original), out.discount = rounded(discount);
  out.margin = margin < 0 ? Money{} - rounded(-margin) : rounded(margin);
  out.total = rounded(original - discount + margin);
  return out;
}

/// Lengths of prompts below `bound` where other rates may begin to hold.
std::vector<std::uint32_t> turning_points(const ModelPrice& price, std::uint32_t bound) {
  std::vector<std::uint32_t> points{0};
  const auto add = [&](std::uint64_t point) {
    if (point < bound) points.push_back(static_cast<std::uint32_t>(point));
  };
  for (auto& row : price.long_prompt) add(row.above), add(row.above + 1ull);
  for (auto& tier : price.tiers) add(tier.to), add(tier.to + 1ull);
  return points;
}

} // namespace

Price Price::from_usd(double dollars) noexcept {
  if (!(dollars >= 0)) return {};
  const double scaled = std::round(dollars * 1e15);
  return {scaled >= 9.2233720368547e18 ? INT64_MAX : static_cast<std::int64_t>(scaled)};
}

bool ModelPrice::unpriced() const noexcept {
  return !any_price(*this, [](Price price) { return price.known(); });
}

bool ModelPrice::free() const noexcept {
  return base.input.femtos == 0 && base.output.femtos == 0 && !any_price(*this, costs);
}

CostBreakdown cost_of(const ModelPrice& price, const Usage& usage, const PriceAdjustment& adjust,
                      std::uint32_t elapsed_ms) {
  const auto rates = rates_of(price, usage.prompt_tokens, usage.tier);
  const bool by_tokens =
      usage.prompt_tokens + std::uint64_t{usage.completion_tokens} != 0 && prices_tokens(price);
  Parts parts{prompt_cost(rates, usage), completion_cost(rates, usage)};
  add_units(price, usage, elapsed_ms, by_tokens, parts);
  return adjusted(parts, adjust);
}

WorstCost worst_case(const ModelPrice& price, std::uint32_t prompt_bound, std::uint32_t output_bound,
                     const PriceAdjustment& adjust, const Usage& units) {
  Price in{0}, out{0};
  const auto look_at = [&](std::uint32_t prompt) {
    for (auto tier : {ServiceTier::standard, ServiceTier::flex, ServiceTier::priority, ServiceTier::batch}) {
      const auto rates = rates_of(price, prompt, tier);
      for (auto& rate : k_token_rates)
        (rate.output ? out : in) = dearer(rates.*rate.member, rate.output ? out : in);
    }
  };
  look_at(prompt_bound);
  if (!price.long_prompt.empty() || !price.tiers.empty()) // else the length changes no rate
    for (auto prompt : turning_points(price, prompt_bound)) look_at(prompt);
  Parts parts{times(prompt_bound, in), 0};
  add_units(price, units, 0, false, parts);
  WorstCost worst;
  worst.input = adjusted(parts, adjust).total;
  parts.output += times(output_bound, out);
  worst.total = adjusted(parts, adjust).total;
  return worst;
}

} // namespace switchyard
