// What a request on /v1/responses says about the row that it belongs to: previous_response_id, encrypted
// content. Pure.
#pragma once

#include "http/llm_request.hpp"

namespace switchyard::http {

/// Takes the marks out of the body, which goes upstream as the upstream gave it: fills response_row and
/// encrypted_row.
Result<void> take_marks(LlmRequest& request);

} // namespace switchyard::http
