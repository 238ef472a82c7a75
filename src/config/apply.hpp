// Walks a section of the document along the table of keys. Main thread.
#pragma once

#include "config/keys.hpp"

#include <map>
#include <string>
#include <vector>

namespace switchyard::config {

/// Keys whose feature is not built, gathered so that each is named once however many rows use it.
class Unbuilt {
 public:
  void add(const std::string& path, Place place, const std::string& site);
  void report(Report& report) const;

 private:
  struct Uses {
    Place first;
    std::vector<std::string> sites;
  };
  std::map<std::string, Uses> uses_;
};

/// Checks and sets one value; null means "not given".
Problem apply_key(const Key& key, const Value& value, Target& target);
/// False for values that ask for nothing (false, null, empty, the default): no warning for those.
bool asks_for_something(const Key& key, const Value& value);
/// "unknown key; did you mean ...?"
std::string unknown_key(std::span<const Key> keys, std::string_view name);

/// Every member of `section`: unknown and unbuilt keys warn, bad values are errors.
void apply_section(std::string_view path, const Value& section, std::span<const Key> keys, Target& target,
                   Unbuilt& unbuilt, Report& report);

/// Moves the setter's remarks into the report.
void flush_notes(Target& target, Place place, std::string_view path, Report& report);

} // namespace switchyard::config
