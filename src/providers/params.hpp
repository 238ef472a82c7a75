// Names of request parameters: what OpenAI knows, what only the gateway reads. Immutable, any thread.
#pragma once

#include <switchyard/key_filter.hpp>

#include <span>
#include <string_view>

namespace switchyard::providers {

/// Chat parameters newer than the classic set; rows with k_classic_params support none of them.
bool is_newer_param(std::string_view key) noexcept;
std::span<const std::string_view> newer_params() noexcept;

/// Every key that is_gateway_param() names, but for those that has_gateway_prefix() finds.
const KeyFilter& gateway_filter() noexcept;
/// "aws_", "vertex_", ...; false for most keys after two characters.
bool has_gateway_prefix(std::string_view key) noexcept;
inline bool may_have_gateway_prefix(std::string_view key) noexcept {
  if (key.size() < 4) return false;
  const auto first = [key](char a, char b) { return key[0] == a && key[1] == b; };
  return first('a', 'w') || first('v', 'e') || first('m', 'o') || first('l', 'i');
}

} // namespace switchyard::providers
