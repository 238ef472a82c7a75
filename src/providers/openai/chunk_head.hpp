// What chunks of a stream begin with: id, object, created, model. It hardly ever changes, so that one compare
// tells what it holds. One per stream, on one shard.
#pragma once

#include "providers/openai/answer.hpp"

#include <string>
#include <string_view>

namespace switchyard::providers {

/// Reads chunks as read_members does, and the text before `choices` only when it is not the last chunk's.
class ChunkHead {
 public:
  bool read(std::string_view chunk, Members& out, Usage& usage);

 private:
  void remember(std::string_view chunk, const Members& members);

  std::string text_; ///< of a whole chunk up to the value of `choices`; empty = none yet
  Members members_;  ///< those before `choices`; views into text_
};

} // namespace switchyard::providers
