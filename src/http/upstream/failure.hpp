// The errors of the upstream client. Pure. Texts are shown to clients: host names and reasons, never secrets.
#pragma once

#include "http/cancel.hpp"

#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>

#include <string>
#include <string_view>

namespace switchyard::http::upstream {

/// An error whose message is all parts joined. A function, not an aggregate, so that it may stand in
/// co_return.
template <class... Parts>
Error failure(Errc code, const Parts&... parts) {
  Error error;
  error.code = code;
  for (std::string_view part : {std::string_view(parts)...}) error.message += part;
  return error;
}

/// The error of an attempt whose scope was cancelled.
Error cancelled(CancelReason reason);
Error out_of_memory();
/// "10 s", "0.25 s"
std::string seconds(Millis span);

} // namespace switchyard::http::upstream
