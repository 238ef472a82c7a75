// What may not stand in a header's value. Pure; runs on every header, both ways.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchyard::core {

/// The first byte that may not stand in a header value, a control character other than tab; `end` when all
/// may.
inline const char* find_control(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  const __m128i last_control = _mm_set1_epi8(0x1f), tab = _mm_set1_epi8('\t'), del = _mm_set1_epi8(0x7f);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i bad =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    if (const int hits = _mm_movemask_epi8(bad)) return at + __builtin_ctz(static_cast<unsigned>(hits));
  }
#endif
  // Eight at a time: the high bit of a byte shows what is below 0x20 or is 0x7f; bytes above 0x7f are fine.
  for (; end - at >= 8; at += 8) {
    constexpr std::uint64_t k_ones = 0x0101010101010101, k_high = k_ones * 0x80;
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    const std::uint64_t del = word ^ k_ones * 0x7f;
    if ((((word - k_ones * 0x20) | (del - k_ones)) & ~word & k_high) != 0) break;
  }
  while (at != end && (static_cast<unsigned char>(*at) >= 0x20 || *at == '\t') && *at != 0x7f) ++at;
  return at;
}

inline bool has_control(std::string_view text) noexcept {
  const auto* const end = text.data() + text.size();
  return find_control(text.data(), end) != end;
}

} // namespace switchyard::core
