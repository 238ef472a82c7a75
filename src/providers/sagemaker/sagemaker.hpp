// SageMaker endpoints: text generation (TGI, JumpStart), OpenAI chat, embeddings (spec providers.md 3.4).
// Pure, any thread.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers::sagemaker {

extern const Family k_text, k_chat;

// -- text.cpp

bool takes(const FamilyTarget& target, const Call& call, std::string_view param);
std::string encode_text(Job& job);
Result<void> decode_text(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                         std::string_view client_model, Answer& out);
std::unique_ptr<StreamDecoder> text_stream(const FamilyTarget& target, const Call& call,
                                           std::string_view client_model);

// -- embeddings.cpp

Result<std::string> encode_embeddings(Job& job);
Result<void> decode_embeddings(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                               std::string_view client_model, Answer& out);

} // namespace switchyard::providers::sagemaker
