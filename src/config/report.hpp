// Collects every problem of one load, so that a user sees them all at once. One per load, main thread.
#pragma once

#include <switchyard/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::config {

/// A problem in words ("expected an integer, got \"six\""); empty = none. Never holds a secret.
using Problem = std::string;

struct Report {
  std::vector<std::string> files; ///< Place::file indexes it
  std::vector<std::string> errors, warnings;

  /// "config.yaml:12: ", or nothing for a value that comes from no file.
  std::string at(Place place) const;
  void error(Place place, std::string_view path, std::string_view problem) {
    errors.push_back(line(place, path, problem));
  }
  void warn(Place place, std::string_view path, std::string_view problem) {
    warnings.push_back(line(place, path, problem));
  }

 private:
  std::string line(Place place, std::string_view path, std::string_view problem) const;
};

} // namespace switchyard::config
