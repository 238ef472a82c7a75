// Table of keys against document. Main thread.
#include "config/apply.hpp"

namespace switchyard::config {
namespace {
constexpr std::size_t k_sites_shown = 3;
}

void Unbuilt::add(const std::string& path, Place place, const std::string& site) {
  Uses& uses = uses_[path];
  if (uses.first.line == 0) uses.first = place;
  if (!site.empty()) uses.sites.push_back(site);
}

void Unbuilt::report(Report& report) const {
  for (const auto& [path, uses] : uses_) {
    std::string line = path + " is accepted but not built yet: it has no effect";
    for (std::size_t i = 0; i < std::min(uses.sites.size(), k_sites_shown); ++i)
      line += (i ? ", " : " (") + uses.sites[i];
    if (uses.sites.size() > k_sites_shown)
      line += " and " + std::to_string(uses.sites.size() - k_sites_shown) + " more";
    if (!uses.sites.empty()) line += ")";
    report.warn(uses.first, "", line);
  }
}

Problem apply_key(const Key& key, const Value& value, Target& target) {
  if (value.is_null() || !key.set) return {};
  if (key.type == Type::seconds)
    if (Problem problem = valid_seconds(value); !problem.empty()) return problem;
  if (key.check)
    if (Problem problem = key.check(value); !problem.empty()) return problem;
  return key.set(value, target);
}

bool asks_for_something(const Key& key, const Value& value) {
  if (value.is_null()) return false;
  bool on = false;
  if (key.type == Type::flag && read(value, on).empty()) return on != (key.fallback == "true");
  if (const std::string* text = value.as_string()) return !text->empty() && *text != key.fallback;
  if (const ValueList* list = value.as_list()) return !list->empty();
  if (const ValueMap* map = value.as_map()) return !map->empty();
  if (const bool* flag = value.as_bool()) return *flag != (key.fallback == "true");
  return to_json(value) != key.fallback;
}

std::string unknown_key(std::span<const Key> keys, std::string_view name) {
  const std::string_view closest = closest_key(keys, name);
  std::string out = "unknown key, ignored";
  if (!closest.empty()) out.append("; did you mean ").append(closest).append("?");
  return out;
}

void flush_notes(Target& target, Place place, std::string_view path, Report& report) {
  for (const std::string& note : target.notes) report.warn(place, path, note);
  target.notes.clear();
}

void apply_section(std::string_view path, const Value& section, std::span<const Key> keys, Target& target,
                   Unbuilt& unbuilt, Report& report) {
  for (const auto& [name, value] : *section.as_map()) {
    const std::string full = path.empty() ? name : std::string(path) + "." + name;
    const Key* key = find_key(keys, name);
    if (!key) {
      report.warn(value.place(), full, unknown_key(keys, name));
    } else {
      if (!key->built() && asks_for_something(*key, value)) unbuilt.add(full, value.place(), "");
      if (Problem problem = apply_key(*key, value, target); !problem.empty())
        report.error(value.place(), full, problem);
      flush_notes(target, value.place(), full, report);
    }
  }
}

} // namespace switchyard::config
