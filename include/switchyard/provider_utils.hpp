// What /utils/token_counter, /utils/supported_openai_params and /utils/transform_request answer, and counting
// a prompt where a provider does not. Pure functions, any thread; the routes choose the deployment.
#pragma once

#include <switchyard/credentials.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/tokens.hpp>
#include <switchyard/value.hpp>

#include <string>
#include <string_view>

namespace switchyard::providers {

// -- counting

/// The tokenizer of one model, or the estimate that stands in for it.
struct TokenMeter {
  const Tokenizer* tokenizer = nullptr;

  std::size_t count(std::string_view text) const {
    return tokenizer ? tokenizer->count(text) : guess_tokens(text);
  }
  /// LiteLLM's word for OpenAI's vocabularies; "estimate" when none is installed.
  std::string_view type() const noexcept { return tokenizer ? "openai_tokenizer" : "estimate"; }
};
inline TokenMeter meter_of(const Tokenizers& tokenizers, std::string_view model) noexcept {
  return {tokenizers.find(vocabulary_of(model))};
}
/// prompt_tokens of a chat as OpenAI counts them: messages, images, `tools` and `tool_choice` of `request`.
std::size_t count_prompt(const TokenMeter& meter, const Value& request, std::string_view model);

/// POST /utils/token_counter: `request` is its body, `upstream_model` the deployment's litellm_params.model
/// (empty = there is no such group, and the model's own name decides). Errors: invalid_request naming the
/// field.
Result<Value> token_counter(const Value& request, std::string_view upstream_model,
                            const Tokenizers& tokenizers);

// -- supported parameters

/// Whether the deployment takes a chat parameter of OpenAI's.
bool takes_param(const Target& target, std::string_view param);
/// GET /utils/supported_openai_params?model=: of a configured deployment, and of a model's name.
Value supported_openai_params(const Target& target);
/// Errors: bad_request "Could not map model=...".
Result<Value> supported_openai_params(std::string_view model);

/// docs/provider_table.md
std::string provider_table();

// -- requests as they would be made

/// A body of POST /utils/transform_request.
struct TransformQuestion {
  Endpoint endpoint = Endpoint::chat;
  std::string model; ///< of request_body
  std::string body;  ///< request_body as JSON
  bool stream = false;
};
/// Errors: invalid_request naming the field; call types of other than JSON routes are among them.
Result<TransformQuestion> read_transform(const Value& request);

/// {"raw_request_api_base","raw_request_body","raw_request_headers","error"}: the request that `call` (its
/// now, call_id, token and policy are read) would make of the question. Secrets are masked. A translation
/// that fails is an answer too: the reason is in `error`, the rest is null, as LiteLLM does it.
Value transform_request(const TransformQuestion& question, const Target& target, Call call);
/// The same answer for a model that cannot be prepared.
Value transform_failure(const Error& error);

} // namespace switchyard::providers
