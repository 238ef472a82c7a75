// Errors in the words of the API that the client speaks. Pure, any thread.
#pragma once

#include <switchyard/provider.hpp>

#include <string>

namespace switchyard::providers {

/// Anthropic: {"type":"error","error":{..}}; Gemini: {"error":{"code","message","status"}}; OpenAI's otherwise.
std::string error_body(Endpoint endpoint, const Error& error);
/// The same as a frame inside a stream.
std::string error_frame(Endpoint endpoint, const Error& error);

} // namespace switchyard::providers
