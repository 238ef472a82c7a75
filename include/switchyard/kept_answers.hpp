// Several exchanges for one call (Provider::follow_up): what http/ keeps of the answers before the last one,
// and how the provider reads them. A provider that answers `wait` k_keep_answer is asked to decode a list of
// all answers in the end. Pure.
#pragma once

#include <switchyard/clock.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers {

/// In follow_up's `wait`: this answer is one part of several, the next request goes at once.
inline constexpr Millis k_keep_answer{-1};

struct KeptAnswer {
  std::string headers, body;
};

/// The body that stands for all answers; `kept` is not empty.
std::string pack_answers(const std::vector<KeptAnswer>& kept, std::string_view last_headers,
                         std::string_view last_body);
/// The answers in it; empty = `body` is one answer and nothing else.
std::vector<KeptAnswer> unpack_answers(std::string_view body);

} // namespace switchyard::providers
