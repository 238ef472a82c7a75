// JSON text to Value in one walk: translated requests and answers come through here, and a tree of somebody
// else's in between would cost as much again. Strict (RFC 8259); any thread.
#include "core/json_blocks.hpp"
#include "core/json_string.hpp"

#include <switchyard/json.hpp>
#include <switchyard/key_filter.hpp>

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <unordered_map>

namespace switchyard {
namespace {

constexpr int k_deepest = 256;
constexpr std::size_t k_usual_members = 4;

bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }

/// The last value of a repeated key counts, at its first place. For objects of any size.
void merge_repeated(ValueMap& map) {
  std::unordered_map<std::string, std::size_t> places;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < map.size(); ++i) {
    const auto [place, fresh] = places.emplace(map[i].first, kept);
    if (!fresh) {
      map[place->second].second = std::move(map[i].second);
      continue;
    }
    if (kept != i) map[kept] = std::move(map[i]);
    ++kept;
  }
  map.resize(kept);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : begin_(text.data()), end_(begin_ + text.size()), at_(begin_) {}

  bool run(Value& out) {
    if (!token() || !value(out, 0)) return false;
    at_ = core::skip_json_space(at_, end_);
    return at_ == end_ || fail("unexpected text after the value");
  }
  Error error() const {
    return Error(Errc::invalid_request,
                 std::string("JSON: ") + problem_ + " at byte " + std::to_string(at_ - begin_));
  }

 private:
  bool fail(const char* problem) { return problem_ = problem, false; }
  bool token() {
    at_ = core::skip_json_space(at_, end_);
    return at_ != end_ || fail("unexpected end");
  }

  bool value(Value& out, int depth) {
    switch (*at_) {
    case '{':
      return depth < k_deepest ? object(out.data().emplace<ValueMap>(), depth + 1)
                               : fail("nested too deeply");
    case '[':
      return depth < k_deepest ? list(out.data().emplace<ValueList>(), depth + 1) : fail("nested too deeply");
    case '"':
      return string(out.data().emplace<std::string>());
    case 't':
      return literal("true") && (out.data() = true, true);
    case 'f':
      return literal("false") && (out.data() = false, true);
    case 'n':
      return literal("null");
    default:
      return number(out);
    }
  }

  // at_ is at '{'; a member is parsed where it will stay.
  bool object(ValueMap& map, int depth) {
    KeyFilter seen;
    bool repeated = false;
    ++at_;
    if (!token()) return false;
    if (*at_ == '}') return ++at_, true;
    for (;;) {
      if (*at_ != '"') return fail("expected a string key");
      if (map.empty()) map.reserve(k_usual_members);
      auto& member = map.emplace_back();
      if (!string(member.first) || !token()) return false;
      repeated = repeated || seen.may_hold(member.first);
      seen.add(member.first);
      if (*at_ != ':') return fail("expected ':'");
      ++at_;
      if (!token() || !value(member.second, depth) || !token()) return false;
      const char behind = *at_++;
      if (behind == '}') break;
      if (behind != ',') return --at_, fail("expected ',' or '}'");
      if (!token()) return false;
    }
    if (repeated) merge_repeated(map);
    return true;
  }

  bool list(ValueList& values, int depth) {
    ++at_;
    if (!token()) return false;
    if (*at_ == ']') return ++at_, true;
    for (;;) {
      if (!value(values.emplace_back(), depth) || !token()) return false;
      const char behind = *at_++;
      if (behind == ']') return true;
      if (behind != ',') return --at_, fail("expected ',' or ']'");
      if (!token()) return false;
    }
  }

  // at_ is at the opening quote.
  bool string(std::string& out) {
    const char* const begin = at_ + 1;
    const char* p = core::find_string_special<true>(begin, end_);
    bool escaped = false;
    while (p != end_ && *p == '\\') {
      escaped = true;
      p = end_ - p < 2 ? end_ : core::find_string_special<true>(p + 2, end_);
    }
    at_ = p;
    if (p == end_) return fail("unterminated string");
    if (*p != '"') return fail("control character in a string");
    const std::string_view body(begin, static_cast<std::size_t>(p - begin));
    ++at_;
    if (!escaped) return out = std::string(body), true; // cheaper than assign(), which looks for aliases
    return escapes_are_known(body) && core::append_unescaped(out, body)
               ? true
               : fail("bad escape in the string that ends");
  }

  /// append_unescaped takes any character behind a backslash.
  static bool escapes_are_known(std::string_view body) {
    for (auto slash = body.find('\\'); slash != body.npos; slash = body.find('\\', slash + 2))
      if (std::string_view("\"\\/bfnrtu").find(body[slash + 1]) == std::string_view::npos) return false;
    return true;
  }

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0)
      return fail("expected a value");
    at_ += word.size();
    return true;
  }

  bool digits() {
    if (at_ == end_ || !is_digit(*at_)) return fail("expected a value");
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return true;
  }

  bool number(Value& out) {
    const char* const begin = at_;
    if (*at_ == '-') ++at_;
    const char* const integer = at_;
    if (!digits()) return false;
    if (*integer == '0' && at_ - integer > 1) return fail("leading zero in the number that ends");
    bool whole = true;
    if (at_ != end_ && *at_ == '.') {
      whole = false, ++at_;
      if (!digits()) return false;
    }
    if (at_ != end_ && (*at_ | 0x20) == 'e') {
      whole = false, ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!digits()) return false;
    }
    return take_number(begin, whole, out);
  }

  bool take_number(const char* begin, bool whole, Value& out) {
    if (std::int64_t small = 0; whole && std::from_chars(begin, at_, small).ec == std::errc()) {
      out.data() = small;
      return true;
    }
    double real = 0;
    if (std::from_chars(begin, at_, real).ec == std::errc::result_out_of_range)
      real = std::strtod(std::string(begin, at_).c_str(), nullptr); // too small is 0, too large is refused
    if (!std::isfinite(real)) return fail("the number that ends is too large");
    out.data() = real;
    return true;
  }

  const char* begin_;
  const char* end_;
  const char* at_;
  const char* problem_ = "";
};

} // namespace

Result<Value> parse_json(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return Error(Errc::invalid_request, "JSON: invalid UTF-8");
  Parser parser(text);
  Value out;
  if (!parser.run(out)) return parser.error();
  return out;
}

} // namespace switchyard
