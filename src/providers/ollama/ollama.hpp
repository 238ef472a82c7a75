// Ollama's own API as pure functions: generate, chat, embed. Internal to this folder.
#pragma once

#include "providers/common/parts.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/family.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace switchyard::providers::ollama {

/// Chat by /api/chat; else a prompt by /api/generate.
bool by_chat(const FamilyTarget& target);

Result<void> encode_chat(Job& job, Upstream& out);
Result<void> encode_generate(Job& job, Upstream& out);
Result<void> encode_embed(Job& job, Upstream& out);

using Decoder = Result<void>(const FamilyTarget&, const Call&, const UpstreamAnswer&, std::string_view,
                             Answer&);
Decoder decode_chat, decode_generate, decode_embed;

std::unique_ptr<StreamDecoder> stream(const FamilyTarget&, const Call&, std::string_view client_model);

// -- body.cpp: what both kinds of a request share

/// Everything but the conversation: options, format, think, stream, and the members that Ollama knows by
/// itself.
void put_params(const Job& job, ValueMap& body);
/// The data of an inline image. Ollama fetches no URLs.
Result<std::string> inline_image(const Job& job, std::string_view url, const std::string& place);
/// Whether tools were written into the prompt, so that a call comes as JSON text.
bool calls_by_prompt(const FamilyTarget& target, const Call& call);
/// {"name","arguments"} as a tool call; nothing when the text is something else.
std::optional<ToolCall> call_of_text(const Call& call, std::string_view text);
/// prompt_eval_count and eval_count.
void read_usage(const Value& answer, Usage& out);

} // namespace switchyard::providers::ollama
