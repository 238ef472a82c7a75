// Who is calling: finds the key among the headers that LiteLLM accepts and compares it with the master key.
// Pure but for reading the request; virtual keys come with their own issue.
#pragma once

#include "http/request.hpp"

#include <switchyard/error.hpp>

namespace switchyard::http {

struct PresentedKey {
  bool present = false; ///< some header carried a key, perhaps an empty one
  std::string value;
};

/// First non-empty of the sources of spec management.md 1.1, in its order.
PresentedKey presented_key(const RequestHead& head, std::string_view key_header_name);
/// Ok with context.is_master set, or 401.
Result<void> authenticate(RequestContext& context);

} // namespace switchyard::http
