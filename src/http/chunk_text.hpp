// The text that chat and text completion chunks spell. Pure.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::http {

/// What the chunks of a stream have said.
struct ChunkText {
  std::string text;
  bool plain = true; ///< nothing but the text (and reasoning) of one unfinished choice
};

/// Adds a chunk's `choices`, as written, to `out`.
void read_chunk_text(std::string_view choices, ChunkText& out);

} // namespace switchyard::http
