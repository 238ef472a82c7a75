// The one provider of all OpenAI-compatible rows: a table of functions over immutable targets. Any thread.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

class OpenAiProvider final : public Provider {
 public:
  bool supports(const Target& target, Endpoint endpoint) const override;
  Result<void> encode(const Target& target, const Call& call, Wire& out) const override;
  Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                      std::string_view client_model, Decoded& out) const override;
  std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                        std::string_view client_model) const override;
  Result<void> forward(const Target& target, const Call& call, const Forwarded& asked,
                       Wire& out) const override;
  Error map_error(const Target& target, const UpstreamAnswer& answer) const override;
  LocalAnswer local_answer(const Target& target, const Call& call, std::string_view client_model,
                           std::string_view id, std::int64_t created) const override;
};

/// The only instance.
const Provider& openai_provider() noexcept;

} // namespace switchyard::providers
