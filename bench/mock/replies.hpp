// What an OpenAI-compatible upstream answers (and Anthropic's /messages), endpoint by endpoint. Pure: a Call
// in, a Reply out.
#pragma once

#include "call.hpp"

namespace switchyard::mock {

/// The reply of the endpoint that the path ends with, or its error; any prefix is accepted.
Reply reply_to(const Call& call);

/// OpenAI's error body with the type and code that belong to the status.
Reply error_reply(std::uint16_t status, std::string_view message = {});
Reply rate_limited(std::int32_t retry_after_s, std::string_view message);

// One function per family; each file says which.
Reply chat(const Call& call);          // chat.cpp
Reply completion(const Call& call);    // text.cpp
Reply responses(const Call& call);     // responses.cpp
Reply messages(const Call& call);      // messages.cpp
Reply embeddings(const Call& call);    // vectors.cpp
Reply moderations(const Call& call);   // vectors.cpp
Reply rerank(const Call& call);        // vectors.cpp
Reply images(const Call& call);        // media.cpp
Reply transcription(const Call& call); // media.cpp
Reply speech(const Call& call);        // media.cpp
Reply models(const Call& call);        // text.cpp

/// The text of an answer: default sentence, echo, `big` filler.
std::string answer_text(const Call& call);
/// "chatcmpl-0000000000000000000000000000002a": unique per request, always the same length.
std::string id_of(const Call& call, std::string_view prefix);
/// {"prompt_tokens":..,"completion_tokens":..,"total_tokens":..} plus details.
std::string usage_json(const Call& call);
std::string sse(std::string_view json);

} // namespace switchyard::mock
