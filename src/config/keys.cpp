// Look-ups in the table of keys. Immutable data, pure functions.
#include "config/keys.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace switchyard::config {
namespace {

constexpr std::string_view k_types[] = {"boolean", "integer", "number",  "seconds", "string",
                                        "secret",  "list",    "mapping", "any"};

bool matches(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  const auto head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  return name.size() >= head.size() + tail.size() && name.starts_with(head) && name.ends_with(tail);
}

std::size_t tolerance(std::size_t length) { return length <= 5 ? 1 : length <= 8 ? 2 : 3; }

} // namespace

std::string_view type_name(Type type) { return k_types[static_cast<std::size_t>(type)]; }

std::span<const Section> sections() {
  static const std::array k_sections{
      Section{"", "Top level of the file.", top_level_keys()},
      Section{"model_list[]", "One row per deployment.", model_row_keys()},
      Section{"model_list[].litellm_params",
              "Any other key is a default request parameter; what the client sends wins over it.",
              litellm_params_keys()},
      Section{"model_list[].model_info", "Any other key is kept and returned by /model/info.",
              model_info_keys()},
      Section{"general_settings", "The server.", general_keys()},
      Section{"litellm_settings", "Calls to providers, logging, caching.", litellm_keys()},
      Section{"router_settings", "Load balancing; wins over the same key in litellm_settings.",
              router_keys()},
      Section{"environment", "Environment variables; `environment_variables` in the file sets them too.",
              environment_keys()},
  };
  return k_sections;
}

const Key* find_key(std::span<const Key> keys, std::string_view name) {
  const auto exact = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  if (exact != keys.end()) return &*exact;
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return matches(key.name, name); });
  return found != keys.end() ? &*found : nullptr;
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (left[i - 1] == right[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

std::string_view closest_key(std::span<const Key> keys, std::string_view name) {
  constexpr std::size_t k_longest = 80;
  if (name.size() > k_longest) return {};
  std::string_view best;
  std::size_t best_distance = tolerance(name.size()) + 1;
  for (const Key& key : keys) {
    if (key.name.find('*') != std::string_view::npos) continue;
    const std::size_t distance = edit_distance(name, key.name);
    if (distance < best_distance) best = key.name, best_distance = distance;
  }
  return best;
}

} // namespace switchyard::config
