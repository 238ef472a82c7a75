// What a model's name says about its parameters, and how names are spelt upstream. Pure, any thread.
#include "providers/openai/target.hpp"

#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

bool is_o_series(string_view model) {
  static constexpr std::array k_names{string_view("o1"), string_view("o3"), string_view("o4")};
  for (auto name : k_names)
    if (model == name || (model.starts_with(name) && model[name.size()] == '-')) return true;
  return false;
}

ModelFamily gpt5_family(string_view model) {
  constexpr string_view k_gpt5 = "gpt-5";
  if (!model.starts_with(k_gpt5) || model.find("-chat") != string_view::npos) return ModelFamily::plain;
  // From 5.1 on sampling parameters are allowed while the model does not reason.
  return model.size() > k_gpt5.size() && model[k_gpt5.size()] == '.' ? ModelFamily::gpt5_sampling
                                                                     : ModelFamily::gpt5;
}

/// user.app.model -> https://clarifai.com/user/app/models/model
std::string clarifai_url(string_view model) {
  auto first = model.find('.');
  auto second = first == string_view::npos ? first : model.find('.', first + 1);
  if (second == string_view::npos) return std::string(model);
  std::string url = "https://clarifai.com/";
  url.append(model.substr(0, first)).append("/").append(model.substr(first + 1, second - first - 1));
  return url.append("/models/").append(model.substr(second + 1));
}

} // namespace

ModelFamily family_of(const OpenAiTarget& target, string_view model) noexcept {
  if (target.forced_family) return *target.forced_family;
  if (!target.row->has(k_reasoning_models)) return ModelFamily::plain;
  if (auto slash = model.rfind('/'); slash != string_view::npos) model.remove_prefix(slash + 1);
  return is_o_series(model) ? ModelFamily::o_series : gpt5_family(model);
}

std::string exception_label(string_view provider) {
  if (provider == "openai") return "OpenAI";
  if (provider == "azure" || provider == "azure_text") return "Azure";
  std::string label(provider);
  if (!label.empty() && label[0] >= 'a' && label[0] <= 'z') label[0] = static_cast<char>(label[0] - 32);
  return label;
}

std::string upstream_model(const ProviderRow& row, string_view model) {
  if (row.has(k_clarifai_model)) return clarifai_url(model);
  if (row.has(k_ragflow_path)) return std::string(model.substr(model.rfind('/') + 1));
  if (row.has(k_model_prefix) && model.find('/') == string_view::npos)
    return std::string(row.model_prefix) + std::string(model);
  return std::string(model);
}

} // namespace switchyard::providers
