// Gemini's answers, whole or as one event of a stream. Pure, any thread.
#pragma once

#include "providers/family/chat.hpp"
#include "providers/google/model.hpp"

#include <string>
#include <vector>

namespace switchyard::providers::google {

/// What a candidate's parts hold, sorted by kind.
struct Parts {
  std::string text, reasoning;
  bool has_text = false;
  std::vector<ToolCall> calls;
  ValueList thinking_blocks;
  ValueList images;     ///< {"image_url":{"url":"data:.."},..}
  ValueMap audio;       ///< OpenAI's message.audio; empty = none
  ValueList code;       ///< executableCode and codeExecutionResult, as they came
  ValueList signatures; ///< of text parts

  bool empty() const noexcept {
    return !has_text && calls.empty() && images.empty() && audio.empty() && code.empty();
  }
};

/// `calls_before` = tool calls of this answer's earlier events: ids are made of it.
Parts read_parts(const Value& candidate, const Call& call, std::size_t calls_before);
/// OpenAI's word for a candidate's finishReason; "" when it has none.
std::string_view finish_of(const Value& candidate) noexcept;
/// url_citation annotations of groundingMetadata; empty = none.
ValueList annotations_of(const Value& candidate);
/// The message members beside content, reasoning and tool calls.
ValueMap extras_of(const Parts& parts, const Value& candidate);
/// Reads usageMetadata; leaves `usage` alone when it counts nothing.
void read_usage(const Value& answer, Usage& usage);
/// Web searches that Google made for this answer.
std::uint32_t searches_of(const Value& candidate) noexcept;
/// Whether the prompt was refused, so that there are no candidates.
bool is_blocked(const Value& answer) noexcept;
/// A member as a count: 0 when it is none, cut to 32 bits.
std::uint32_t count_at(const Value& object, std::string_view key) noexcept;

Result<void> decode_gemini(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           std::string_view client_model, Answer& out);
std::unique_ptr<StreamDecoder> stream_gemini(const FamilyTarget& target, const Call& call,
                                             std::string_view client_model);
/// The answer as a tree, or why it is none: broken JSON, or an error inside a 200.
Result<Value> read_answer(const FamilyTarget& target, std::string_view body);

} // namespace switchyard::providers::google
