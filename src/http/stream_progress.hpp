// What a client's stream keeps across the upstreams that fill it. Owned by the call, on its shard; requests
// without fallbacks use none of it.
#pragma once

#include "http/chunk_text.hpp"

#include <switchyard/clock.hpp>
#include <switchyard/provider.hpp>

#include <cstddef>
#include <string>

namespace switchyard::http {

struct StreamProgress {
  bool wanted = false; ///< a continuation may follow: tries collect what is below
  bool open = false;   ///< the client's stream has content and no end yet: the next try goes on with it
  Instant deadline = Instant::max(); ///< of the whole stream, once it is open

  // -- of the parts that broke off
  ChunkText said;
  std::string id, created;  ///< of the first chunk, as JSON: all chunks carry them
  std::string client_model; ///< likewise
  std::string group;        ///< that broke off last
  providers::Usage usage;   ///< as the upstreams reported it

  // -- parts that broke off before they reported their usage
  std::uint32_t unreported = 0;
  std::size_t unreported_text = 0;  ///< bytes that they said
  std::size_t unreported_added = 0; ///< bytes that their prompts held beyond the client's own messages
};

} // namespace switchyard::http
