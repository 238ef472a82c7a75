// Upstream answers to client answers. Pure, any thread; a StreamDecoder belongs to one stream on one shard.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

Result<void> decode_answer(const OpenAiTarget& target, const Call& call, const UpstreamAnswer& answer,
                           std::string_view client_model, Decoded& out);

std::unique_ptr<StreamDecoder> make_stream_decoder(const OpenAiTarget& target, const Call& call,
                                                   std::string_view client_model);

} // namespace switchyard::providers
