// Rows of prices from LiteLLM's JSON fields and from the built-in table's lines, and back. Pure.
#include "core/price_fields.hpp"

#include <switchyard/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace switchyard {
namespace {

using std::string_view;

struct TierName {
  string_view suffix, word;
  ServiceTier tier;
  TokenRates ModelPrice::*rates;
};
constexpr TierName k_tiers[] = {
    {"", "", ServiceTier::standard, &ModelPrice::base},
    {"_flex", "flex:", ServiceTier::flex, &ModelPrice::flex},
    {"_priority", "priority:", ServiceTier::priority, &ModelPrice::priority},
    {"_batches", "batch:", ServiceTier::batch, &ModelPrice::batch},
};

bool take(string_view& text, string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_number(string_view& text, std::uint32_t& out) {
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// -- LiteLLM's fields

struct RateKey {
  Price TokenRates::*member = nullptr;
  std::uint32_t above = 0;
  ServiceTier tier = ServiceTier::standard;
};

/// "_above_200k_tokens_priority", its parts in any order; false for suffixes of another meaning.
bool read_suffix(string_view rest, RateKey& out) {
  while (!rest.empty()) {
    if (take(rest, "_above_")) {
      if (out.above != 0 || !take_number(rest, out.above)) return false;
      if (take(rest, "k") && __builtin_mul_overflow(out.above, 1000u, &out.above)) return false;
      if (!take(rest, "_tokens") || out.above == 0) return false;
      continue;
    }
    auto tier = std::find_if(std::begin(k_tiers) + 1, std::end(k_tiers),
                             [&](auto& known) { return take(rest, known.suffix); });
    if (tier == std::end(k_tiers) || out.tier != ServiceTier::standard) return false;
    out.tier = tier->tier;
  }
  return true;
}

RateKey rate_key(string_view field) {
  for (auto& known : k_token_rates)
    if (field.starts_with(known.field)) {
      RateKey out{known.member};
      return read_suffix(field.substr(known.field.size()), out) ? out : RateKey{};
    }
  return {};
}

bool read_number(const Value& value, double& out) {
  if (value.number(out)) return std::isfinite(out);
  auto* text = value.as_string();
  if (!text || text->empty()) return false;
  auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), out);
  return problem == std::errc() && end == text->data() + text->size() && std::isfinite(out);
}

/// Fills a row from an entry's members, remembering the first whose value makes no sense.
class EntryReader {
 public:
  EntryReader(ModelPrice& row, std::string& problem) : row_(row), problem_(problem) {}

  void read(string_view field, const Value& value) {
    if (value.is_null()) return;
    if (field == "litellm_provider" || field == "mode")
      text(field, value, field == "mode" ? row_.mode : row_.provider);
    else if (field == "tiered_pricing")
      tiers(value);
    else if (field == "search_context_cost_per_query")
      search(value);
    else if (field.starts_with("supports_"))
      supports(field.substr(9), value);
    else if (!limit(field, value))
      price(field, value);
  }
  bool priced() const { return priced_; }

