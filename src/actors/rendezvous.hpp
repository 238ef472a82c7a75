// Rendezvous hashing by weight: who keeps to which row without anything being stored. Pure.
#pragma once

#include <cmath>
#include <cstdint>

namespace switchyard::actors {

/// Uniform in (0, 1], from both hashes (splitmix64's finish).
inline double rendezvous_draw(std::uint64_t who, std::uint64_t row) noexcept {
  auto x = who ^ (row * 0x9E3779B97F4A7C15ull);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  x ^= x >> 31;
  return (static_cast<double>(x >> 11) + 1) * 0x1.0p-53;
}

/// Behind every row with a weight.
inline constexpr double k_last_score = 1e9;

/// The row with the lowest score is the one; a row that comes or goes moves only its own.
inline double rendezvous(std::uint64_t who, std::uint64_t row, double weight) noexcept {
  return weight > 0 ? -std::log(rendezvous_draw(who, row)) / weight : k_last_score;
}

} // namespace switchyard::actors
