// Chat over the responses API: its pure pieces. Any thread; a decoder belongs to one stream on one shard.
#pragma once

#include "providers/inbound/inbound.hpp"

namespace switchyard::providers::inbound {

/// The request of a chat request. What the responses API does not know (n, seed, stop, penalties, ...) is
/// left out.
Value responses_of_chat(const Value& chat);
/// OpenAI's finish_reason of a response object, tool calls aside.
std::string_view finish_of_response(const Value& response) noexcept;
/// Chat chunks of a stream of responses events, which `inner` reads.
std::unique_ptr<StreamDecoder> chat_of_responses(std::unique_ptr<StreamDecoder> inner, const Call& call,
                                                 std::string_view client_model);
/// For targets whose model is `responses/<model>`; null for all others.
const Provider* responses_provider(const Target& target) noexcept;

} // namespace switchyard::providers::inbound
