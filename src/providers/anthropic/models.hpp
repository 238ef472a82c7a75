// What Claude models can do, as Anthropic's documentation says it, by their names. Constant data, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace switchyard::providers::anthropic {

enum Ability : std::uint32_t {
  k_thinks = 1u << 0,            ///< thinking of some kind
  k_structured = 1u << 1,        ///< output_config.format
  k_effort = 1u << 2,            ///< output_config.effort
  k_adaptive = 1u << 3,          ///< thinking {"type":"adaptive"}
  k_no_sampling = 1u << 4,       ///< refuses temperature, top_p, top_k
  k_thinks_by_default = 1u << 5, ///< until it is told not to
  k_always_thinks = 1u << 6,     ///< cannot be told not to, and takes no forced tool
};

struct Model {
  int version = 0;             ///< 45 for 4.5; 0 = not known
  std::uint32_t abilities = 0; ///< of Ability; models that are not known: k_thinks
  std::int64_t max_output = 4096;
  bool can(Ability ability) const noexcept { return (abilities & ability) != 0; }
};
/// Names of any host: "claude-opus-4-5-20251101", "claude-3-7-sonnet@20250219",
/// "us.anthropic.claude-haiku-4-5-v1:0".
Model model_of(std::string_view name) noexcept;

} // namespace switchyard::providers::anthropic
