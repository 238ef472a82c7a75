// Says of most keys that no rule names them, at the cost of a few instructions. Plain data, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace switchyard {

/// A set of keys that may answer yes for a key that was never added, and never no for one that was.
class KeyFilter {
 public:
  constexpr void add(std::string_view key) noexcept {
    const auto bit = hash(key);
    bits_[bit / 64] |= 1ull << (bit % 64);
  }
  constexpr void add(const KeyFilter& other) noexcept {
    for (std::size_t i = 0; i < bits_.size(); ++i) bits_[i] |= other.bits_[i];
  }
  constexpr bool may_hold(std::string_view key) const noexcept {
    const auto bit = hash(key);
    return (bits_[bit / 64] >> (bit % 64)) & 1;
  }

 private:
  static constexpr std::size_t k_words = 32;

  // Length and three characters tell the known names apart well enough.
  static constexpr std::uint32_t hash(std::string_view key) noexcept {
    if (key.empty()) return 0;
    const auto at = [key](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(key[i])}; };
    const auto size = static_cast<std::uint32_t>(key.size());
    const auto mixed = at(0) | at(key.size() / 2) << 8 | at(key.size() - 1) << 16 | size << 24;
    return (mixed * 2654435761u) >> 21; // the upper 11 bits: 32 words of 64
  }

  std::array<std::uint64_t, k_words> bits_{};
};

} // namespace switchyard
