// One row of model_list at a time: checks, credentials, defaults, environments, organizations. Main thread.
#include "config/model_rows.hpp"

#include "config/python_text.hpp"

#include <algorithm>
#include <array>

namespace switchyard::config {
namespace {

/// Default request parameters that are no misspelling, however close they come to a key of ours.
constexpr std::string_view k_request_params[] = {"temperature",
                                                 "top_p",
                                                 "top_k",
                                                 "n",
                                                 "stop",
                                                 "seed",
                                                 "user",
                                                 "tools",
                                                 "store",
                                                 "stream",
                                                 "voice",
                                                 "input",
                                                 "max_tokens",
                                                 "max_completion_tokens",
                                                 "metadata",
                                                 "modalities",
                                                 "logprobs",
                                                 "top_logprobs",
                                                 "logit_bias",
                                                 "presence_penalty",
                                                 "frequency_penalty",
                                                 "response_format",
                                                 "tool_choice",
                                                 "functions",
                                                 "function_call",
                                                 "reasoning_effort",
                                                 "service_tier",
                                                 "stream_options",
                                                 "dimensions",
                                                 "encoding_format",
                                                 "size",
                                                 "quality",
                                                 "thinking",
                                                 "messages",
                                                 "prompt",
                                                 "language",
                                                 "cache",
                                                 "fallbacks",
                                                 "ssl_verify",
                                                 "model_name"};

struct Row {
  const std::string& path;
  const Value& item;
  ModelRow out;
  ValueMap params; ///< as written, then completed
  std::vector<std::string> organizations;
  std::vector<std::pair<Place, std::string>> problems;
  bool active = true;

