// Prices at start-up and on reloads: the book, and what each row's calls cost. Main's thread.
#include "plane.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/route_budgets.hpp>
#include <switchyard/server.hpp>

#include <fstream>
#include <sstream>

namespace switchyard {

namespace {

constexpr Millis k_patience{10'000};

Result<std::string> read_file(std::string_view path) {
  std::ifstream in(std::string(path), std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return Error(Errc::config, "cannot read " + std::string(path));
  return text.str();
}

/// discount and margin of a provider; a margin for all ("global") counts where there is none of its own.
PriceAdjustment adjustment_of(const PlaneSettings& settings, const std::string& provider) {
  PriceAdjustment adjust;
  auto& all = settings.adjustments;
  if (auto global = all.find("global"); global != all.end()) adjust = global->second;
  if (auto own = all.find(provider); own != all.end()) {
    adjust.discount = own->second.discount;
    if (own->second.margin_share != 0 || own->second.margin_fixed != Money())
      adjust.margin_share = own->second.margin_share, adjust.margin_fixed = own->second.margin_fixed;
  }
  return adjust;
}

} // namespace

Result<PriceBookPtr> read_prices(const Config& config, std::vector<std::string>& warnings) {
  auto book = built_in_prices();
  std::string_view place = config.plane->cost_map_url;
  if (place.empty()) return book;
  const bool remote = place.starts_with("http://") || place.starts_with("https://");
  if (place.starts_with("file://")) place.remove_prefix(7);
  auto text = remote ? http::download(config, std::string(place), k_patience) : read_file(place);
  if (!text) return text.error();
  return with_cost_map(book, *text, warnings);
}

PriceBookPtr load_prices(const Config& config, std::vector<std::string>& warnings) {
  auto read = read_prices(config, warnings);
  if (read) return *read;
  auto book = built_in_prices();
  const auto& why = read.error().message;
  warnings.push_back("LITELLM_MODEL_COST_MAP_URL: " + (why.empty() ? "cannot be fetched" : why) +
                     "; the built-in prices of " + std::string(book->date()) + " count");
  return book;
}

std::shared_ptr<const RouteBudgets> route_budgets(const Config& config, const RouteBudgets* before) {
  using Scope = RouteBudgets::Row::Scope;
  std::vector<RouteBudgets::Row> rows;
  const auto add = [&rows](Scope scope, const std::string& name, const Value* limit, const Value* period) {
    double dollars = 0;
    const auto* text = period ? period->as_string() : nullptr;
    const auto length = duration_of(text ? std::string_view(*text) : std::string_view("1d"));
    if (!limit || !limit->number(dollars) || !length) return;
    rows.push_back({scope, name, Money::from_usd(dollars), std::chrono::duration_cast<Millis>(*length)});
  };
  const auto either = [](const Value& map, std::string_view name, std::string_view other) {
    auto* value = map.find(name);
    return value ? value : map.find(other);
  };
  if (auto* providers = config.plane->provider_budget_config.as_map())
    for (auto& [name, budget] : *providers)
      add(Scope::provider, name, either(budget, "budget_limit", "max_budget"),
          either(budget, "time_period", "budget_duration"));
  for (auto& row : config.models) {
    const Value raw(row.params.raw);
    add(Scope::deployment, row.id, raw.find("max_budget"), raw.find("budget_duration"));
  }
  return rows.empty() ? nullptr : std::make_shared<const RouteBudgets>(rows, before);
}

void set_price(const PriceBook& prices, const Config& config, Deployment& row,
               std::vector<std::string>& warnings) {
  auto& target = row.target;
  ModelPricePtr price;
  if (target && target->model.find('*') == std::string::npos)
    price = prices.find(target->model, target->provider, row.row.base_model);
  if (auto info = read_price(row.row.id, row.row.model_info, price)) price = info;
  if (auto own = read_price(row.row.id, row.row.params.raw, price)) price = own;
  row.price = price;
  if (target) row.adjust = adjustment_of(*config.plane, target->provider);
  const bool pattern = row.pattern || !target || target->model.find('*') != std::string::npos;
  if (config.general.master_key.empty() || pattern || (target && target->answers_locally)) return;
  if (!price || price->unpriced())
    warnings.push_back("model_list " + row.row.model_name + " (" + row.row.params.model +
                       "): no price is known, its calls count 0 dollars; set input_cost_per_token and "
                       "output_cost_per_token, or model_info.base_model");
}

} // namespace switchyard
