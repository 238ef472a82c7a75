// A client's request for a realtime session: what must be right before anything is asked of an upstream.
// Pure.
#pragma once

#include "http/exchange.hpp"

#include <string>
#include <string_view>

namespace switchyard::http {

/// The session as a call's body, {"model": ...}, so that it goes the way of all calls. Errors: 426 without a
/// WebSocket upgrade, 400 that names the header or the parameter.
Result<std::string> read_realtime_request(const RequestHead& head);
/// Headers of the answer to such an error: with 426, what to upgrade to.
std::string_view upgrade_hint(const Error& error);

/// The protocol to accept of those that the client offers; never the one that is its key. "" = none.
std::string_view chosen_protocol(const RequestHead& head);
/// Whether the client asks for the API's beta form, by OpenAI-Beta or by a browser's protocol.
bool wants_beta(const RequestHead& head);

} // namespace switchyard::http
