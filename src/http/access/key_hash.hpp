// The hash by which keys are stored: lowercase hex of SHA-256. Any thread; one context per thread is reused.
#pragma once

#include <array>
#include <string_view>

namespace switchyard::http::access {

class KeyHash {
 public:
  std::string_view text() const noexcept { return {hex_.data(), hex_.size()}; }

 private:
  friend KeyHash hash_key(std::string_view key) noexcept;
  std::array<char, 64> hex_{};
};

KeyHash hash_key(std::string_view key) noexcept;

} // namespace switchyard::http::access
