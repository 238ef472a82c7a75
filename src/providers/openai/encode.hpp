// Client's call to upstream request. Pure, any thread.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

/// Whether a request head has a line of this name; the request line is none.
bool names_header(std::string_view head, std::string_view name);
/// See Provider::forward.
Result<void> encode_forwarded(const OpenAiTarget& target, const Forwarded& asked, Wire& out);
Result<void> encode_json(const OpenAiTarget& target, const Call& call, Wire& out);
/// Multipart routes: the body is passed through, its `model` part replaced and the gateway's own parts left
/// out.
Result<void> encode_multipart(const OpenAiTarget& target, const Call& call, Wire& out);
/// Writes the request head for the body that `out` holds. `type_line` = "Content-Type: ...\r\n".
void write_head(const OpenAiTarget& target, const Call& call, std::string_view type_line, Wire& out);

} // namespace switchyard::providers
