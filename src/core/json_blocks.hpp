// Sixteen or sixty-four bytes of JSON at a time, for the scanner and the skimmer: where strings end, where
// brackets stand. Pure; knows no grammar.
#pragma once

#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchyard::core {

inline bool is_json_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Behind the white space at p. Most places in a compact text have none, so that one compare is all.
inline const char* skip_json_space(const char* p, const char* end) noexcept {
  while (p != end && static_cast<unsigned char>(*p) <= ' ' && is_json_space(*p)) ++p;
  return p;
}

/// First quote or backslash at or behind p; `end` when there is none. With `controls` also a byte under 0x20.
template <bool controls>
inline const char* find_string_special(const char* p, const char* end) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash));
    if constexpr (controls)
      special = _mm_or_si128(special, _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (hits != 0) return p + __builtin_ctz(hits);
  }
#endif
  while (p != end && *p != '"' && *p != '\\' && !(controls && static_cast<unsigned char>(*p) < 0x20)) ++p;
  return p;
}

/// First byte at or behind p that a JSON string cannot hold as it is, or that begins a UTF-8 sequence to be
/// checked.
inline const char* find_not_plain(const char* p, const char* end) noexcept {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), first = _mm_set1_epi8(0x20);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash));
    const __m128i outside = _mm_cmplt_epi8(bytes, first); // signed: 0x80 and above are negative
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, outside)));
    if (hits != 0) return p + __builtin_ctz(hits);
  }
#endif
  const auto plain = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
  };
  while (p != end && plain(*p)) ++p;
  return p;
}

/// Which of 64 bytes are quotes, backslashes and brackets: one bit each, the first byte's lowest.
struct JsonMasks {
  std::uint64_t quotes = 0, slashes = 0, opens = 0, closes = 0;
};

inline JsonMasks json_masks(const char* p) noexcept {
  JsonMasks out;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), fold = _mm_set1_epi8(0x20),
                open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
  const auto add = [&](int at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
    const __m128i folded = _mm_or_si128(bytes, fold); // '[' and '{' differ in this bit alone, as ']' and '}'
    const auto bits = [at](__m128i equal) {
      return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(equal))) << at;
    };
    out.quotes |= bits(_mm_cmpeq_epi8(bytes, quote));
    out.slashes |= bits(_mm_cmpeq_epi8(bytes, slash));
    out.opens |= bits(_mm_cmpeq_epi8(folded, open));
    out.closes |= bits(_mm_cmpeq_epi8(folded, close));
  };
  add(0), add(16), add(32), add(48);
#else
  for (int i = 0; i < 64; ++i) {
    const std::uint64_t bit = 1ull << i;
    const char c = p[i];
    if (c == '"') out.quotes |= bit;
    if (c == '\\') out.slashes |= bit;
    if ((c | 0x20) == '{') out.opens |= bit;
    if ((c | 0x20) == '}') out.closes |= bit;
  }
#endif
  return out;
}

} // namespace switchyard::core
