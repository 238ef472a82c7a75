// The APIs that clients speak besides OpenAI's: their error envelopes, and their token counts where the
// provider has none. Pure, any thread. The conversions themselves are behind providers::translator_for.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/provider.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::providers {

/// The body of a failed request in the words of the endpoint's API.
std::string error_body(Endpoint endpoint, const Error& error);
/// The same inside a stream that has begun: a whole SSE frame; no [DONE] follows it.
std::string error_frame(Endpoint endpoint, const Error& error);
/// Whether a stream of this endpoint ends with "data: [DONE]".
bool ends_with_done(Endpoint endpoint) noexcept;

/// For messages_count and generate_count: the client's body as a chat request (JSON), whose tokens are to be
/// counted.
Result<std::string> countable_chat(const Target& target, const Call& call);
/// Tokens of a chat request at four bytes each, framing of messages and tools included; pictures are 1,600.
std::uint64_t estimate_tokens(std::string_view chat_json);
/// {"input_tokens":n} or {"totalTokens":n}
std::string count_body(Endpoint endpoint, std::uint64_t tokens);

} // namespace switchyard::providers
