// CRC-32C: one instruction per eight bytes on x86, a table elsewhere. Pure.
#include "storage/crc32c.hpp"

#include <array>
#include <cstring>

namespace switchyard::storage {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0x82F63B78u : 0);
    table[i] = value;
  }
  return table;
}
constexpr std::array<std::uint32_t, 256> k_table = make_table();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t by_instruction(std::string_view bytes) noexcept {
  std::uint64_t value = ~0u;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    value = __builtin_ia32_crc32di(value, word);
  }
  auto narrow = static_cast<std::uint32_t>(value);
  for (; left > 0; ++at, --left) narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(*at));
  return ~narrow;
}
#endif

} // namespace

std::uint32_t crc32c_by_table(std::string_view bytes) noexcept {
  std::uint32_t value = ~0u;
  for (const char c : bytes) value = value >> 8 ^ k_table[(value ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~value;
}

std::uint32_t crc32c(std::string_view bytes) noexcept {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return by_instruction(bytes);
#endif
  return crc32c_by_table(bytes);
}

} // namespace switchyard::storage
