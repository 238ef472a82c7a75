// Bedrock's InvokeModel: each provider's own body (spec providers.md 3.3). Pure functions, any thread.
#pragma once

#include "providers/bedrock/route.hpp"
#include "providers/family/family.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace switchyard::providers::bedrock {

bool invoke_takes(const FamilyTarget& target, const Call& call, const ModelRoute& route,
                  std::string_view param);
Result<std::string> encode_invoke(Job& job, const ModelRoute& route);
Result<void> decode_invoke(const FamilyTarget& target, const Call& call, const ModelRoute& route,
                           const UpstreamAnswer& answer, std::string_view client_model, Answer& out);
/// Null = the model's answers come whole.
std::unique_ptr<StreamDecoder> invoke_stream(const FamilyTarget& target, const Call& call,
                                             const ModelRoute& route, std::string_view client_model);
bool invoke_streams(const ModelRoute& route);

// -- invoke_text.cpp: a prompt in, text out

/// Where a text model's members are; paths are names and indices joined by dots.
struct TextFormat {
  std::string_view provider = {};
  std::string_view prompt = {}; ///< member of the prompt
  std::string_view nest = {};   ///< the parameters stand in this member; "" = beside the prompt
  std::string_view params = {}; ///< "openai:theirs" words
  std::string_view text = {}, finish = {}, tokens_in = {}, tokens_out = {}; ///< of a whole answer
  std::string_view piece = {}, piece_finish = {}, piece_in = {},
                   piece_out = {}; ///< of a chunk; no piece = no stream
  std::int64_t max_tokens = 0;     ///< sent when the client says none; 0 = nothing is sent
  bool thinks = false;             ///< text up to </think> is reasoning
};
/// Null = no text model.
const TextFormat* text_format(const ModelRoute& route);
bool text_takes(const TextFormat& format, std::string_view param);
std::string encode_text(Job& job, const TextFormat& format, const ModelRoute& route);
Result<void> decode_text(const FamilyTarget& target, const Call& call, const TextFormat& format,
                         const UpstreamAnswer& answer, std::string_view client_model, Answer& out);
std::unique_ptr<StreamDecoder> text_stream(const FamilyTarget& target, const Call& call,
                                           const TextFormat& format, std::string_view client_model);

// -- relay.cpp: models and endpoints that speak OpenAI's chat themselves

std::string relay_body(Job& job, bool names_model);
Result<void> relay_answer(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                          std::string_view client_model, Answer& out);
std::unique_ptr<StreamDecoder> relay_stream(const FamilyTarget& target, const Call& call,
                                            std::string_view client_model);
/// The same for streams whose events are pieces of SSE text, cut anywhere (SageMaker).
std::unique_ptr<StreamDecoder> relay_parts(const FamilyTarget& target, const Call& call,
                                           std::string_view client_model);

} // namespace switchyard::providers::bedrock
