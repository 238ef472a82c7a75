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

/// Adds up what two parts of one call used; the tier is that of the last part which reported.
inline void add(Usage& onto, const Usage& more) noexcept {
  constexpr std::uint32_t Usage::*k_counts[] = {
      &Usage::prompt_tokens,     &Usage::completion_tokens,  &Usage::total_tokens,
      &Usage::cache_read_tokens, &Usage::cache_write_tokens, &Usage::cache_write_1h_tokens,
      &Usage::audio_in_tokens,   &Usage::image_in_tokens,    &Usage::reasoning_tokens,
      &Usage::audio_out_tokens,  &Usage::image_out_tokens,   &Usage::images,
      &Usage::characters,        &Usage::audio_ms,           &Usage::search_units,
      &Usage::web_searches};
  for (auto count : k_counts)
    if (__builtin_add_overflow(onto.*count, more.*count, &(onto.*count))) onto.*count = UINT32_MAX;
  if (more.present) onto.tier = more.tier, onto.present = true;
}

} // namespace switchyard
