// Claude models by name. Constant data, any thread.
#include "providers/anthropic/models.hpp"

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

struct AbilityRow {
  string_view name; ///< part of the model's name; "" = all
  int from;         ///< version
  std::uint32_t abilities;
};
// From platform.claude.com: "Structured outputs", "Effort", "Thinking", "What's new in Claude Opus 5.5". Rows
// add up.
constexpr AbilityRow k_abilities[] = {
    {"", 37, k_thinks},
    {"", 45, k_structured},
    {"opus", 45, k_effort},
    {"", 46, k_effort | k_adaptive},
    {"", 47, k_no_sampling},
    {"", 50, k_thinks_by_default},
    {"fable", 50, k_always_thinks},
    {"mythos", 47, k_always_thinks},
    {"", 51, k_always_thinks},
};

struct LimitRow {
  string_view name;
  int from;
  std::int64_t tokens;
};
// The last row that fits counts.
constexpr LimitRow k_limits[] = {
    {"", 35, 8192},       {"", 37, 64000},  {"opus", 40, 32000},  {"opus", 45, 64000},
    {"opus", 46, 128000}, {"", 47, 128000}, {"haiku", 47, 64000},
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// The first number of one or two digits at or after `at`; -1 = none. Dates are longer.
int next_number(string_view name, std::size_t& at) noexcept {
  while (at < name.size()) {
    if (!is_digit(name[at])) {
      ++at;
      continue;
    }
    int value = 0;
    std::size_t digits = 0;
    for (; at < name.size() && is_digit(name[at]); ++at, ++digits)
      if (digits < 3) value = value * 10 + (name[at] - '0');
    return digits <= 2 ? value : -1;
  }
  return -1;
}

int version_of(string_view name) noexcept {
  auto at = name.find("claude");
  if (at == string_view::npos) return 0;
  const auto major = next_number(name, at);
  if (major <= 0 || major > 9) return name.find("mythos") == string_view::npos ? 0 : 47; // mythos-preview
  int minor = 0;
  if (at + 1 < name.size() && (name[at] == '-' || name[at] == '.') && is_digit(name[at + 1])) {
    minor = next_number(name, at);
    if (minor < 0 || minor > 9) minor = 0;
  }
  return major * 10 + minor;
}

} // namespace

Model model_of(string_view name) noexcept {
  Model out;
  out.version = version_of(name);
  if (!out.version) return out.abilities = k_thinks, out;
  auto fits = [&](auto& row) { return out.version >= row.from && name.find(row.name) != string_view::npos; };
  for (auto& row : k_abilities)
    if (fits(row)) out.abilities |= row.abilities;
  for (auto& row : k_limits)
    if (fits(row)) out.max_output = row.tokens;
  return out;
}

} // namespace switchyard::providers::anthropic
