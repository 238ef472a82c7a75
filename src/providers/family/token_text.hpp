// Texts that clients send as token ids, for providers that take texts only: decoded with the vocabularies
// that are installed. Pure, any thread.
#pragma once

#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

#include <string>

namespace switchyard::providers {

/// A list of token ids (and nothing else, at least one).
bool is_token_list(const Value& value) noexcept;
/// Their text. Errors: bad_request that names `field`, also when no vocabulary is installed.
Result<std::string> text_of_tokens(const Call& call, const Value& list, std::string_view field);
/// `input` of an embeddings request: lists of token ids become texts, all else stays.
Result<void> decode_inputs(const Call& call, Value& request);

} // namespace switchyard::providers
