// Call ids from xoshiro256++ seeded by the kernel. One generator per shard; never a source of secrets.
#include <switchyard/call_id.hpp>

#include <bit>
#include <cstdlib>
#include <sys/random.h>

namespace switchyard {
namespace {

constexpr std::size_t k_longest_id = 128;

template <class T>
T from_kernel() {
  T out{};
  // Up to 256 bytes are never cut short once the pool is ready; a kernel without entropy is no place to run.
  if (::getrandom(&out, sizeof out, 0) != static_cast<ssize_t>(sizeof out)) std::abort();
  return out;
}

constexpr bool is_id_char(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         c == '.' || c == ':';
}

} // namespace

std::uint64_t random_seed() { return from_kernel<std::uint64_t>(); }

CallIds::CallIds() : CallIds(from_kernel<Seed>()) {}

// All zeros is the one state that xoshiro never leaves.
CallIds::CallIds(Seed seed) : state_(seed) { state_[0] |= seed == Seed{} ? 1 : 0; }

std::uint64_t CallIds::bits() {
  const std::uint64_t out = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0], state_[3] ^= state_[1];
  state_[1] ^= state_[2], state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return out;
}

std::string CallIds::next() {
  constexpr char hex[] = "0123456789abcdef";
  constexpr std::uint64_t version_mask = 0xF000, version = 0x4000;
  const std::uint64_t halves[] = {(bits() & ~version_mask) | version, (bits() << 2 >> 2) | 1ull << 63};
  std::string out(36, '-');
  std::size_t at = 0;
  for (const std::uint64_t half : halves)
    for (int shift = 60; shift >= 0; shift -= 4) {
      if (at == 8 || at == 13 || at == 18 || at == 23) ++at;
      out[at++] = hex[half >> shift & 15];
    }
  return out;
}

bool valid_call_id(std::string_view id) noexcept {
  if (id.empty() || id.size() > k_longest_id) return false;
  for (const char c : id)
    if (!is_id_char(c)) return false;
  return true;
}

} // namespace switchyard