  void problem(Place place, const std::string& field, const std::string& what) {
    problems.emplace_back(place, path + "." + field + ": " + what);
  }
};

const Value* find_member(const ValueMap& map, std::string_view key) {
  const auto found =
      std::find_if(map.begin(), map.end(), [&](const auto& member) { return member.first == key; });
  return found == map.end() ? nullptr : &found->second;
}

/// What is written wins; null counts as not written.
void add_missing(ValueMap& into, const std::string& key, const Value& value) {
  const auto found =
      std::find_if(into.begin(), into.end(), [&](const auto& member) { return member.first == key; });
  if (found == into.end())
    into.emplace_back(key, value);
  else if (found->second.is_null())
    found->second = value;
}

void add_all_missing(ValueMap& into, const Value* from) {
  if (!from || !from->as_map()) return;
  for (const auto& [key, value] : *from->as_map()) add_missing(into, key, value);
}

void read_identity(Row& row) {
  const Value* name = row.item.find("model_name");
  if (!name || name->is_null())
    row.problem(row.item.place(), "model_name", "is missing");
  else if (Problem problem = read(*name, row.out.model_name); !problem.empty())
    row.problem(name->place(), "model_name", problem);
  const Value* params = row.item.find("litellm_params");
  if (params && params->as_map())
    row.params = *params->as_map();
  else if (params && !params->is_null())
    row.problem(params->place(), "litellm_params", expected("a mapping", *params));
  const Value* model = find_member(row.params, "model");
  if (!model || model->is_null() || (model->as_string() && model->as_string()->empty()))
    row.problem(params ? params->place() : row.item.place(), "litellm_params.model", "is missing");
}

void add_credentials(Row& row, RowContext& context) {
  const Value* name = find_member(row.params, "litellm_credential_name");
  if (!name || name->is_null()) return;
  const Value* list = context.document.find("credential_list");
  const std::string wanted = python_str(*name);
  static const ValueList k_none;
  for (const Value& credential : list && list->as_list() ? *list->as_list() : k_none) {
    const Value* own = credential.find("credential_name");
    if (!own || python_str(*own) != wanted) continue;
    return add_all_missing(row.params, credential.find("credential_values"));
  }
  context.report.warn(name->place(), row.path + ".litellm_params.litellm_credential_name",
                      "\"" + wanted + "\" is not in credential_list");
}

/// litellm_settings.api_base and its like, globals of LiteLLM's SDK: for rows of those providers that have no
/// address of their own, or are asked for one by LiteLLM only after the global.
void add_globals(Row& row, const Value* settings) {
  constexpr std::string_view k_providers[] = {
      "",          "openai",     "custom_openai", "text-completion-openai",
      "azure",     "cohere",     "cohere_chat",   "azure_text",
      "anthropic", "ollama",     "ollama_chat",   "huggingface",
      "replicate", "openai_like"};
  if (!settings) return;
  std::string provider;
  if (const Value* model = find_member(row.params, "model"); model && model->as_string())
    provider = model->as_string()->substr(0, model->as_string()->find('/'));
  if (const Value* model = find_member(row.params, "model"); model && provider == python_str(*model))
    provider.clear(); // a bare name
  if (const Value* named = find_member(row.params, "custom_llm_provider"); named && named->as_string())
    provider = *named->as_string();
  if (std::find(std::begin(k_providers), std::end(k_providers), provider) == std::end(k_providers)) return;
  for (const char* key : {"api_base", "api_version", "api_key", "organization"})
    if (const Value* value = settings->find(key); value && !value->is_null())
      if (std::string_view(key) != "api_base" || !find_member(row.params, "base_url"))
        add_missing(row.params, key, *value);
}

void complete_params(Row& row, RowContext& context) {
  add_credentials(row, context);
  add_globals(row, context.document.find("litellm_settings"));
  const Value* router = context.document.find("router_settings");
  add_all_missing(row.params, router ? router->find("default_litellm_params") : nullptr);
  for (const char* limit : {"rpm", "tpm", "itpm", "otpm"})
    if (const Value* value = row.item.find(limit); value && !value->is_null())
      add_missing(row.params, limit, *value);
}

void take_organizations(Row& row) {
  const auto found = std::find_if(row.params.begin(), row.params.end(),
                                  [](const auto& member) { return member.first == "organization"; });
  if (found == row.params.end() || !found->second.as_list()) return;
  if (Problem problem = read(found->second, row.organizations); !problem.empty())
    row.problem(found->second.place(), "litellm_params.organization", problem);
  row.params.erase(found);
}

void add_default_param(Row& row, const std::string& key, const Value& value, Report& report) {
  row.out.params.defaults.push_back({key, to_json(value)});
  const auto& known = k_request_params;
  if (std::find(std::begin(known), std::end(known), key) != std::end(known)) return;
  constexpr std::size_t k_typo = 2;
  const std::string_view closest = closest_key(litellm_params_keys(), key);
  if (closest.empty() || edit_distance(closest, key) > k_typo) return;
  report.warn(value.place(), row.path + ".litellm_params." + key,
              "is sent to the provider as a request parameter; did you mean " + std::string(closest) + "?");
}

/// litellm_settings.enable_azure_ad_token_refresh is the default of the rows' own.
void share_azure_refresh(Row& row, const LitellmSettings& settings) {
  constexpr std::string_view k_key = "enable_azure_ad_token_refresh";
  auto& params = row.out.params;
  auto named = [&](const auto& item) { return item.first == k_key; };
  if (!settings.enable_azure_ad_token_refresh || std::any_of(params.raw.begin(), params.raw.end(), named))
    return;
  if (params.custom_llm_provider.starts_with("azure") || params.model.starts_with("azure"))
    params.raw.emplace_back(k_key, Value(true));
}

void apply_params(Row& row, RowContext& context) {
  context.target.row = &row.out;
  for (const auto& [name, value] : row.params) {
    if (value.is_null()) continue;
    const Key* key = find_key(litellm_params_keys(), name);
    if (key && !key->built() && asks_for_something(*key, value))
      context.unbuilt.add("litellm_params." + name, value.place(), row.path);
    if (!key) {
      add_default_param(row, name, value, context.report);
    } else if (!key->set) {
      row.out.params.known_unbuilt.push_back({name, to_json(value)});
    } else if (Problem problem = apply_key(*key, value, context.target); !problem.empty()) {
      row.problem(value.place(), "litellm_params." + name, problem);
    }
    flush_notes(context.target, value.place(), row.path + ".litellm_params." + name, context.report);
  }
  context.target.row = nullptr;
  row.out.params.raw = row.params;
  share_azure_refresh(row, context.target.config->litellm);
}

void check_environments(Row& row, const Value& value, RowContext& context) {
  constexpr std::array<std::string_view, 3> k_known{"development", "staging", "production"};
  const auto is_known = [&](const std::string& name) {
    return std::find(k_known.begin(), k_known.end(), name) != k_known.end();
  };
  std::vector<std::string> supported;
  Problem problem = read(value, supported);
  for (const std::string& name : supported)
    if (!is_known(name)) problem = "\"" + name + "\" is not development, staging or production";
  const std::string current = context.variables.get("LITELLM_ENVIRONMENT").value_or("");
  if (problem.empty() && !is_known(current))
    problem = "needs LITELLM_ENVIRONMENT to be development, staging or production";
  if (!problem.empty()) return row.problem(value.place(), "model_info.supported_environments", problem);
  row.active = std::find(supported.begin(), supported.end(), current) != supported.end();
}

template <class T>
void read_info(Row& row, const char* key, T& out) {
  const Value* value = find_member(row.out.model_info, key);
  if (!value || value->is_null()) return;
  if (Problem problem = read(*value, out); !problem.empty())
    row.problem(value->place(), std::string("model_info.") + key, problem);
}

void read_health(Row& row) {
  auto& health = row.out.health;
  bool disabled = false;
  const Value* reasons = find_member(row.out.model_info, "supports_reasoning");
  const bool reasoning = reasons && reasons->as_bool() && *reasons->as_bool();
  read_info(row, "health_check_model", health.model);
  read_info(row, "health_check_voice", health.voice);
  read_info(row, "health_check_timeout", health.timeout);
  read_info(row, reasoning ? "health_check_max_tokens_reasoning" : "health_check_max_tokens_non_reasoning",
            health.max_tokens);
  read_info(row, "health_check_max_tokens", health.max_tokens);
  read_info(row, "disable_background_health_check", disabled);
  health.in_background = !disabled;
  if (health.timeout && !(*health.timeout > 0)) health.timeout.reset(); // as Python's `timeout or default`
}

void apply_info(Row& row, const std::string& recipe_id, RowContext& context) {
  const Value* written = row.item.find("model_info");
  if (written && !written->is_null() && !written->as_map())
    row.problem(written->place(), "model_info", expected("a mapping", *written));
  add_all_missing(row.out.model_info, written);
  add_all_missing(row.out.model_info, find_member(row.params, "model_info"));
  for (const auto& [name, value] : row.params) // prices of a row are facts about its model, as in LiteLLM
    if (name.find("_cost") != std::string::npos) add_missing(row.out.model_info, name, value);
  if (const Value* base = find_member(row.params, "base_model"))
    add_missing(row.out.model_info, "base_model", *base);
  for (const auto& [name, value] : row.out.model_info) {
    const Key* key = find_key(model_info_keys(), name);
    if (key && !key->built() && asks_for_something(*key, value))
      context.unbuilt.add("model_info." + name, value.place(), row.path);
  }
  read_info(row, "mode", row.out.mode);
  read_info(row, "base_model", row.out.base_model);
  read_info(row, "id", row.out.id);
  read_info(row, "team_id", row.out.team_id);
  read_info(row, "team_public_model_name", row.out.team_public_name);
  read_info(row, "max_input_tokens", row.out.max_input_tokens);
  read_health(row);
  read_info(row, "input_cost_per_token", row.out.params.input_cost_per_token);
  read_info(row, "output_cost_per_token", row.out.params.output_cost_per_token);
  if (row.out.id.empty()) row.out.id = recipe_id;
  const Value* environments = find_member(row.out.model_info, "supported_environments");
  if (environments && !environments->is_null()) check_environments(row, *environments, context);
  bool blocked = false;
  read_info(row, "blocked", blocked);
  row.active = row.active && !blocked;
}

void warn_row_keys(const Row& row, RowContext& context) {
  for (const auto& [name, value] : *row.item.as_map()) {
    if (find_key(model_row_keys(), name)) continue;
    const std::string closest(closest_key(model_row_keys(), name));
    const bool is_param = closest.empty() && find_key(litellm_params_keys(), name);
    context.report.warn(value.place(), row.path + "." + name,
                        is_param ? "ignored here; it belongs under litellm_params"
                                 : unknown_key(model_row_keys(), name));
  }
}

void set_id(ModelRow& row, std::string id) {
  row.id = std::move(id);
  const auto found = std::find_if(row.model_info.begin(), row.model_info.end(),
                                  [](const auto& member) { return member.first == "id"; });
  if (found != row.model_info.end()) {
    found->second.data() = row.id;
    return;
  }
  auto& added = row.model_info.emplace_back();
  added.first = "id", added.second.data() = row.id;
}

void finish(Row& row, std::vector<ModelRow>& models) {
  if (row.organizations.empty()) {
    set_id(row.out, row.out.id);
    models.push_back(std::move(row.out));
    return;
  }
  for (const std::string& organization : row.organizations) {
    ModelRow copy = row.out;
    copy.params.organization = organization;
    auto& added = copy.params.raw.emplace_back();
    added.first = "organization", added.second.data() = organization;
    set_id(copy, sha256_hex(row.out.id + organization)); // LiteLLM lets them share one id, and mixes them up
    models.push_back(std::move(copy));
  }
}

} // namespace

void add_model_row(RowContext& context, const Value& item, const std::string& path) {
  Row row{path, item, {}, {}, {}, {}, true};
  row.out.place = item.place();
  if (!item.as_map()) {
    row.problems.emplace_back(item.place(), path + ": " + expected("a mapping", item));
  } else {
    read_identity(row);
    const std::string recipe_id = deployment_id(row.out.model_name, row.params);
    complete_params(row, context);
    take_organizations(row);
    apply_params(row, context);
    apply_info(row, recipe_id, context);
    warn_row_keys(row, context);
  }
  for (const auto& [place, what] : row.problems)
    if (context.target.drop_bad_rows)
      context.report.warn(place, "", what + " (the row is skipped)");
    else
      context.report.error(place, "", what);
  if (row.problems.empty() && row.active) finish(row, context.target.config->models);
}

void add_model_rows(RowContext& context) {
  const Value* list = context.document.find("model_list");
  const ValueList* rows = list ? list->as_list() : nullptr;
  for (std::size_t i = 0; rows && i < rows->size(); ++i)
    add_model_row(context, (*rows)[i], "model_list[" + std::to_string(i) + "]");
}

} // namespace switchyard::config
