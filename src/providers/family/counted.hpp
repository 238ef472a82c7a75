// Usage that the upstream does not report: counted from the request and the answer, with the vocabularies
// that are installed, else estimated. Pure, any thread.
#pragma once

#include <switchyard/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers {

struct Answer;

/// Fills the usage of a chat answer that has none, in the answer as in the bill.
void count_usage(const Call& call, Answer& answer);

/// What a chat stream has said, piece by piece, for the same count. One per stream, one shard.
class StreamCount {
 public:
  enum Place : int { content, reasoning, k_tools }; ///< k_tools + 2 i = name of tool i, + 1 its arguments
  void add(int place, std::string_view piece);
  Usage usage(const Call& call) const;
  bool empty() const noexcept { return said_.empty(); }

 private:
  struct Said {
    int place;
    std::string text;
  };
  std::vector<Said> said_;
};

} // namespace switchyard::providers
