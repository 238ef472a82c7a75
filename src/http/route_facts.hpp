// What rows look at in a request beside its model: its size, its beginning, its tags, its session. Pure; read
// only for groups whose rows ask (GroupNeeds).
#pragma once

#include "http/exchange.hpp"
#include "http/llm_request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// Tokens of JSON or plain text, as no tokenizer was asked: a quarter of the ASCII bytes, one for any other
/// character, a flat count for an image or sound (a string of more than 1 KB without a space or an escape).
std::uint32_t estimate_tokens(std::string_view text) noexcept;

/// Of the whole prompt: messages, prompt, input and tools.
std::uint32_t prompt_tokens(const LlmRequest& request) noexcept;
/// Most tokens that the answer may have; 0 = the request does not say.
std::uint32_t output_tokens(const LlmRequest& request) noexcept;

/// A chat request with a response_format that is not to be dropped where a provider does not take it.
bool has_response_format(const LlmRequest& request) noexcept;

/// Of what provider caches go by: the tools and the first message (or the prompt's beginning). Never 0.
std::uint64_t prefix_hash(const LlmRequest& request) noexcept;

/// Of a prompt marked for the provider's cache: tools, system and messages up to the first cache_control that
/// has 1024 tokens or more before it (what the next turns of the conversation keep). 0 = there is none.
std::uint64_t marked_prefix(const LlmRequest& request);

/// Body metadata.tags, body tags and the header x-litellm-tags together. Errors: invalid_request that names
/// the field.
Result<std::vector<std::string>> read_tags(const LlmRequest& request, const RequestHead& head);
/// The same, but the header counts only when the body has none.
Result<std::vector<std::string>> client_tags(const LlmRequest& request, const RequestHead& head);
/// Whether the client sent any.
bool has_tags(const LlmRequest& request, const RequestHead& head);

/// x-litellm-session-id, any x-*-session-id of 8 or more safe characters, or the body's litellm_session_id or
/// metadata.session_id; "" = none.
std::string session_of(const LlmRequest& request, const RequestHead& head);

} // namespace switchyard::http
