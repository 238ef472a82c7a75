// Walks the members of a JSON object that is only passed on: it finds where values begin and end and refuses
// text that is cut off, and leaves the grammar below to whoever reads the object in the end. What clients
// send goes through scan_object instead. Pure, any thread; implemented in src/core/json_skim.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

/// Accepts every object that scan_object accepts without trailing commas, and finds the same members.
/// Of what it skips it checks only that strings end and that as many brackets close as open, 256 deep; the
/// caller looks out for repeated keys. Allocates only for keys that are written with escapes.
class JsonSkim {
 public:
  /// `text` = one object, white space around it allowed.
  explicit JsonSkim(std::string_view text) noexcept;
  /// Where a walk of a text with the same beginning stood: before the value at `at` of a top-level member.
  static JsonSkim at_value(std::string_view text, std::size_t at) noexcept {
    const auto* const begin = text.data() + (at < text.size() ? at : text.size());
    const auto* const end = text.data() + text.size();
    return JsonSkim(begin, end, 1, begin != end ? State::at_value : State::failed);
  }
  JsonSkim(const JsonSkim&) = delete;
  JsonSkim& operator=(const JsonSkim&) = delete;

  /// To the next member, over what is left of this one. False behind the last member, and for good at the
  /// first problem.
  bool next();
  /// Unescaped.
  std::string_view key() const noexcept { return key_; }
  /// First byte of the member's value, which tells its kind; only before value() and inside().
  char kind() const noexcept { return *at_; }
  /// The member's value as written. Empty when it is not whole: then next() is false and complete() too.
  std::string_view value() noexcept;

  /// The members of a value of kind '{', without looking at its bytes twice: walk it to its end, then hand it
  /// to leave().
  JsonSkim inside() noexcept;
  void leave(const JsonSkim& inner) noexcept;

  /// Whether the walk reached the object's end, and nothing followed.
  bool complete() const noexcept { return state_ == State::ended; }

 private:
  enum class State : std::uint8_t { first, at_value, behind_value, ended, failed };

  JsonSkim(const char* at, const char* end, std::uint32_t depth, State state) noexcept
      : at_(at), end_(end), depth_(depth), state_(state) {}
  bool fail() noexcept { return state_ = State::failed, false; }
  bool close(const char* p) noexcept;
  bool read_key(const char* p);
  const char* unescape_key(const char* begin, const char* slash);

  const char* at_;
  const char* end_;
  std::string_view key_;
  std::uint32_t depth_ = 1; ///< of this object in the whole text
  State state_;
  std::string scratch_; ///< the key, when it had escapes
};

} // namespace switchyard
