// The forgiving walk over an object that is passed on: runs on every answer and every stream event, so it
// reads each byte once, sixty-four at a time below the top level. Pure, any thread; must not recurse.
#include "core/json_blocks.hpp"
#include "core/json_string.hpp"

#include <switchyard/json_skim.hpp>

#include <cstddef>
#include <cstring>

namespace switchyard {
namespace {

constexpr std::uint32_t k_max_depth = 256;

// The closing quote of a string that has a backslash at p; null when it does not end.
const char* escaped_string_end(const char* p, const char* end) noexcept {
  while (p != end && *p != '"') {
    if (end - p < 2) return nullptr;
    p = core::find_string_special<false>(p + 2, end);
  }
  return p == end ? nullptr : p;
}

// Skips one array or object, bracket by bracket.
class Brackets {
 public:
  Brackets(const char* end, std::uint32_t depth) noexcept : end_(end), base_(depth), depth_(depth) {}

  // Behind the bracket that closes the one at p; null when there is none, or when it lies too deep.
  const char* skip(const char* p) noexcept {
    for (; end_ - p >= 64; p += 64) {
      // Long texts are strings: only their end counts.
      if (in_string_ && !escaped_) p = core::find_string_special<false>(p, end_);
      if (end_ - p < 64) break;
      const int stop = block(core::json_masks(p));
      if (stop != 0) return stop < 0 ? nullptr : p + stop;
    }
    char last[64];
    const auto left = static_cast<std::size_t>(end_ - p);
    std::memset(last, ' ', sizeof last);
    std::memcpy(last, p, left);
    const int stop = block(core::json_masks(last));
    return stop > 0 ? p + stop : nullptr;
  }

 private:
  // How far into the block the value reaches; 0 = beyond it, negative = too deep.
  int block(const core::JsonMasks& masks) noexcept {
    std::uint64_t quotes = masks.quotes;
    if (masks.slashes != 0 || escaped_) quotes &= ~escaped(masks.slashes);
    if ((quotes | masks.opens | masks.closes) == 0) return 0;
    const std::uint64_t outside = ~strings(quotes);
    const std::uint64_t opens = masks.opens & outside;
    for (std::uint64_t left = opens | (masks.closes & outside); left != 0; left &= left - 1) {
      if ((opens & left & -left) == 0) {
        if (--depth_ == base_) return __builtin_ctzll(left) + 1;
      } else if (depth_++ == k_max_depth) {
        return -1;
      }
    }
    return 0;
  }

  // Bytes that a backslash takes the meaning of.
  std::uint64_t escaped(std::uint64_t slashes) noexcept {
    std::uint64_t out = escaped_ ? 1 : 0;
    escaped_ = false;
    for (; slashes != 0; slashes &= slashes - 1) {
      const std::uint64_t bit = slashes & -slashes;
      if (out & bit) continue;
      out |= bit << 1;
      escaped_ = bit >> 63 != 0;
    }
    return out;
  }

  // Bytes inside strings, opening quotes included: every quote flips all that follow.
  std::uint64_t strings(std::uint64_t quotes) noexcept {
    quotes ^= quotes << 1, quotes ^= quotes << 2, quotes ^= quotes << 4;
    quotes ^= quotes << 8, quotes ^= quotes << 16, quotes ^= quotes << 32;
    quotes ^= in_string_;
    in_string_ = 0 - (quotes >> 63);
    return quotes;
  }

