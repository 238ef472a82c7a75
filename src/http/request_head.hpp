// The head of a request: finding its end, and one strict parse into views. Pure; used by the session on its
// shard. Never copies and never guesses: whatever two parsers could read differently is refused.
//
// Our own parser rather than Beast's basic_parser: Beast accepts half of what has to be refused here (see
// architecture.md 6.4), so all those checks would stand beside it, and it needs twice the time per head.
#pragma once

#include "http/exchange.hpp"

#include <cstddef>
#include <string_view>

namespace switchyard::http {

inline constexpr std::size_t k_max_headers = 256;

/// Finds the empty line that ends a head, however the bytes are split over reads.
class HeadScanner {
 public:
  enum class State : std::uint8_t { partial, complete, malformed };

  /// `bytes` starts at the head and only grows from call to call. Refuses bare line feeds and anything that
  /// cannot start a request (a TLS hello, an empty line) at once, instead of waiting for the deadline.
  State scan(std::string_view bytes) noexcept;
  /// Length of the head, its empty line included; valid after `complete`.
  std::size_t size() const noexcept { return line_; }
  void reset() noexcept { line_ = at_ = 0; }

 private:
  std::size_t line_ = 0; ///< where the current line starts
  std::size_t at_ = 0;   ///< everything before was looked at
};

/// Parses a whole head as HeadScanner delimits it. Returns the reason of refusal, empty when well-formed.
std::string_view parse_request_head(std::string_view head, RequestHead& out);

} // namespace switchyard::http
