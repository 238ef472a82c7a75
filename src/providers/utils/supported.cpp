// GET /utils/supported_openai_params: the chat parameters that a row takes. Pure, any thread.
#include "providers/family/family.hpp"
#include "providers/family/target.hpp"
#include "providers/openai/param_rules.hpp"
#include "providers/params.hpp"
#include "providers/resolve.hpp"

#include <switchyard/provider_utils.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

bool openai_takes(const OpenAiTarget& target, string_view param) {
  auto& row = *target.row;
  return !has_word(row.unsupported, param) && !(row.has(k_classic_params) && is_newer_param(param)) &&
         !has_word(family_unsupported(family_of(target, target.model)), param);
}

bool family_takes(const FamilyTarget& target, string_view param) {
  Call call;
  call.model = target.model;
  auto* judge = target.row->family->takes;
  return judge ? judge(target, call, param) : !has_word(target.row->unsupported, param);
}

template <class Takes>
Value listed(Takes&& takes) {
  ValueList out;
  for (auto param : openai_params(Endpoint::chat))
    if (takes(param)) out.push_back(Value(std::string(param)));
  return Value(ValueMap{{"supported_openai_params", Value(std::move(out))}});
}

Value listed_family(const ProviderRow& row, const Resolution& found, string_view model) {
  LitellmParams params; // no credentials are needed to know this, and often none are there
  params.model = model;
  params.api_key = Secret("none");
  auto made =
      make_family_target(row, found.provider, found.model, params, [](string_view) { return std::string(); });
  if (made) return supported_openai_params(**made);
  FamilyTarget bare;
  bare.provider = found.provider, bare.model = found.model, bare.row = &row;
  return listed([&bare](string_view param) { return family_takes(bare, param); });
}

} // namespace

bool takes_param(const Target& target, string_view param) {
  if (target.translator == &family_provider()) return family_takes(as_family(target), param);
  return openai_takes(as_openai(target), param);
}

Value supported_openai_params(const Target& target) {
  return listed([&target](string_view param) { return takes_param(target, param); });
}

Result<Value> supported_openai_params(string_view model) {
  const auto found = resolve(model, "", "");
  auto* row = found.provider.empty() ? nullptr : find_row(found.provider);
  if (!row) return Error(Errc::bad_request, "Could not map model=" + std::string(model));
  if (row->family) return listed_family(*row, found, model);
  OpenAiTarget target;
  target.provider = found.provider, target.model = found.model, target.row = row;
  return supported_openai_params(target);
}

} // namespace switchyard::providers