 private:
  void bad(string_view field, string_view why) {
    if (problem_.empty()) problem_ = std::string(field) + " " + std::string(why);
  }
  void text(string_view field, const Value& value, std::string& out) {
    if (auto* text = value.as_string())
      out = *text;
    else
      bad(field, "is not a text");
  }
  bool number(string_view field, const Value& value, Price& out) {
    double dollars = 0;
    if (!read_number(value, dollars)) return bad(field, "is not a number"), false;
    if (dollars < 0) return bad(field, "is negative"), false;
    return out = Price::from_usd(dollars), priced_ = true;
  }
  void price(string_view field, const Value& value) {
    if (auto key = rate_key(field); key.member) {
      Price found;
      if (number(field, value, found)) rates_at(row_, key.above, key.tier).*key.member = found;
      return;
    }
    for (auto& unit : k_unit_prices)
      if (unit.field == field) number(field, value, row_.*unit.member);
  }
  bool limit(string_view field, const Value& value) {
    for (auto& known : k_limits) {
      if (known.field != field) continue;
      double count = 0;
      if (read_number(value, count) && count >= 0 && count <= UINT32_MAX)
        row_.*known.member = static_cast<std::uint32_t>(count);
      return true; // windows are no money: what is odd is left out
    }
    return false;
  }
  void supports(string_view ability, const Value& value) {
    auto* on = value.as_bool();
    if (!on) return;
    auto at = std::find(row_.supports.begin(), row_.supports.end(), ability);
    if (*on && at == row_.supports.end()) row_.supports.emplace_back(ability);
    if (!*on && at != row_.supports.end()) row_.supports.erase(at);
  }
  void search(const Value& value) {
    if (auto* medium = value.find("search_context_size_medium"); medium && !medium->is_null())
      number("search_context_cost_per_query", *medium, row_.web_search);
  }
  void tiers(const Value& value) {
    auto* list = value.as_list();
    if (!list) return bad("tiered_pricing", "is not a list");
    row_.tiers.clear();
    for (auto& part : *list) tier(part);
    std::sort(row_.tiers.begin(), row_.tiers.end(), [](auto& a, auto& b) { return a.from < b.from; });
  }
  void tier(const Value& value) {
    auto* range = value.find("range");
    if (!range) return; // tiers of something else than the prompt's length
    auto* bounds = range->as_list();
    double from = 0, to = 0;
    if (!bounds || bounds->size() != 2 || !read_number((*bounds)[0], from) ||
        !read_number((*bounds)[1], to) || from < 0 || to < from)
      return bad("tiered_pricing", "has a range that is none");
    TieredRates tier{clamped(from), clamped(to), {}};
    for (auto& [field, number_value] : *value.as_map())
      if (auto key = rate_key(field); key.member && key.above == 0 && key.tier == ServiceTier::standard)
        number(field, number_value, tier.rates.*key.member);
    if (tier.rates.input.known()) row_.tiers.push_back(tier);
  }
  static std::uint32_t clamped(double count) {
    return count >= UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(count);
  }

  ModelPrice& row_;
  std::string& problem_;
  bool priced_ = false;
};

/// An entry's own rate replaces what was derived from the one below: a deployment whose input is free has no
/// cached tokens that cost, and no long prompts either.
void forget(ModelPrice& row, bool output) {
  const auto forget_in = [&](TokenRates& rates) {
    for (auto& rate : k_token_rates)
      if (rate.output == output) rates.*rate.member = {};
  };
  for (auto& known : k_tiers) forget_in(row.*known.rates);
  for (auto& rows : row.long_prompt) forget_in(rows.rates);
  row.tiers.clear();
}

void start_from(const ModelPrice& below, const ValueMap& entry, ModelPrice& row) {
  row = below;
  for (auto& [field, value] : entry) {
    if (value.is_null()) continue;
    if (field == "input_cost_per_token") forget(row, false);
    if (field == "output_cost_per_token") forget(row, true);
  }
}

// -- the built-in table

/// "2.5" in steps of 10^-digits; what is finer is left out.
std::int64_t read_decimal(string_view text, int digits) {
  std::int64_t out = 0;
  bool fraction = false;
  for (char c : text) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (fraction && digits == 0) break;
    if (fraction) --digits;
    out = out * 10 + (c - '0');
  }
  for (; digits > 0; --digits) out *= 10;
  return out;
}

/// "0-32000:" begins or continues a tier; tiers are written in order.
bool take_tier(string_view& word, ModelPrice& row) {
  std::uint32_t from = 0, to = 0;
  auto rest = word;
  if (!take_number(rest, from) || !take(rest, "-") || !take_number(rest, to) || !take(rest, ":"))
    return false;
  if (row.tiers.empty() || row.tiers.back().from != from) row.tiers.push_back({from, to, {}});
  return word = rest, true;
}

TokenRates& take_place(string_view& word, ModelPrice& row) {
  if (take_tier(word, row)) return row.tiers.back().rates;
  std::uint32_t above = 0;
  if (take(word, ">") && take_number(word, above)) {
    take(word, "k:");
    above *= 1000;
  }
  auto tier = std::find_if(std::begin(k_tiers) + 1, std::end(k_tiers),
                           [&](auto& known) { return take(word, known.word); });
  return rates_at(row, above, tier == std::end(k_tiers) ? ServiceTier::standard : tier->tier);
}

void read_word(string_view word, ModelPrice& row) {
  const auto equals = word.find('=');
  if (equals == string_view::npos) return;
  const auto number = word.substr(equals + 1);
  auto name = word.substr(0, equals);
  for (auto& unit : k_unit_prices)
    if (unit.word == name) row.*unit.member = {read_decimal(number, 15)};
  if (name.starts_with("per-")) return;
  auto& rates = take_place(name, row);
  for (auto& rate : k_token_rates)
    if (rate.word == name) rates.*rate.member = {read_decimal(number, 9)}; // dollars per million tokens
}

