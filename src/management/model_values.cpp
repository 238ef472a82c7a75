// Parameters and credentials of database models: sealed at rest, masked in answers. Store threads.
#include "management/audit.hpp"
#include "management/models.hpp"

namespace switchyard::management {
namespace {

Secret material(const Call& call) {
  return at_rest::key_material(*call.config->plane, call.config->general.master_key);
}

} // namespace

Out<ValueMap> seal(const Call& call, const ValueMap& values) {
  const Secret key = material(call);
  const auto format = at_rest::format_of(call.config->plane->encryption_algorithm);
  ValueMap out;
  for (const auto& [name, value] : values) {
    if (!value.as_string()) {
      out.emplace_back(name, value);
      continue;
    }
    auto sealed = at_rest::encrypt(*value.as_string(), key, format);
    if (!sealed) return refuse(500, sealed.error().message);
    out.emplace_back(name, Value(std::move(*sealed)));
  }
  return out;
}

ValueMap unseal(const Call& call, const ValueMap& sealed) {
  const Secret key = material(call);
  ValueMap out;
  for (const auto& [name, value] : sealed) {
    if (!value.as_string()) {
      out.emplace_back(name, value);
      continue;
    }
    auto opened = at_rest::decrypt(*value.as_string(), key);
    if (opened)
      out.emplace_back(name, Value(std::move(*opened)));
    else if (opened.error().code == Errc::bad_request)
      out.emplace_back(name, value);
  }
  return out;
}

Value masked_value(std::string_view text) {
  constexpr std::size_t k_shown = 4;
  if (text.size() < 3 * k_shown) return text_value("****");
  return text_value(std::string(text.substr(0, k_shown)) + "****" +
                    std::string(text.substr(text.size() - k_shown)));
}

ValueMap masked_all(const ValueMap& values) {
  ValueMap out;
  for (const auto& [name, value] : values)
    out.emplace_back(name, value.as_string() ? masked_value(*value.as_string()) : without_secrets(value));
  return out;
}

Reply not_in_db() {
  return refuse(500, "{'error': \"Set `'STORE_MODEL_IN_DB='True'` in your env to enable this feature.\"}",
                "auth_error");
}

bool stores_models(const Call& call) { return call.config->plane->store_model_in_db; }

} // namespace switchyard::management
