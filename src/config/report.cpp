// Words problems as "file:line: path: problem". Main thread.
#include "config/report.hpp"

namespace switchyard::config {

std::string Report::at(Place place) const {
  if (place.line == 0 || place.file >= files.size()) return {};
  return files[place.file] + ":" + std::to_string(place.line) + ": ";
}

std::string Report::line(Place place, std::string_view path, std::string_view problem) const {
  std::string out = at(place);
  out += path;
  if (!path.empty()) out += ": ";
  out += problem;
  return out;
}

} // namespace switchyard::config
