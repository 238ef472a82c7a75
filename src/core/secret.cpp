// Masking and constant-time comparison of secrets. Pure, any thread. Never logs.
#include <switchyard/secret.hpp>

namespace switchyard {
namespace {

constexpr std::size_t k_shown = 4;
constexpr std::size_t k_shortest_shown = 12;

} // namespace

std::string Secret::masked() const {
  std::string out(value_.size() < k_shortest_shown ? value_.size() : k_shown + 4, '*');
  if (value_.size() >= k_shortest_shown) out.replace(0, k_shown, value_, 0, k_shown);
  return out;
}

/// Walks the candidate from end to end and goes round in the secret, so that neither the place of a
/// difference nor the secret's length shows.
bool equal_constant_time(std::string_view candidate, const Secret& secret) {
  const auto wanted = secret.reveal();
  if (wanted.empty()) return candidate.empty();
  std::size_t difference = candidate.size() ^ wanted.size(), at = 0;
  for (const char c : candidate) {
    difference |= static_cast<unsigned char>(c ^ wanted[at]);
    at = (at + 1) * static_cast<std::size_t>(at + 1 != wanted.size());
  }
  return difference == 0;
}

} // namespace switchyard
