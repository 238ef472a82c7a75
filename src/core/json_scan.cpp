// The strict one-pass scanner over a JSON object: grammar, depth, UTF-8, duplicate top-level keys. Pure, any
// thread; runs on every request: no recursion, and no allocation once the caller's ObjectScan has grown.
#include "core/json_blocks.hpp"
#include "core/json_string.hpp"
#include "core/utf8.hpp"

#include <switchyard/json_scan.hpp>

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <span>

namespace switchyard {
namespace {

constexpr std::uint32_t k_depth_limit = 1024; // what the bit stack holds
constexpr std::size_t k_kept_fields = 4096;   // larger vectors go back to the heap

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_hex(char c) { return is_digit(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6; }

JsonKind kind_of(char first) {
  switch (first) {
  case '{':
    return JsonKind::object;
  case '[':
    return JsonKind::array;
  case '"':
    return JsonKind::string;
  case 't':
  case 'f':
    return JsonKind::boolean;
  case 'n':
    return JsonKind::null;
  default:
    return JsonKind::number;
  }
}

// The grammar. The cursor goes in and out of every function as a value, so that it stays in a register; null
// means that problem_ and where_ say what is wrong.
class Scanner {
 public:
  Scanner(std::string_view text, ObjectScan& out, const ScanOptions& options)
      : begin_(text.data()), end_(begin_ + text.size()), out_(out), options_(options),
        max_depth_(std::min(options.max_depth, k_depth_limit)) {}

  // False on the first problem; error() says what and where.
  bool run();
  Error error() const;

 private:
  using Cursor = const char*;

  Cursor fail(Cursor p, const char* what) { return problem_ = what, where_ = p, nullptr; }
  std::uint32_t offset(Cursor p) const { return static_cast<std::uint32_t>(p - begin_); }
  Cursor space(Cursor p) const { return core::skip_json_space(p, end_); }
  // Behind the white space at p, where something must follow.
  Cursor token(Cursor p) {
    p = space(p);
    return p != end_ ? p : fail(p, "unexpected end of the body");
  }

  Cursor members(Cursor p);
  Cursor member(Cursor p);
  bool add_field(Cursor begin, Cursor end);
  Cursor nested(Cursor p);
  Cursor open(Cursor p, bool& object);
  Cursor ends(Cursor p, bool& object);
  Cursor key(Cursor p);
  Cursor colon(Cursor p);
  Cursor no_key(Cursor p);
  bool trailing_comma(Cursor p, Cursor comma);
  Cursor scalar(Cursor p);
  Cursor string(Cursor p);
  Cursor odd_string(Cursor p);
  Cursor escape(Cursor p);
  Cursor number(Cursor p);
  Cursor digits(Cursor p, const char* problem);
  Cursor literal(Cursor p, std::string_view word);

  Cursor begin_, end_;
  ObjectScan& out_;
  const ScanOptions& options_;
  std::uint32_t max_depth_, depth_ = 1;
  bool escaped_ = false;                                // a string since the last look had a backslash
  std::array<std::uint64_t, k_depth_limit / 64> kinds_; // one bit per open level: 1 = object
  const char* problem_ = "";
  Cursor where_ = nullptr;
};

bool Scanner::run() {
  Cursor p = space(begin_);
  if (p == end_) return fail(p, "the body is empty, expected a JSON object");
  if (std::string_view(p, static_cast<std::size_t>(end_ - p)).starts_with("\xEF\xBB\xBF"))
    return fail(p, "unexpected UTF-8 byte order mark");
  if (*p != '{') return fail(p, "expected a JSON object");
  if (max_depth_ == 0) return fail(p, "nested too deeply");
  out_.open = offset(p);
  p = members(p + 1);
  if (!p) return false;
  out_.close = offset(p) - 1;
  p = space(p);
  return p == end_ || fail(p, "unexpected text after the object");
}

// The top level, from behind '{' to behind '}'.
const char* Scanner::members(Cursor p) {
  if (!(p = token(p)) || *p == '}') return p ? p + 1 : p;
  for (;;) {
    if (!(p = member(p)) || !(p = token(p))) return p;
    if (*p == '}') return p + 1;
    if (*p != ',') return fail(p, "expected ',' or '}'");
    const Cursor comma = p;
    if (!(p = token(p + 1))) return p;
    if (*p == '}') return trailing_comma(p, comma) ? p + 1 : nullptr;
  }
}

const char* Scanner::member(Cursor p) {
  if (*p != '"') return no_key(p);
  const Cursor begin = p;
  escaped_ = false;
  if (!(p = string(p))) return p;
  if (!add_field(begin, p)) return fail(p, "too many members in one object");
  if (!(p = colon(p))) return p;
  JsonField& field = out_.fields.back();
  field.value_begin = offset(p);
  field.kind = kind_of(*p);
  p = *p == '{' || *p == '[' ? nested(p) : scalar(p);
  if (p) field.value_end = offset(p);
  return p;
}

bool Scanner::add_field(Cursor begin, Cursor end) {
  if (out_.fields.size() == options_.max_fields) return false;
  JsonField& field = out_.fields.emplace_back();
  field.key_begin = offset(begin);
  field.key = std::string_view(begin + 1, static_cast<std::size_t>(end - begin) - 2);
  if (escaped_) {
    out_.scratch.push_back(std::make_unique<std::string>());
    core::append_unescaped(*out_.scratch.back(), field.key);
    field.key = *out_.scratch.back();
  }
  return true;
}

// One array or object, from its bracket to behind the one that closes it.
const char* Scanner::nested(Cursor p) {
  bool object = false;
  p = open(p, object);
  while (p && depth_ > 1) {
    if (object && !(p = key(p))) break;
    if (*p == '{' || *p == '[')
      p = open(p, object);
    else if ((p = scalar(p)))
      p = ends(p, object);
  }
  return p;
}

// To the first element or key; over the bracket that closes when there is none.
const char* Scanner::open(Cursor p, bool& object) {
  if (depth_ == max_depth_) return fail(p, "nested too deeply");
  object = *p == '{';
  const std::uint64_t bit = 1ull << (depth_ % 64);
  std::uint64_t& word = kinds_[depth_ / 64];
  word = object ? word | bit : word & ~bit;
  ++depth_;
  if (!(p = token(p + 1))) return p;
  return *p == (object ? '}' : ']') ? ends(p, object) : p;
}

// Behind a value: over a comma to what follows it, or over all brackets that close here.
const char* Scanner::ends(Cursor p, bool& object) {
  while ((p = token(p))) {
    const char closer = object ? '}' : ']';
    if (*p == ',') {
      const Cursor comma = p;
      if (!(p = token(p + 1)) || *p != closer) return p;
      if (!trailing_comma(p, comma)) return nullptr;
    } else if (*p != closer) {
      return fail(p, object ? "expected ',' or '}'" : "expected ',' or ']'");
    }
    ++p;
    if (--depth_ == 1) return p;
    object = (kinds_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1;
  }
  return p;
}

// A key and its colon, to the value.
const char* Scanner::key(Cursor p) {
  if (*p != '"') return no_key(p);
  return (p = string(p)) ? colon(p) : p;
}

const char* Scanner::colon(Cursor p) {
  p = space(p);
  if (p == end_ || *p != ':') return fail(p, "expected ':'");
  return token(p + 1);
}

const char* Scanner::no_key(Cursor p) {
  Cursor before = p - 1;
  while (core::is_json_space(*before)) --before;
  return fail(p, *before == ',' ? "expected a string key" : "expected a string key or '}'");
}

bool Scanner::trailing_comma(Cursor p, Cursor comma) {
  if (!options_.lenient_commas) return fail(p, "trailing comma");
  out_.trailing_commas.push_back(offset(comma));
  return true;
}

const char* Scanner::scalar(Cursor p) {
  switch (*p) {
  case '"':
    return string(p);
  case 't':
    return literal(p, "true");
  case 'f':
    return literal(p, "false");
  case 'n':
    return literal(p, "null");
  default:
    return number(p);
  }
}

const char* Scanner::string(Cursor p) {
  p = core::find_string_special<true>(p + 1, end_);
  if (p != end_ && *p == '"') [[likely]]
    return p + 1;
  return odd_string(p);
}

// From the first byte that is not plain.
const char* Scanner::odd_string(Cursor p) {
  for (;;) {
    if (p == end_) return fail(p, "unterminated string");
    if (*p == '"') return p + 1;
    if (*p != '\\') return fail(p, "control character in a string");
    escaped_ = true;
    if (!(p = escape(p))) return p;
    p = core::find_string_special<true>(p, end_);
  }
}

const char* Scanner::escape(Cursor p) {
  if (end_ - p < 2) return fail(p, "unterminated string");
  switch (p[1]) {
  case '"':
  case '\\':
  case '/':
  case 'b':
  case 'f':
  case 'n':
  case 'r':
  case 't':
    return p + 2;
  case 'u':
    break;
  default:
    return fail(p, "invalid escape in a string");
  }
  for (int i = 2; i < 6; ++i)
    if (end_ - p <= i || !is_hex(p[i])) return fail(p, "invalid \\u escape in a string");
  return p + 6;
}

const char* Scanner::digits(Cursor p, const char* problem) {
  if (p == end_ || !is_digit(*p)) return fail(p, problem);
  while (p != end_ && is_digit(*p)) ++p;
  return p;
}

const char* Scanner::number(Cursor p) {
  const bool minus = *p == '-';
  const Cursor integer = p + minus;
  if (!(p = digits(integer, minus ? "invalid number" : "expected a value"))) return p;
  if (*integer == '0' && p - integer > 1) return fail(p, "invalid number, leading zero");
  if (p != end_ && *p == '.' && !(p = digits(p + 1, "invalid number"))) return p;
  if (p != end_ && (*p | 0x20) == 'e') {
    ++p;
    if (p != end_ && (*p == '+' || *p == '-')) ++p;
    return digits(p, "invalid number");
  }
  return p;
}

const char* Scanner::literal(Cursor p, std::string_view word) {
  const auto left = static_cast<std::size_t>(end_ - p);
  if (left < word.size() || std::memcmp(p, word.data(), word.size()) != 0) return fail(p, "expected a value");
  return p + word.size();
}

Error invalid(std::string message, std::size_t offset) {
  Error error{Errc::invalid_request};
  error.message = "Invalid JSON: " + std::move(message) + " at byte " + std::to_string(offset);
  return error;
}

Error Scanner::error() const { return invalid(problem_, offset(where_)); }

// Below this many keys comparing all pairs is cheaper than sorting; above it pairs would be quadratic.
constexpr std::size_t k_few_fields = 32;

const JsonField* repeated_in_few(std::span<const JsonField> fields) {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view key = fields[i].key;
    const auto hash = key.empty() ? 0
                                  : key.size() * 31 + static_cast<unsigned char>(key.front()) * 7u +
                                        static_cast<unsigned char>(key.back());
    const std::uint64_t bit = 1ull << (hash & 63);
    if (seen & bit)
      for (std::size_t j = 0; j < i; ++j)
        if (fields[j].key == key) return &fields[i];
    seen |= bit;
  }
  return nullptr;
}

const JsonField* repeated_in_many(std::span<const JsonField> fields) {
  std::vector<const JsonField*> sorted(fields.size());
  std::transform(fields.begin(), fields.end(), sorted.begin(), [](const JsonField& field) { return &field; });
  std::sort(sorted.begin(), sorted.end(), [](auto a, auto b) { return a->key < b->key; });
  const auto same = [](auto a, auto b) { return a->key == b->key; };
  const auto at = std::adjacent_find(sorted.begin(), sorted.end(), same);
  return at == sorted.end() ? nullptr : std::max(at[0], at[1]);
}

Result<void> check_keys(const ObjectScan& scan) {
  const bool few = scan.fields.size() <= k_few_fields;
  const JsonField* field = few ? repeated_in_few(scan.fields) : repeated_in_many(scan.fields);
  if (!field) return {};
  // A client may send a key of megabytes.
  const std::string_view shown = field->key.substr(0, 64);
  return invalid("the key " + json_string(shown) + " appears twice,", field->key_begin);
}

} // namespace

const JsonField* ObjectScan::find(std::string_view key) const noexcept {
  for (const JsonField& field : fields)
    if (field.key == key) return &field;
  return nullptr;
}

void ObjectScan::clear() noexcept {
  text = {}, open = close = 0;
  fields.clear(), trailing_commas.clear(), scratch.clear();
  if (fields.capacity() > k_kept_fields) fields.shrink_to_fit();
  if (trailing_commas.capacity() > k_kept_fields) trailing_commas.shrink_to_fit();
}

Result<void> scan_object(std::string_view text, ObjectScan& out, ScanOptions options) {
  out.clear();
  out.text = text;
  if (text.size() >= std::numeric_limits<std::uint32_t>::max()) return invalid("the body is too large", 0);
  Scanner scanner(text, out, options);
  if (!scanner.run()) return scanner.error();
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return invalid("invalid UTF-8", core::find_invalid_utf8(text));
  return check_keys(out);
}

std::string remove_commas(const ObjectScan& scan) {
  std::string out;
  out.reserve(scan.text.size());
  std::size_t from = 0;
  for (const std::uint32_t comma : scan.trailing_commas) {
    out.append(scan.text, from, comma - from);
    from = comma + 1;
  }
  return out.append(scan.text, from);
}

} // namespace switchyard
