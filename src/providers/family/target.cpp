// Makes the target of an own-format deployment: what every family needs, then the family's own part. Start-up
// only.
#include "providers/family/target.hpp"

#include "providers/openai/head.hpp"
#include "providers/params.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

void fill_policy(FamilyTarget& target, const LitellmParams& params) {
  for (auto& item : params.defaults)
    if (item.json != "null" && !is_gateway_param(item.name) && item.name != "model")
      target.defaults.push_back(item);
  target.extra_body = params.extra_body;
  for (auto& name : params.additional_drop_params)
    (name.find_first_of(".[") == std::string::npos ? target.drop_names : target.drop_paths).push_back(name);
  target.allowed = params.allowed_openai_params;
  target.drop_params = params.drop_params;
  target.settings = params.raw;
}

void add_auth(FamilyTarget& target) {
  if (target.key.empty()) return;
  const std::string key(target.key.reveal());
  switch (target.row->auth) {
  case Auth::bearer:
    target.lines.push_back({"Authorization", "Bearer " + key, true});
    break;
  case Auth::api_key_header:
    target.lines.push_back({"api-key", key, true});
    break;
  case Auth::key_scheme:
    target.lines.push_back({"Authorization", "Key " + key, true});
    break;
  case Auth::token_scheme:
    target.lines.push_back({"Authorization", "Token " + key, true});
    break;
  case Auth::own_header:
  case Auth::none:
    break;
  }
}

Result<void> add_extra_headers(FamilyTarget& target, const LitellmParams& params) {
  for (auto& header : params.extra_headers) {
    if (is_framing(header.name)) continue;
    for (auto text : {string_view(header.name), string_view(header.value)})
      if (std::any_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\t'; }))
        return config_error("extra_headers", "extra_headers: '" + std::string(header.name) +
                                                 "' has a line break or a control character");
    target.lines.push_back({std::string(header.name), std::string(header.value), looks_secret(header.name)});
  }
  return {};
}

Result<void> find_base(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  auto text = params.api_base;
  if (text.empty()) text = first_env(target.row->base_env, env);
  if (text.empty()) text = target.row->base_url;
  if (text.empty()) return {}; // the family may know it
  auto base = parse_base_url(text);
  if (!base) return base.error();
  target.base = std::move(*base);
  return {};
}

} // namespace

std::string setting(const FamilyTarget& target, string_view key) {
  for (auto& [name, value] : target.settings) {
    if (name != key || value.is_null()) continue;
    auto* text = value.as_string();
    return text ? *text : to_json(value);
  }
  return {};
}

bool drops_params(const FamilyTarget& target, const Call& call) {
  return target.drop_params.value_or(call.drop_params);
}

bool modifies_params(const FamilyTarget& target, const Call& call) {
  auto said = [](std::string_view text) { return text == "true" || text == "True" || text == "1"; };
  auto* asked = call.json ? call.json->find("modify_params") : nullptr;
  if (asked) return said(call.json->raw(*asked));
  const auto own = setting(target, "modify_params");
  return own.empty() ? call.modify_params : said(own);
}

std::string first_env(string_view names, EnvLookup env) {
  std::string found;
  any_word(names, [&](string_view name) { return !(found = env(name)).empty(); });
  return found;
}

Error config_error(string_view field, std::string message) {
  Error error;
  error.code = Errc::config;
  error.extra().param = field;
  error.message = std::move(message);
  return error;
}

Result<std::shared_ptr<FamilyTarget>> make_family_target(const ProviderRow& row, string_view provider,
                                                         string_view model, const LitellmParams& params,
                                                         EnvLookup env) {
  auto target = std::make_shared<FamilyTarget>();
  target->provider = provider, target->model = model, target->row = &row;
  target->translator = &family_provider();
  fill_policy(*target, params);
  if (auto done = find_base(*target, params, env); !done) return done.error();
  target->key = params.api_key;
  if (target->key.empty()) target->key = Secret(first_env(row.key_env, env));
  if (target->key.empty()) target->key = Secret(std::string(row.default_key));
  add_auth(*target);
  if (row.family->prepare)
    if (auto done = row.family->prepare(*target, params, env); !done) return done.error();
  if (target->base.origin.host.empty())
    return config_error("api_base", "api_base is missing: provider '" + target->provider +
                                        "' has no default, set litellm_params.api_base");
  if (auto done = add_extra_headers(*target, params); !done) return done.error();
  target->api_base_public = target->base.public_url;
  return target;
}

} // namespace switchyard::providers
