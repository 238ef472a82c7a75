// What OAuth2 introspection and the custom authentication hook said, for as long as their answers may be
// kept. Shard thread only; bounded. Refusals are never kept.
#pragma once

#include "http/access/fetch.hpp"

#include <switchyard/clock.hpp>
#include <switchyard/identity.hpp>
#include <switchyard/value.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace switchyard::http::access {

class Vouched {
 public:
  /// Null = not asked, or too long ago.
  std::shared_ptr<const Value> find(std::string_view question, Instant now) const;
  void keep(std::string question, std::shared_ptr<const Value> answer, Instant until);

 private:
  struct Kept {
    std::shared_ptr<const Value> answer;
    Instant until{};
  };
  std::unordered_map<std::string, Kept, TextHash, std::equal_to<>> kept_;
};

/// Seconds of `Cache-Control: max-age`; nothing without one, or with no-store or no-cache.
std::optional<double> max_age_of(std::string_view cache_control);
/// How long the answer of an introspection is good: until its `exp`, for its max-age, never longer than
/// `most`; 0 when it says neither.
double life_of(const Fetched& answer, const Value& info, WallTime now, double most);

} // namespace switchyard::http::access
