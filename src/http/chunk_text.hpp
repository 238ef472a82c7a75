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

/// The same for chunk after chunk: most differ from the last one only in their text, which two compares tell.
/// One per stream.
class ChunkTextReader {
 public:
  void read(std::string_view choices, ChunkText& out) {
    if (!read_like_last(choices, out)) read_and_remember(choices, out);
  }

 private:
  bool read_like_last(std::string_view choices, ChunkText& out) const;
  void read_and_remember(std::string_view choices, ChunkText& out);

  std::string before_, behind_; ///< the last chunk without its text, quotes included; empty = not known
};

} // namespace switchyard::http
