// Environment references and old forms of a document. Main thread; changes the tree only.
#include "config/document.hpp"

#include "config/python_text.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <cctype>

namespace switchyard::config {
namespace {

constexpr std::string_view k_reference = "os.environ/";
constexpr std::size_t k_sites_shown = 3;

struct Unset {
  Place first;
  std::vector<std::string> sites;
};
using UnsetUses = std::map<std::string, Unset>;

std::optional<bool> as_flag(std::string_view text) {
  if (same_text(text, "true")) return true;
  if (same_text(text, "false")) return false;
  return std::nullopt;
}

void resolve_scalar(Value& value, const std::string& path, const Variables& variables, UnsetUses& unset) {
  const std::string* text = value.as_string();
  if (!text || !text->starts_with(k_reference)) return;
  const std::string name = text->substr(k_reference.size());
  const auto found = variables.get(name);
  const Place place = value.place();
  if (!found) {
    Unset& use = unset[name];
    if (use.sites.empty()) use.first = place;
    use.sites.push_back(path);
    value = Value({}, place);
  } else if (const auto flag = as_flag(*found)) {
    value = Value(*flag, place);
  } else {
    value = Value(*found, place);
  }
}

void resolve_tree(Value& value, std::string& path, const Variables& variables, UnsetUses& unset) {
  const std::size_t length = path.size();
  if (auto* map = std::get_if<ValueMap>(&value.data())) {
    for (auto& [key, member] : *map) {
      path.append(length ? "." : "").append(key);
      resolve_tree(member, path, variables, unset);
      path.resize(length);
    }
  } else if (auto* list = std::get_if<ValueList>(&value.data())) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      path.append("[").append(std::to_string(i)).append("]");
      resolve_tree((*list)[i], path, variables, unset);
      path.resize(length);
    }
  } else {
    resolve_scalar(value, path, variables, unset);
  }
}

} // namespace

std::optional<std::string> Variables::get(const std::string& name) const {
  if (const auto own = own_.find(name); own != own_.end()) return own->second;
  return environment_.get(name);
}

void Variables::publish() const {
  for (const auto& [name, value] : own_)
    if (environment_.get(name) != value) environment_.set(name, value);
}

void take_environment_variables(const Value& document, Variables& variables, Report& report) {
  const Value* section = document.find("environment_variables");
  const ValueMap* map = section ? section->as_map() : nullptr;
  if (!map) return;
  for (const auto& [name, written] : *map) {
    const std::string path = "environment_variables." + name;
    if (name.empty() || name.find('=') != std::string::npos) {
      report.error(written.place(), path, "not a name for an environment variable");
      continue;
    }
    Value value = written;
    UnsetUses unset; // warned about by resolve_references, which sees the same value
    resolve_scalar(value, path, variables, unset);
    if (value.as_map() || value.as_list())
      report.error(value.place(), path, "expected a string");
    else if (!value.is_null())
      variables.set(name, python_str(value));
  }
}

void resolve_references(Value& document, const Variables& variables, Report& report) {
  UnsetUses unset;
  std::string path;
  resolve_tree(document, path, variables, unset);
  for (const auto& [name, use] : unset) {
    std::string sites;
    for (std::size_t i = 0; i < std::min(use.sites.size(), k_sites_shown); ++i)
      sites += (i ? ", " : "") + use.sites[i];
    if (use.sites.size() > k_sites_shown)
      sites += " and " + std::to_string(use.sites.size() - k_sites_shown) + " more";
    // A gateway whose key went missing must not come up open to everybody.
    if (std::find(use.sites.begin(), use.sites.end(), "general_settings.master_key") != use.sites.end())
      report.error(use.first, "general_settings.master_key",
                   "environment variable " + name +
                       " is not set; set it, or remove the key to run without one");
    report.warn(use.first, "", "environment variable " + name + " is not set: null is used for " + sites);
  }
}

void modernise(Value& document) {
  auto* top = std::get_if<ValueMap>(&document.data());
  if (!top) return;
  for (auto& [name, section] : *top) {
    auto* settings = std::get_if<ValueMap>(&section.data());
    if (name != "litellm_settings" || !settings) continue;
    for (auto& [key, value] : *settings) {
      if (key != "cache" || !value.as_map()) continue;
      const Place place = value.place();
      Value params = std::exchange(value, Value(true, place));
      if (!section.find("cache_params")) settings->emplace_back("cache_params", std::move(params));
      return;
    }
  }
}

} // namespace switchyard::config
