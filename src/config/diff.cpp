// What a reload changes, in lines for the log. Main thread. Must never show a secret.
#include "config/keys.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/config_loader.hpp>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace switchyard::config {
namespace {

constexpr std::size_t k_shown = 200;

bool contains_any(std::string_view text, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

/// By the table where the key is in it, else by its name.
bool is_secret(std::string_view key) {
  for (const Section& section : sections())
    if (const Key* row = find_key(section.keys, key); row && row->name == key && row->type != Type::any)
      return row->type == Type::secret;
  const auto name = lower_case(key);
  constexpr std::array<std::string_view, 7> k_words{"secret",        "password", "credential", "_key",
                                                    "authorization", "webhook",  "apikey"};
  return name == "key" || name.ends_with("token") || contains_any(name, k_words);
}

/// Mappings whose members have names of the user's choosing and may all be secret.
bool holds_secrets(std::string_view key) {
  constexpr std::array<std::string_view, 5> k_holders{"environment_variables", "extra_headers", "headers",
                                                      "extra_body", "credential_values"};
  return std::find(k_holders.begin(), k_holders.end(), key) != k_holders.end();
}

bool has_url_credentials(const std::string& text) {
  const auto scheme = text.find("://");
  return scheme != std::string::npos && text.find('@', scheme) != std::string::npos;
}

Value masked(const Value& value, bool secret) {
  if (const ValueMap* map = value.as_map()) {
    ValueMap out;
    for (const auto& [key, member] : *map)
      out.emplace_back(key, masked(member, secret || is_secret(key) || holds_secrets(key)));
    return Value(std::move(out));
  }
  if (const ValueList* list = value.as_list()) {
    ValueList out;
    for (const Value& item : *list) out.push_back(masked(item, secret));
    return Value(std::move(out));
  }
  const std::string* text = value.as_string();
  const bool hide = !value.is_null() && (secret || (text && has_url_credentials(*text)));
  return hide ? Value(std::string("***")) : value;
}

std::string shown(const Value* value, bool secret, std::string_view fallback) {
  if (!value || value->is_null()) return secret || fallback.empty() ? "(not set)" : std::string(fallback);
  const Value safe = masked(*value, secret);
  std::string text = safe.as_string() ? *safe.as_string() : to_json(safe);
  if (text.size() > k_shown) text.replace(k_shown, std::string::npos, "...");
  return text;
}

struct Diff {
  std::vector<std::string> lines;

  void value(const std::string& path, const Value* old, const Value* next, bool secret,
             std::string_view fallback) {
    const std::string before = old ? to_json(*old) : "null", after = next ? to_json(*next) : "null";
    if (before == after) return;
    std::string left = shown(old, secret, fallback), right = shown(next, secret, fallback);
    if (left == right)
      lines.push_back(path + ": changed (not shown)");
    else
      lines.push_back(path + ": " + left + " -> " + right);
  }

  /// Members of two mappings, each on a line of its own.
  void members(const std::string& path, const Value* old, const Value* next, std::span<const Key> keys,
               bool secret) {
    static const ValueMap k_none;
    const ValueMap& before = old && old->as_map() ? *old->as_map() : k_none;
    const ValueMap& after = next && next->as_map() ? *next->as_map() : k_none;
    const auto compare = [&](const std::string& name) {
      const Key* key = find_key(keys, name);
      value(path + "." + name, old ? old->find(name) : nullptr, next ? next->find(name) : nullptr,
            secret || is_secret(name) || holds_secrets(name), key ? key->fallback : std::string_view());
    };
    for (const auto& member : after) compare(member.first);
    for (const auto& member : before)
      if (!next || !next->find(member.first)) compare(member.first);
  }

  void rows(const std::vector<ModelRow>& old, const std::vector<ModelRow>& next) {
    std::unordered_map<std::string_view, const ModelRow*> before;
    std::unordered_set<std::string_view> kept;
    for (const ModelRow& row : old) before.emplace(row.id, &row);
    for (const ModelRow& row : next) {
      const std::string name = "model " + row.model_name + ": row " + row.id;
      const auto found = before.find(row.id);
      kept.insert(row.id);
      if (found == before.end()) {
        lines.push_back(name + " added");
        continue;
      }
      const ModelRow& was = *found->second;
      if (was.model_name != row.model_name) lines.push_back(name + " was of model " + was.model_name);
      const Value old_params(was.params.raw), new_params(row.params.raw);
      members(name + ": litellm_params", &old_params, &new_params, litellm_params_keys(), false);
      const Value old_info(was.model_info), new_info(row.model_info);
      members(name + ": model_info", &old_info, &new_info, model_info_keys(), false);
    }
    for (const ModelRow& row : old)
      if (!kept.contains(row.id)) lines.push_back("model " + row.model_name + ": row " + row.id + " removed");
  }
};

/// The ids of `rows` that `others` has too, in order: which row is first matters to patterns and defaults.
std::vector<std::string_view> common_ids(const std::vector<ModelRow>& rows,
                                         const std::vector<ModelRow>& others) {
  std::unordered_set<std::string_view> known;
  for (const ModelRow& row : others) known.insert(row.id);
  std::vector<std::string_view> out;
  for (const ModelRow& row : rows)
    if (known.contains(row.id)) out.push_back(row.id);
  return out;
}

bool is_section(const Value* value) { return value && value->as_map(); }

} // namespace

std::vector<std::string> diff(const Config& old, const Config& next) {
  Diff out;
  out.rows(old.models, next.models);
  if (common_ids(old.models, next.models) != common_ids(next.models, old.models))
    out.lines.push_back("model_list: the order of the rows changed");
  std::vector<std::string> names;
  for (const Config* config : {&next, &old})
    if (const ValueMap* map = config->document.as_map())
      for (const auto& member : *map)
        if (std::find(names.begin(), names.end(), member.first) == names.end()) names.push_back(member.first);
  for (const std::string& name : names) {
    if (name == "model_list") continue;
    const Value* before = old.document.find(name);
    const Value* after = next.document.find(name);
    const auto all = sections();
    const auto section =
        std::find_if(all.begin(), all.end(), [&](const Section& s) { return s.name == name; });
    const auto keys = section == all.end() ? std::span<const Key>() : section->keys;
    if (is_section(before) || is_section(after))
      out.members(name, before, after, keys, holds_secrets(name));
    else
      out.value(name, before, after, is_secret(name), {});
  }
  return std::move(out.lines);
}

} // namespace switchyard::config
