// Hugging Face as pure functions: chat by the router or an endpoint of one's own, text generation (TGI),
// embeddings and reranking (TEI). Internal to this folder.
#pragma once

#include "providers/common/parts.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/family.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace switchyard::providers::huggingface {

/// Classic tasks, which take one text; chat is everything else.
enum class Task : std::uint8_t { chat, generation, conversational, classification };
struct Place {
  Task task = Task::chat;
  std::string_view model; ///< without the task's prefix
};
/// What serves this call's chat.
Place chat_place(const FamilyTarget& target, const Call& call);
/// The base is Hugging Face's own, not one endpoint.
bool by_router(const FamilyTarget& target);

Result<void> encode_chat(Job& job, Upstream& out);
Result<void> encode_text(Job& job, Upstream& out);
Result<void> encode_embed(Job& job, Upstream& out);
Result<void> encode_rerank(Job& job, Upstream& out);

using Decoder = Result<void>(const FamilyTarget&, const Call&, const UpstreamAnswer&, std::string_view,
                             Answer&);
Decoder decode_chat, decode_text, decode_embed, decode_rerank;

std::unique_ptr<StreamDecoder> stream_chat(const FamilyTarget&, const Call&, std::string_view client_model);
std::unique_ptr<StreamDecoder> stream_text(const FamilyTarget&, const Call&, std::string_view client_model);

} // namespace switchyard::providers::huggingface
