// Small answers that many routes share: JSON bodies and errors in the right shape. Shard code.
#pragma once

#include "http/exchange.hpp"

#include <string>
#include <string_view>

namespace switchyard::http {

/// Content-Type: application/json and a body.
aw<bool> answer_json(Exchange& exchange, int status, std::string_view body, std::string_view headers = {});
aw<bool> answer_text(Exchange& exchange, int status, std::string_view content_type, std::string_view body);
/// The error's status, envelope, Retry-After and llm_provider-* headers. Does nothing for `cancelled`.
aw<bool> answer_error(Exchange& exchange, const Error& error, std::string_view headers = {});
/// "Name: value\r\n" lines of an upstream answer as llm_provider-<name> lines; x-ratelimit-* also under its
/// own name.
void append_provider_headers(std::string& out, std::string_view raw_headers);

} // namespace switchyard::http
