// Notices a model that says the same thing for ever (spec router.md 4.4). Pure; one per stream.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

namespace switchyard::http {

class LoopGuard {
 public:
  /// 0 = no limit.
  explicit LoopGuard(int limit) noexcept : limit_(limit) {}
  /// Takes the `choices` of the next chunk as written. True when more than `limit` in a row were the same and
  /// hold a text of more than two characters, as LiteLLM has it: blanks and dashes may repeat.
  bool repeats(std::string_view choices) {
    if (limit_ == 0 || choices.empty()) return false;
    if (choices == last_) return ++count_ > limit_ && confirm();
    if (choices.size() == last_.size())
      std::memcpy(last_.data(), choices.data(), choices.size()); // as most are, and cheaper
    else
      last_ = choices;
    return count_ = 1, false;
  }

 private:
  bool confirm();

  std::string last_;
  int count_ = 0; ///< chunks in a row that equal last_
  int limit_;
};

} // namespace switchyard::http
