// Parameters whose value, not only their name, depends on the provider. Pure, any thread.
#pragma once

#include "providers/openai/target.hpp"

#include <optional>
#include <string>

namespace switchyard::providers {

struct ParamContext {
  const OpenAiTarget& target;
  const ObjectScan& scan;
  std::string_view model;
  ModelFamily family;
};

/// What becomes of a value: nothing set = forward as it is.
struct Verdict {
  std::optional<std::string> replace;
  bool remove = false;
  std::string
      refuse; ///< text of an UnsupportedParamsError; with drop_params the parameter is removed instead
};

/// Adds the parameters that have a rule for this row; `reasons` = its models may be of a reasoning family.
void watch_judged(const ProviderRow& row, bool reasons, KeyFilter& watched) noexcept;
/// The rule of a parameter, or "forward".
Verdict judge_value(const ParamContext& context, std::string_view key, std::string_view raw);

/// Parameters that a model family does not know, beyond the row's.
std::string_view family_unsupported(ModelFamily family) noexcept;

/// moonshot: tool_choice "required" is said in a message instead; the array with that message added.
std::string with_tool_hint(std::string_view messages);

} // namespace switchyard::providers