  const char* end_;
  std::uint32_t base_, depth_;
  std::uint64_t in_string_ = 0; // all ones while a string is open
  bool escaped_ = false;
};

// Letters, digits and signs: what a number or a word may be made of.
constexpr auto k_scalar = [] {
  struct {
    bool at[256]{};
  } table;
  for (int c = '0'; c <= '9'; ++c) table.at[c] = true;
  for (int c = 'a'; c <= 'z'; ++c) table.at[c] = table.at[c - 32] = true;
  for (unsigned char sign : {'-', '+', '.'}) table.at[sign] = true;
  return table;
}();

// Behind the number or word at p; null when it is neither.
const char* scalar_end(const char* p, const char* end) noexcept {
  const char* const begin = p;
  while (p != end && k_scalar.at[static_cast<unsigned char>(*p)]) ++p;
  const std::string_view word(begin, static_cast<std::size_t>(p - begin));
  if (word.empty()) return nullptr;
  if (word[0] == '-' || static_cast<unsigned char>(word[0] - '0') < 10) return p;
  return word == "null" || word == "true" || word == "false" ? p : nullptr;
}

[[gnu::always_inline]] inline const char* value_end(const char* p, const char* end,
                                                    std::uint32_t depth) noexcept {
  if (*p == '"') {
    p = core::find_string_special<false>(p + 1, end);
    if (p == end) return nullptr;
    if (*p != '"') [[unlikely]]
      p = escaped_string_end(p, end);
    return p ? p + 1 : nullptr;
  }
  if (*p == '{' || *p == '[') return Brackets(end, depth).skip(p);
  return scalar_end(p, end);
}

} // namespace

JsonSkim::JsonSkim(std::string_view text) noexcept
    : at_(text.data()), end_(text.data() + text.size()), state_(State::failed) {
  at_ = core::skip_json_space(at_, end_);
  if (at_ == end_ || *at_ != '{') return;
  ++at_;
  state_ = State::first;
}

// p is at the opening quote.
[[gnu::always_inline]] inline bool JsonSkim::read_key(const char* p) {
  const char* const begin = p + 1;
  p = core::find_string_special<false>(begin, end_);
  if (p != end_ && *p == '\\') [[unlikely]]
    p = unescape_key(begin, p);
  else
    key_ = std::string_view(begin, static_cast<std::size_t>(p - begin));
  if (!p || p == end_) return fail();
  p = core::skip_json_space(p + 1, end_);
  if (p == end_ || *p != ':') return fail();
  p = core::skip_json_space(p + 1, end_);
  if (p == end_) return fail();
  at_ = p;
  state_ = State::at_value;
  return true;
}

bool JsonSkim::next() {
  if (state_ == State::at_value) value();
  if (state_ == State::ended || state_ == State::failed) return false;
  const char* p = core::skip_json_space(at_, end_);
  if (state_ == State::behind_value) {
    if (p == end_ || *p != ',') return close(p);
    p = core::skip_json_space(p + 1, end_);
    if (p == end_ || *p != '"') return fail();
  } else if (p == end_ || *p != '"') {
    return close(p);
  }
  return read_key(p);
}

// A lone surrogate is allowed, as in scan_object: such a key equals none that we know.
const char* JsonSkim::unescape_key(const char* begin, const char* slash) {
  const char* const quote = escaped_string_end(slash, end_);
  scratch_.clear();
  if (quote) core::append_unescaped(scratch_, {begin, static_cast<std::size_t>(quote - begin)});
  key_ = scratch_;
  return quote;
}

bool JsonSkim::close(const char* p) noexcept {
  if (p == end_ || *p != '}') return fail();
  at_ = p + 1;
  state_ = State::ended;
  if (depth_ == 1 && core::skip_json_space(at_, end_) != end_) state_ = State::failed;
  return false;
}

std::string_view JsonSkim::value() noexcept {
  const char* const begin = at_;
  if (state_ != State::at_value) return {};
  const char* const behind = value_end(begin, end_, depth_);
  if (!behind) return fail(), std::string_view{};
  at_ = behind;
  state_ = State::behind_value;
  return {begin, static_cast<std::size_t>(behind - begin)};
}

JsonSkim JsonSkim::inside() noexcept { return JsonSkim(at_ + 1, end_, depth_ + 1, State::first); }

void JsonSkim::leave(const JsonSkim& inner) noexcept {
  at_ = inner.at_;
  state_ = inner.complete() ? State::behind_value : State::failed;
}

} // namespace switchyard
