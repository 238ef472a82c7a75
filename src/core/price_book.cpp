// The built-in prices, cost maps laid over them, and how a model's row is found. Immutable once made; rows of
// the built-in table are read when they are asked for.
#include "core/price_fields.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace switchyard {
namespace {

using std::string_view;

constexpr char k_text[] =
#include "core/prices.tsv"
    ;
constexpr string_view k_table(k_text, sizeof k_text - 1);

// -- names

/// LiteLLM's providers that one of ours stands for, and those whose prices hold for another.
bool agrees(string_view row, string_view provider) {
  if (provider.empty() || row.empty() || row == provider) return true;
  for (string_view family : {"vertex_ai", "fireworks_ai", "bedrock", "cohere", "text-completion-codestral"})
    if (provider.starts_with(family) && row.starts_with(family)) return true;
  if (provider == "azure_ai") return row == "azure" || row == "openai";
  if (provider == "azure") return row == "azure_text";
  if (provider == "text-completion-openai" || provider == "openai")
    return row == "openai" || row == "text-completion-openai";
  return provider == "ai21_chat" ? row == "ai21" : provider == "litellm_proxy";
}

bool is_bedrock(string_view provider) { return provider.starts_with("bedrock"); }

/// "us.anthropic.x" and "eu-west-1/anthropic.x" -> "anthropic.x", over "converse/" and the like.
string_view without_region(string_view model) {
  for (string_view route : {"converse/", "invoke/", "converse_like/", "async_invoke/"})
    if (model.starts_with(route)) model.remove_prefix(route.size());
  for (string_view region : {"global.", "us-gov.", "us.", "eu.", "apac.", "jp.", "au.", "ca.", "sa."})
    if (model.starts_with(region)) return model.substr(region.size());
  const auto slash = model.find('/');
  return slash == string_view::npos ? model : model.substr(slash + 1);
}

/// "ft:gpt-4o-2024-08-06:org::id" -> "ft:gpt-4o-2024-08-06"
string_view without_tuning(string_view model) {
  if (!model.starts_with("ft:")) return model;
  return model.substr(0, model.find(':', 3));
}

/// "gpt-4o-2024-08-06" and "gemini-2.0-flash-001" -> without what follows the model's family
string_view without_version(string_view model) {
  const auto digits = [&](std::size_t begin, std::size_t end) {
    return end > begin && std::all_of(model.begin() + static_cast<std::ptrdiff_t>(begin),
                                      model.begin() + static_cast<std::ptrdiff_t>(end),
                                      [](char c) { return c >= '0' && c <= '9'; });
  };
  const auto n = model.size();
  if (n > 11 && model[n - 11] == '-' && digits(n - 10, n - 6) && model[n - 6] == '-' &&
      digits(n - 5, n - 3) && model[n - 3] == '-' && digits(n - 2, n))
    return model.substr(0, n - 11);
  if (n > 4 && model[n - 4] == '-' && digits(n - 3, n)) return model.substr(0, n - 4);
  return model;
}

class Book : public PriceBook {
 public:
  ModelPricePtr find(string_view model, string_view provider, string_view base_model) const final {
    if (!base_model.empty())
      if (auto found = find_model(base_model, provider)) return found;
    return model.empty() ? below(model, provider, base_model) : find_or_below(model, provider, base_model);
  }

 protected:
  /// By its full name.
  virtual ModelPricePtr row(string_view name) const = 0;
  virtual ModelPricePtr below(string_view, string_view, string_view) const { return nullptr; }

 private:
  ModelPricePtr find_or_below(string_view model, string_view provider, string_view base_model) const {
    auto found = find_model(model, provider);
    return found ? found : below(model, provider, base_model);
  }

  ModelPricePtr find_model(string_view model, string_view provider) const {
    // "openai/gpt-4o" names its provider itself
    const auto slash = model.find('/');
    if (provider.empty() && slash != string_view::npos) {
      if (auto found = row(model)) return found;
      return find_bare(model.substr(slash + 1), model.substr(0, slash));
    }
    if (!provider.empty() && model.size() > provider.size() && model[provider.size()] == '/' &&
        model.starts_with(provider))
      model.remove_prefix(provider.size() + 1);
    return find_bare(model, provider);
  }