string_view take_until(string_view& text, char end) {
  const auto part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

} // namespace

TokenRates& rates_at(ModelPrice& price, std::uint32_t above, ServiceTier tier) {
  if (above == 0)
    for (auto& known : k_tiers)
      if (known.tier == tier) return price.*known.rates;
  auto at = std::find_if(price.long_prompt.begin(), price.long_prompt.end(), [&](auto& row) {
    return row.above > above || (row.above == above && row.tier >= tier);
  });
  if (at == price.long_prompt.end() || at->above != above || at->tier != tier)
    at = price.long_prompt.insert(at, LongPromptRates{above, {}, tier});
  return at->rates;
}

ModelPricePtr read_entry(string_view name, const ValueMap& entry, const ModelPrice* below,
                         std::string& problem) {
  auto row = std::make_shared<ModelPrice>();
  if (below) start_from(*below, entry, *row);
  row->name = name;
  EntryReader reader(*row, problem);
  for (auto& [field, value] : entry) reader.read(field, value);
  if (!below && !reader.priced() && row->mode.empty() && row->max_tokens == 0 && row->max_input_tokens == 0 &&
      row->max_output_tokens == 0)
    return nullptr;
  return row;
}

ModelPricePtr read_price(string_view name, const ValueMap& entry, ModelPricePtr below) {
  std::string problem;
  return read_entry(name, entry, below.get(), problem);
}

ModelPricePtr read_line(string_view line) {
  auto row = std::make_shared<ModelPrice>();
  row->name = take_until(line, '\t'), row->provider = take_until(line, '\t'),
  row->mode = take_until(line, '\t');
  auto limits = take_until(line, '\t');
  for (auto& known : k_limits) {
    auto count = take_until(limits, '/');
    take_number(count, row.get()->*known.member);
  }
  for (auto prices = take_until(line, '\t'); !prices.empty();) read_word(take_until(prices, ' '), *row);
  while (!line.empty()) row->supports.emplace_back(take_until(line, ' '));
  return row;
}

namespace {

void put(ValueMap& out, std::string name, Price price) {
  if (price.known()) out.emplace_back(std::move(name), Value(price.usd()));
}

void put_rates(ValueMap& out, const TokenRates& rates, const std::string& suffix) {
  for (auto& rate : k_token_rates) put(out, std::string(rate.field) + suffix, rates.*rate.member);
}

std::string suffix_of(std::uint32_t above, ServiceTier tier) {
  std::string out;
  if (above != 0)
    out = "_above_" + (above % 1000 == 0 ? std::to_string(above / 1000) + "k" : std::to_string(above)) +
          "_tokens";
  for (auto& known : k_tiers)
    if (known.tier == tier) out += known.suffix;
  return out;
}

} // namespace

ValueMap price_fields(const ModelPrice& price) {
  ValueMap out;
  if (!price.provider.empty()) out.emplace_back("litellm_provider", Value(price.provider));
  if (!price.mode.empty()) out.emplace_back("mode", Value(price.mode));
  for (auto& known : k_limits)
    if (auto count = price.*known.member)
      out.emplace_back(std::string(known.field), Value(std::int64_t{count}));
  for (auto& known : k_tiers) put_rates(out, price.*known.rates, std::string(known.suffix));
  for (auto& row : price.long_prompt) put_rates(out, row.rates, suffix_of(row.above, row.tier));
  for (auto& unit : k_unit_prices)
    if (!unit.field.empty()) put(out, std::string(unit.field), price.*unit.member);
  if (price.web_search.known())
    out.emplace_back("search_context_cost_per_query",
                     Value(ValueMap{{"search_context_size_medium", Value(price.web_search.usd())}}));
  ValueList tiers;
  for (auto& tier : price.tiers) {
    ValueMap row{{"range", Value(ValueList{Value(std::int64_t{tier.from}), Value(std::int64_t{tier.to})})}};
    put_rates(row, tier.rates, "");
    tiers.emplace_back(std::move(row));
  }
  if (!tiers.empty()) out.emplace_back("tiered_pricing", Value(std::move(tiers)));
  for (auto& ability : price.supports) out.emplace_back("supports_" + ability, Value(true));
  return out;
}

} // namespace switchyard
