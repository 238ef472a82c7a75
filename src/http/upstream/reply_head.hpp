// Heads of upstream replies: finds the end, then parses once and strictly what decides the framing. Pure;
// views point into the caller's bytes. Must not guess: a head that two parsers could read differently is
// refused.
#pragma once

#include "http/exchange.hpp"

#include <switchyard/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace switchyard::http::upstream {

/// How the end of a reply's body is known.
enum class Framing : std::uint8_t { none, length, chunked, until_close };

struct ReplyHead {
  int status = 0;
  HeaderList headers;
  std::string_view raw_headers; ///< the header lines, without the status line and the empty line
  std::optional<std::uint64_t> content_length;
  Framing framing = Framing::none;
  bool keep_alive = false;

  std::string_view find(std::string_view name) const noexcept { return headers.find(name); }
  void clear() noexcept;
};

/// Length of the head through its empty line, 0 when more bytes are needed. `line` is where the unfinished
/// line starts: 0 at first, kept by the caller so that no byte is scanned twice.
Result<std::size_t> find_reply_head(std::string_view bytes, std::size_t& line);

/// Parses a head that find_reply_head() delimited. `to_head` = the request was HEAD, so no body follows.
Result<void> parse_reply_head(std::string_view head, bool to_head, ReplyHead& out);

} // namespace switchyard::http::upstream
