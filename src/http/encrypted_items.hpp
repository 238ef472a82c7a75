// Output items of /v1/responses whose encrypted_content only the row (or its account) can read that made it:
// with optional_pre_call_checks encrypted_content_affinity the row is written into them, in LiteLLM's form
// "litellm_enc:" base64("model_id:ROW") ";" CONTENT (litellm/responses/utils.py). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::http {

/// An item (`{"type":"reasoning",...}`) with its encrypted_content marked; as it was when it has none.
std::string mark_item(std::string_view item, std::string_view row);
/// The same for all items of a list.
std::string mark_items(std::string_view list, std::string_view row);

struct UnmarkedInput {
  std::string row;  ///< of the first mark
  std::string list; ///< as its upstream wrote it
};
/// `input` of a request without the marks; nothing when there are none. LiteLLM's item ids ("encitem_...")
/// are marks too.
std::optional<UnmarkedInput> unmark_items(std::string_view list);

} // namespace switchyard::http
