// The key that a request presents, among the headers that LiteLLM accepts. Pure; whose it is decides
// access/authenticate.
#pragma once

#include "http/exchange.hpp"

#include <switchyard/error.hpp>

namespace switchyard::http {

struct PresentedKey {
  bool present = false; ///< some header carried a key, perhaps an empty one
  std::string value;
};

/// First non-empty of the sources of spec management.md 1.1, in its order.
PresentedKey presented_key(const RequestHead& head, std::string_view key_header_name);
/// 401: none was given, it cannot be one, or nobody has it (then with the `hash` that was looked up, "" =
/// none was).
Error refuse_key(const PresentedKey& key, std::string_view hash);

} // namespace switchyard::http
