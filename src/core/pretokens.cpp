// Pre-tokenizers by hand: one function for each alternative of the two regular expressions, tried in their
// order. Pure, any thread.
#include "core/pretokens.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace switchyard {
namespace {

using std::size_t;
using std::string_view;

enum Class : std::uint8_t { k_other, k_upper, k_lower, k_caseless, k_mark, k_number, k_space };

constexpr std::uint32_t k_runs[] = {
#include "core/unicode_classes.inc"
};

constexpr Class look_up(std::uint32_t code) noexcept {
  auto behind = std::upper_bound(std::begin(k_runs), std::end(k_runs), code * 8 + 7);
  return static_cast<Class>(*std::prev(behind) & 7);
}

constexpr std::array<Class, 128> k_ascii = [] {
  std::array<Class, 128> out{};
  for (std::uint32_t i = 0; i < out.size(); ++i) out[i] = look_up(i);
  return out;
}();

/// One character of the text: broken UTF-8 is a character a byte.
struct Char {
  std::uint32_t code = 0;
  std::uint8_t size = 0; ///< 0 = the end
  Class kind = k_other;

  bool is_letter() const noexcept { return kind >= k_upper && kind <= k_caseless; }
  bool is_break() const noexcept { return code == '\n' || code == '\r'; }
  bool is_space() const noexcept { return size && kind == k_space; }
  /// [^\s\p{L}\p{N}]
  bool is_symbol() const noexcept { return size && (kind == k_other || kind == k_mark); }
  /// [^\r\n\p{L}\p{N}]
  bool may_lead() const noexcept { return size && !is_letter() && kind != k_number && !is_break(); }
  bool is_upper() const noexcept { return kind == k_upper || kind == k_caseless || kind == k_mark; }
  bool is_lower() const noexcept { return kind == k_lower || kind == k_caseless || kind == k_mark; }
};

Char char_at(string_view text, size_t at) noexcept {
  if (at >= text.size()) return {};
  const auto byte = [&](size_t i) { return static_cast<std::uint8_t>(text[at + i]); };
  const auto first = byte(0);
  if (first < 0x80) return {first, 1, k_ascii[first]};
  const unsigned size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + size > text.size()) return {0xFFFD, 1, k_other};
  std::uint32_t code = first & (0x7Fu >> size);
  for (unsigned i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {0xFFFD, 1, k_other};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  return {code, static_cast<std::uint8_t>(size), look_up(std::min(code, 0x10FFFFu))};
}

template <class Test>
size_t skip(string_view text, size_t at, Test&& test) noexcept {
  for (auto c = char_at(text, at); c.size && test(c); c = char_at(text, at)) at += c.size;
  return at;
}

/// (?i:'s|'t|'re|'ve|'m|'ll|'d): its length, or 0.
size_t contraction(string_view text, size_t at) noexcept {
  if (at >= text.size() || text[at] != '\'') return 0;
  auto rest = text.substr(at + 1);
  if (rest.starts_with("\u017F")) return 3; // the long s is an s
  auto lower = [&](size_t i) { return i < rest.size() ? static_cast<char>(rest[i] | 0x20) : '\0'; };
  const char first = lower(0), second = lower(1);
  for (char one : string_view("sdmt"))
    if (first == one) return 2;
  for (auto two : {string_view("ll"), string_view("ve"), string_view("re")})
    if (first == two[0] && second == two[1]) return 3;
  return 0;
}

size_t numbers(string_view text) noexcept {
  size_t at = 0;
  for (int i = 0; i < 3; ++i) {
    auto c = char_at(text, at);
    if (!c.size || c.kind != k_number) break;
    at += c.size;
  }
  return at;
}

/// " ?[^\s\p{L}\p{N}]+" and then line breaks, and slashes if they count.
size_t symbols(string_view text, bool slashes) noexcept {
  const size_t begin = text[0] == ' ' ? 1 : 0;
  auto at = skip(text, begin, [](const Char& c) { return c.is_symbol(); });
  if (at == begin) return 0;
  while (at < text.size() && (text[at] == '\n' || text[at] == '\r' || (slashes && text[at] == '/'))) ++at;
  return at;
}

/// White space: through its last line break; else all of it at the end; else all but the last character,
/// which goes to the next piece.
size_t spaces(string_view text, bool all_at_end) noexcept {
  size_t at = 0, last = 0, behind_break = 0;
  for (auto c = char_at(text, 0); c.is_space(); c = char_at(text, at)) {
    last = at, at += c.size;
    if (c.is_break()) behind_break = at;
  }
  if (all_at_end && at == text.size()) return at;
  if (behind_break) return behind_break;
  return at == text.size() || last == 0 ? at : last;
}

// -- cl100k_base

size_t letters(string_view text) noexcept {
  auto lead = char_at(text, 0);
  const size_t begin = lead.may_lead() ? lead.size : 0;
  const auto at = skip(text, begin, [](const Char& c) { return c.is_letter(); });
  return at == begin ? 0 : at;
}

size_t cl100k_piece(string_view text) noexcept {
  if (auto size = contraction(text, 0)) return size;
  if (auto size = letters(text)) return size;
  if (auto size = numbers(text)) return size;
  if (auto size = symbols(text, false)) return size;
  return spaces(text, true);
}

// -- o200k_base

/// Upper* Lower+ from `begin`: where it ends, or 0. The greedy Upper* gives back what Lower+ needs.
size_t capitalised(string_view text, size_t begin) noexcept {
  size_t at = begin, both = 0; // `both` = behind the last character that is of both sets
  for (auto c = char_at(text, at); c.size && c.is_upper(); c = char_at(text, at)) {
    at += c.size;
    if (c.is_lower()) both = at;
  }
  const auto end = skip(text, at, [](const Char& c) { return c.is_lower(); });
  return end != at ? end : both;
}

/// Upper+ Lower* likewise.
size_t capitals(string_view text, size_t begin) noexcept {
  const auto at = skip(text, begin, [](const Char& c) { return c.is_upper(); });
  return at == begin ? 0 : skip(text, at, [](const Char& c) { return c.is_lower(); });
}

size_t word(string_view text) noexcept {
  auto lead = char_at(text, 0);
  const size_t begin = lead.may_lead() ? lead.size : 0;
  for (auto form : {capitalised, capitals}) {
    auto end = form(text, begin);
    if (!end && begin) end = form(text, 0); // the lead may be a mark, and belong to the word
    if (end) return end + contraction(text, end);
  }
  return 0;
}

size_t o200k_piece(string_view text) noexcept {
  if (auto size = word(text)) return size;
  if (auto size = numbers(text)) return size;
  if (auto size = symbols(text, true)) return size;
  return spaces(text, false);
}

} // namespace

size_t first_piece(Vocabulary vocabulary, string_view text) noexcept {
  const auto size = vocabulary == Vocabulary::o200k ? o200k_piece(text) : cl100k_piece(text);
  return std::max<size_t>(size, 1);
}

} // namespace switchyard
