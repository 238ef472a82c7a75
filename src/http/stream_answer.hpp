// A streamed answer put together again, for store_prompts_in_spend_logs: what the client would have got
// without `stream`. Pure; made only when answers are kept.
#pragma once

#include <switchyard/value.hpp>

#include <string>
#include <string_view>

namespace switchyard::http {

class StreamAnswer {
 public:
  /// Longer answers are not kept: add() then does nothing more and text() is "".
  static constexpr std::size_t k_most = 1024 * 1024;

  /// Frames as the client gets them: lines of "data: {...}".
  void add(std::string_view frames);
  /// JSON; "" = nothing was understood, or too much.
  std::string text() const;

 private:
  void take(const Value& event);
  void take_choice(const Value& choice);
  void take_block(const Value& event, std::string_view type);

  ValueMap answer_; ///< the object so far, without choices
  ValueList choices_, blocks_;
  bool completion_ = false; ///< of /completions: text instead of a message
  std::size_t size_ = 0;
};

} // namespace switchyard::http
