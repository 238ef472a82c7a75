// LoopGuard: the closer look, once per `limit` equal chunks.
#include "http/loop_guard.hpp"

#include "http/chunk_text.hpp"

#include <algorithm>

namespace switchyard::http {

namespace {

constexpr int k_ignored_characters = 2;

} // namespace

bool LoopGuard::confirm() {
  count_ = 1;
  ChunkText chunk;
  read_chunk_text(last_, chunk);
  // Bytes that continue a UTF-8 sequence are no characters of their own.
  auto characters =
      std::count_if(chunk.text.begin(), chunk.text.end(), [](unsigned char c) { return (c & 0xC0) != 0x80; });
  return characters > k_ignored_characters;
}

} // namespace switchyard::http
