// The table of keys: every setting that LiteLLM knows, whether this release builds it, and how it is read.
// Immutable. The parser, the warnings and docs/config.md all come from here.
#pragma once

#include "config/readers.hpp"

#include <switchyard/config.hpp>

#include <span>
#include <string_view>

namespace switchyard {
struct PlaneSettings;
}

namespace switchyard::config {

/// Where a setter writes to.
struct Target {
  Config* config = nullptr;
  PlaneSettings* plane = nullptr; ///< of the config
  ModelRow* row = nullptr;        ///< only for the keys of a row
  std::vector<std::string> notes; ///< warnings about the value that was just set
  std::vector<FallbackTarget> default_fallbacks;
  bool drop_bad_rows = true; ///< router_settings.ignore_invalid_deployments
};

enum class Type : std::uint8_t { flag, integer, number, seconds, text, secret, list, mapping, any };
std::string_view type_name(Type type);

using Setter = Problem (*)(const Value& value, Target& target);
using Check = Problem (*)(const Value& value);

struct Key {
  std::string_view name; ///< one `*` stands for any characters
  Type type;
  std::string_view fallback; ///< the default, in words; "" = none
  std::string_view help;
  Setter set = nullptr; ///< null = known, not built yet: one warning at start-up, no effect
  Check check = nullptr;
  bool waits = false; ///< read and checked, but a part that needs it is missing: counts as not built
  bool built() const { return set && !waits; }
};

struct Section {
  std::string_view name; ///< "general_settings"
  std::string_view help;
  std::span<const Key> keys;
};

std::span<const Key> top_level_keys();
std::span<const Key> general_keys();
std::span<const Key> litellm_keys();
std::span<const Key> router_keys();
std::span<const Key> model_row_keys();
std::span<const Key> litellm_params_keys();
std::span<const Key> model_info_keys();
std::span<const Key> environment_keys();

/// All of the above, in the order of docs/config.md.
std::span<const Section> sections();

const Key* find_key(std::span<const Key> keys, std::string_view name);
/// The key that `name` was probably meant to be, or "". Short names must be closer than long ones.
std::string_view closest_key(std::span<const Key> keys, std::string_view name);
std::size_t edit_distance(std::string_view left, std::string_view right);

// -- setters that rows share

/// Built, but read by somebody else (the loader, another folder): nothing to store here.
inline Problem used_elsewhere(const Value&, Target&) { return {}; }

template <auto Part, auto Member>
Problem put(const Value& value, Target& target) {
  return read(value, (target.config->*Part).*Member);
}
/// A time-out of 0 means "not set", as in Python's `timeout or default`.
template <auto Part, auto Member>
Problem put_timeout(const Value& value, Target& target) {
  double number = 0;
  Problem problem = read(value, number);
  if (problem.empty() && number > 0) (target.config->*Part).*Member = number;
  return problem;
}
template <auto Member>
Problem put_param(const Value& value, Target& target) {
  return read(value, target.row->params.*Member);
}

// -- setters of settings.cpp, for values with a shape of their own

Problem put_master_key(const Value& value, Target& target);
Problem put_request_timeout(const Value& value, Target& target);
Problem put_group_alias(const Value& value, Target& target);
Problem put_default_fallbacks(const Value& value, Target& target);
Problem put_ssl_verify(const Value& value, Target& target);
/// Nothing polls here: the operator is told, and that is all.
Problem put_polling(const Value& value, Target& target);
Problem put_shared_health_check(const Value& value, Target& target);
/// The groups whose calls take the client's headers along.
Problem put_model_group_settings(const Value& value, Target& target);

// -- setters of settings_router.cpp

Problem put_strategy(const Value& value, Target& target);
Problem put_strategy_args(const Value& value, Target& target);
Problem put_routing_groups(const Value& value, Target& target);
Problem put_pre_call_checks(const Value& value, Target& target);
Problem put_group_affinity(const Value& value, Target& target);
Problem put_tag_regex(const Value& value, Target& target);
Problem put_allowed_fails_policy(const Value& value, Target& target);
Problem put_retry_policy(const Value& value, Target& target);
Problem put_group_retry_policy(const Value& value, Target& target);

Problem read_fallbacks(const Value& value, std::vector<FallbackRule>& out);

template <auto Member>
Problem put_fallbacks(const Value& value, Target& target) {
  std::vector<FallbackRule> rules;
  Problem problem = read_fallbacks(value, rules);
  if (problem.empty()) target.config->router.*Member = std::move(rules);
  return problem;
}

} // namespace switchyard::config
