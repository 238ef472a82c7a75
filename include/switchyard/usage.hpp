// What one call used, as providers report it and prices need it. Plain data.
#pragma once

#include <cstdint>

namespace switchyard {

enum class ServiceTier : std::uint8_t { standard, flex, priority, batch };

struct Usage {
  std::uint32_t prompt_tokens = 0, completion_tokens = 0, total_tokens = 0;
  bool present = false; ///< the upstream reported it
  // -- parts of prompt_tokens
  std::uint32_t cache_read_tokens = 0;     ///< prompt_tokens_details.cached_tokens
  std::uint32_t cache_write_tokens = 0;    ///< cache_creation_input_tokens, all lifetimes
  std::uint32_t cache_write_1h_tokens = 0; ///< the part of them that lives an hour
  std::uint32_t audio_in_tokens = 0, image_in_tokens = 0;
  // -- parts of completion_tokens
  std::uint32_t reasoning_tokens = 0, audio_out_tokens = 0, image_out_tokens = 0;
  // -- what is not counted in tokens
  std::uint32_t images = 0;                 ///< images made
  std::uint32_t characters = 0;             ///< text to speech input
  std::uint32_t audio_ms = 0;               ///< length of transcribed audio
  std::uint32_t search_units = 0;           ///< rerank
  std::uint32_t web_searches = 0;           ///< built-in tool calls
  ServiceTier tier = ServiceTier::standard; ///< as the answer says
};

} // namespace switchyard
