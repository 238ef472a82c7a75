// What a row writes into its answers on /v1/responses, so that what follows finds it again on any instance:
// ids in LiteLLM's form, "resp_" and base64 of "litellm:custom_llm_provider:P;model_id:ROW;response_id:ID"
// (litellm/responses/utils.py), and marks on encrypted content (encrypted_items.hpp). Pure.
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

/// Who made an answer, and where that is written.
struct RowMarks {
  bool ids = false, items = false;
  std::string_view provider{}, row{};
  explicit operator bool() const noexcept { return ids || items; }
};

/// A response object with its `id` and its `output` marked; what it does not have stays away.
std::string marked_response(std::string_view object, const RowMarks& marks);
/// The same for the `response` or the `item` inside a whole frame of an event stream.
std::string marked_event(std::string_view frame, const RowMarks& marks);

} // namespace switchyard::http