  ModelPricePtr find_bare(string_view model, string_view provider) const {
    if (auto found = either(model, provider)) return found;
    if (is_bedrock(provider) || provider.empty())
      if (auto bare = without_region(model);
          bare != model && (is_bedrock(provider) || bare.find('.') != bare.npos))
        if (auto found = either(bare, "bedrock")) return found;
    if (auto bare = without_tuning(model); bare != model)
      if (auto found = either(bare, provider)) return found;
    if (auto bare = without_version(model); bare != model)
      if (auto found = either(bare, provider)) return found;
    return nullptr;
  }

  /// provider/model, then model; a bare name only when its row is of this provider.
  ModelPricePtr either(string_view model, string_view provider) const {
    if (!provider.empty())
      if (auto found = row(std::string(provider) + "/" + std::string(model))) return found;
    auto found = row(model);
    return found && agrees(found->provider, provider) ? found : nullptr;
  }
};

class BuiltInBook final : public Book {
 public:
  BuiltInBook() {
    auto rest = k_table;
    while (!rest.empty()) {
      const auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line.starts_with("# date ")) date_ = line.substr(7);
      if (!line.starts_with('#') && !line.empty()) lines_.push_back(line);
    }
  }
  std::size_t size() const override { return lines_.size(); }
  string_view date() const override { return date_; }
  void each(const std::function<void(const ModelPrice&)>& visit) const override {
    for (auto line : lines_) visit(*read_line(line));
  }

 private:
  static string_view name_of(string_view line) { return line.substr(0, line.find('\t')); }

  ModelPricePtr row(string_view name) const override {
    auto at = std::lower_bound(lines_.begin(), lines_.end(), name,
                               [](string_view line, string_view wanted) { return name_of(line) < wanted; });
    if (at == lines_.end() || name_of(*at) != name) return nullptr;
    return read_line(*at);
  }

  std::vector<string_view> lines_; ///< sorted by name
  string_view date_;
};

class MapBook final : public Book {
 public:
  using RowMap = std::unordered_map<std::string, ModelPricePtr>;
  MapBook(PriceBookPtr below, RowMap rows) : below_(std::move(below)), rows_(std::move(rows)) {}

  std::size_t size() const override {
    std::size_t count = rows_.size();
    below_->each([&](const ModelPrice& price) { count += rows_.count(price.name) == 0; });
    return count;
  }
  string_view date() const override { return below_->date(); }
  void each(const std::function<void(const ModelPrice&)>& visit) const override {
    for (auto& [name, price] : rows_) visit(*price);
    below_->each([&](const ModelPrice& price) {
      if (rows_.count(price.name) == 0) visit(price);
    });
  }

 private:
  ModelPricePtr row(string_view name) const override {
    auto at = rows_.find(std::string(name));
    return at == rows_.end() ? nullptr : at->second;
  }
  ModelPricePtr below(string_view model, string_view provider, string_view base_model) const override {
    return below_->find(model, provider, base_model);
  }

  PriceBookPtr below_;
  RowMap rows_;
};

/// The map's readable rows; a warning for each that is not.
MapBook::RowMap read_rows(const ValueMap& map, std::vector<std::string>& warnings) {
  MapBook::RowMap rows;
  for (auto& [name, value] : map) {
    if (name == "sample_spec") continue;
    std::string problem;
    auto* entry = value.as_map();
    auto row = entry ? read_entry(name, *entry, nullptr, problem) : nullptr;
    if (!entry) problem = "is not an object";
    if (row && problem.empty())
      rows.emplace(name, std::move(row));
    else
      warnings.push_back("cost map: entry \"" + name + "\" left out: " +
                         (problem.empty() ? "it has no price, no window and no mode" : problem));
  }
  return rows;
}

} // namespace

PriceBookPtr built_in_prices() {
  static const PriceBookPtr book = std::make_shared<BuiltInBook>();
  return book;
}

Result<PriceBookPtr> with_cost_map(PriceBookPtr below, string_view json, std::vector<std::string>& warnings,
                                   double max_shrink) {
  auto parsed = parse_json(json);
  if (!parsed) return Error(Errc::invalid_request, "cost map: " + parsed.error().message);
  auto* map = parsed->as_map();
  if (!map) return Error(Errc::invalid_request, "cost map: not a JSON object");
  auto rows = read_rows(*map, warnings);
  const auto least = static_cast<double>(below->size()) * max_shrink;
  if (static_cast<double>(rows.size()) < least)
    return Error(Errc::invalid_request, "cost map: only " + std::to_string(rows.size()) +
                                            " readable entries where the present one has " +
                                            std::to_string(below->size()) + "; it is kept");
  return PriceBookPtr(std::make_shared<MapBook>(std::move(below), std::move(rows)));
}

} // namespace switchyard
