// Chat for rows that only complete text (text-completion-openai, azure_text, text-completion-codestral): the
// chat becomes a prompt for /completions, the answer becomes a chat again. Pure, any thread; a decoder
// belongs to one stream.
#pragma once

#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

namespace switchyard::providers {

/// The translator of OpenAI rows with T and without C. Its targets are OpenAiTargets; every endpoint but chat
/// (and the answers of Codestral's, which look like a chat's) is the OpenAI provider's.
const Provider& text_provider() noexcept;

enum class TextShape : std::uint8_t { chat, text };

/// A chat request as the body of /completions. Fails when `messages` is no list.
Result<Value> completion_request(const Value& chat, std::string_view provider, std::string_view model,
                                 const ValueMap& settings);
/// An answer's choices, whichever shape they have, in this one. `chunk` = of a stream; `opened` has a bit for
/// each of the first 64 choices whose role was said.
ValueList reshape_choices(const Value& answer, TextShape shape, bool chunk, std::uint64_t& opened);
/// The object name of an answer in this shape.
std::string_view object_name(TextShape shape, bool chunk) noexcept;

} // namespace switchyard::providers
