// OpenAI's messages as Gemini's contents. Pure, any thread.
#pragma once

#include "providers/google/model.hpp"

namespace switchyard::providers::google {

/// What stands between a tool call's id and its thought signature, so that clients bring it back.
inline constexpr std::string_view k_thought_mark = "__thought__";

/// Writes `contents` and `system_instruction` into the body. Errors name the message.
Result<void> write_contents(const Job& job, const Model& model, ValueMap& body);

/// Google knows the type of what is at this URL itself.
bool knows_type(std::string_view url) noexcept;

/// A content part as Gemini's: text, inline_data, file_data. `where` ("messages[3].content[1]") is for
/// errors.
Result<Value> media_part(const FamilyTarget& target, const Value& part, const std::string& where);

} // namespace switchyard::providers::google
