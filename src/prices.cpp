// Prices at start-up and on reloads: the book, and what each row's calls cost. Main's thread.
#include "plane.hpp"

#include <switchyard/budget_window.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/route_budgets.hpp>

#include <fstream>
#include <sstream>

namespace switchyard {

namespace {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return std::nullopt;
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

PriceBookPtr load_prices(const Config& config, std::vector<std::string>& warnings) {
  auto book = built_in_prices();
  std::string_view place = config.plane->cost_map_url;
  if (place.empty()) return book;
  if (place.starts_with("file://")) place.remove_prefix(7);
  if (place.starts_with("http")) {
    warnings.push_back(
        "LITELLM_MODEL_COST_MAP_URL: only a path or a file:// URL is read; the built-in prices of " +
        std::string(book->date()) + " count");
    return book;
  }
  auto text = read_file(std::string(place));
  if (!text) {
    warnings.push_back("LITELLM_MODEL_COST_MAP_URL: cannot read " + std::string(place));
    return book;
  }
  auto laid = with_cost_map(book, *text, warnings);
  if (laid) return *laid;
  warnings.push_back("LITELLM_MODEL_COST_MAP_URL: " + laid.error().message);
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
