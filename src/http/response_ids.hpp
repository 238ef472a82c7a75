// Ids of the responses API that name the row which made them, in LiteLLM's form: "resp_" and base64 of
// "litellm:custom_llm_provider:P;model_id:ROW;response_id:ID" (litellm/responses/utils.py). A follow-up finds
// its row by previous_response_id, on any instance. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::http {

struct ResponseId {
  std::string row, id; ///< deployment and upstream's own id
};

std::string encode_response_id(std::string_view provider, std::string_view row, std::string_view id);
/// Nothing for an id of any other form.
std::optional<ResponseId> decode_response_id(std::string_view text);

/// A response object with its `id` encoded; as it was when it has none.
std::string with_response_id(std::string_view object, std::string_view provider, std::string_view row);
/// The same for the `response` inside a whole frame of an event stream.
std::string event_with_response_id(std::string_view frame, std::string_view provider, std::string_view row);

} // namespace switchyard::http
