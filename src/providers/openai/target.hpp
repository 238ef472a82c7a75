// A deployment of an OpenAI-compatible provider, made ready: request heads per endpoint, credentials, policy.
// Immutable after prepare(); shared by all shards.
#pragma once

#include "providers/row.hpp"

#include <switchyard/key_filter.hpp>
#include <switchyard/value.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace switchyard::providers {

/// Model families with parameter rules of their own (spec providers.md 1.1, row openai).
enum class ModelFamily : std::uint8_t { plain, o_series, gpt5, gpt5_sampling };

/// A request head up to, but without, the headers that depend on the call.
struct RequestHead {
  const Origin* origin = nullptr;
  std::string text;
  std::size_t model_at = std::string::npos; ///< wildcard rows with the model in the path: insert it here
  SecretRanges secrets;
  bool content_type = false; ///< the row's own headers say it
};

class OpenAiTarget final : public Target {
 public:
  const ProviderRow* row = nullptr;
  Origin origin, audio_origin, rerank_origin;
  Secret key; ///< only to keep it out of messages
  std::array<RequestHead, static_cast<std::size_t>(Endpoint::k_count)> heads;
  std::string api_version;                  ///< Azure's, as it is in the URLs
  std::optional<ModelFamily> forced_family; ///< azure/o_series/..., azure/gpt5_series/...
  std::vector<JsonParam> defaults, extra_body;
  std::vector<std::string> drop_names, drop_paths; ///< additional_drop_params: top level, nested
  std::vector<std::string> allowed;                ///< allowed_openai_params
  std::optional<bool> drop_params;
  ValueMap prompt; ///< roles, bos_token, ...: for rows that only complete text

  // Of the policy; for patterns, and for calls to another model than this row's, only the row counts.
  KeyFilter watched;                       ///< parameters that it must look at
  ModelFamily family = ModelFamily::plain; ///< of `model`
  std::string model_json;                  ///< `model` as the provider spells it; empty for patterns

  const RequestHead& head(Endpoint endpoint) const { return heads[static_cast<std::size_t>(endpoint)]; }
};

inline const OpenAiTarget& as_openai(const Target& target) {
  return static_cast<const OpenAiTarget&>(target);
}

/// "OpenAI", "Azure", "Groq", ...: the word before "Exception" in LiteLLM's messages.
std::string exception_label(std::string_view provider);

/// The family that decides the parameter rules of a model.
ModelFamily family_of(const OpenAiTarget& target, std::string_view model) noexcept;

/// Fills what the policy needs from the rest of the target, once its row, model and rules are set.
void prepare_policy(OpenAiTarget& target);

/// The model name as the provider spells it (prefixes, Clarifai's URLs).
std::string upstream_model(const ProviderRow& row, std::string_view model);

} // namespace switchyard::providers
