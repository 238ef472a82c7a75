// Call ids: random UUIDs for x-litellm-call-id, and the check of ids that clients send. A CallIds belongs to
// one shard.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

/// 64 bits from the kernel, to seed a Random. Start-up only: a system call.
std::uint64_t random_seed();

/// Makes version 4 UUIDs without a system call per id (xoshiro256++). Unique, not secret.
class CallIds {
 public:
  using Seed = std::array<std::uint64_t, 4>;
  /// Seeded from the kernel.
  CallIds();
  /// For tests: the same seed gives the same ids.
  explicit CallIds(Seed seed);
  /// "3f2b8c1e-9a4d-4e6f-8b7a-0c1d2e3f4a5b"
  std::string next();

 private:
  std::uint64_t bits();
  Seed state_;
};

/// An id that a client may choose: 1 to 128 characters of A-Z a-z 0-9 - _ . : and nothing else, since it is
/// written to headers, logs and the database.
bool valid_call_id(std::string_view id) noexcept;

} // namespace switchyard
