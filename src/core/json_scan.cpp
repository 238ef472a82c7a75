// The strict one-pass scanner over a JSON object: grammar, depth, UTF-8, duplicate top-level keys. Pure, any
// thread; runs on every request: no recursion, and no allocation once the caller's ObjectScan has grown.
#include "core/json_string.hpp"
#include "core/utf8.hpp"

#include <switchyard/json_scan.hpp>

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace switchyard {
namespace {

constexpr std::size_t k_usual_fields = 16;

constexpr std::uint32_t k_depth_limit = 1024; // what the bit stack holds
constexpr std::size_t k_kept_fields = 4096;   // larger vectors go back to the heap

bool is_digit(char c) { return static_cast<unsigned char>(c - '0') < 10; }
bool is_hex(char c) { return is_digit(c) || static_cast<unsigned char>((c | 0x20) - 'a') < 6; }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool ends_run(char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }

// First byte at or after p that is a quote, a backslash or a control character; `end` when there is none.
const char* skip_plain(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash));
    const int hits = _mm_movemask_epi8(_mm_or_si128(special, control));
    if (hits != 0) return p + __builtin_ctz(static_cast<unsigned>(hits));
  }
#endif
  while (p != end && !ends_run(*p)) ++p;
  return p;
}

// What may stand at the cursor.
enum class Expect : std::uint8_t { value, first_element, key, first_key, after };

class Scanner {
 public:
  Scanner(std::string_view text, ObjectScan& out, const ScanOptions& options)
      : begin_(text.data()), p_(begin_), end_(begin_ + text.size()), out_(out), options_(options),
        max_depth_(std::min(options.max_depth, k_depth_limit)) {}

  // False on the first problem; error() says what and where.
  bool run();
  Error error() const;

 private:
  bool fail(const char* what) { return problem_ = what, false; }
  std::uint32_t here() const { return static_cast<std::uint32_t>(p_ - begin_); }
  void skip_space() {
    while (p_ != end_ && is_space(*p_)) ++p_;
  }
  bool in_object() const { return (kinds_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1; }

  bool step();
  bool value();
  bool key(bool first);
  bool after();
  bool open(bool object);
  bool close();
  bool trailing_comma();
  void end_value(JsonKind kind, std::uint32_t begin);
  bool string(bool& escaped);
  bool escape();
  bool digits();
  bool number();
  bool literal(std::string_view word);
  bool scalar();
  bool add_field(std::uint32_t key_begin, bool escaped);

  const char* begin_;
  const char* p_;
  const char* end_;
  ObjectScan& out_;
  const ScanOptions& options_;
  std::uint32_t max_depth_, depth_ = 0, last_comma_ = 0;
  Expect expect_ = Expect::after;
  std::array<std::uint64_t, k_depth_limit / 64> kinds_; // one bit per open level: 1 = object
  const char* problem_ = "";
};

bool Scanner::run() {
  skip_space();
  if (p_ == end_) return fail("the body is empty, expected a JSON object");
  if (std::string_view(p_, static_cast<std::size_t>(end_ - p_)).starts_with("\xEF\xBB\xBF"))
    return fail("unexpected UTF-8 byte order mark");
  if (*p_ != '{') return fail("expected a JSON object");
  out_.open = here();
  if (!open(true)) return false;
  while (depth_ != 0)
    if (!step()) return false;
  out_.close = here() - 1;
  skip_space();
  return p_ == end_ || fail("unexpected text after the object");
}

bool Scanner::step() {
  skip_space();
  if (p_ == end_) return fail("unexpected end of the body");
  switch (expect_) {
  case Expect::after:
    return after();
  case Expect::key:
    return key(false);
  case Expect::first_key:
    return key(true);
  case Expect::first_element:
    return *p_ == ']' ? close() : value();
  case Expect::value:
    return *p_ == ']' && !in_object() ? trailing_comma() : value();
  }
  return false;
}

bool Scanner::value() {
  if (*p_ == '{' || *p_ == '[') {
    if (depth_ == 1) out_.fields.back().value_begin = here();
    return open(*p_ == '{');
  }
  if (depth_ != 1) return scalar();
  out_.fields.back().value_begin = here();
  if (!scalar()) return false;
  out_.fields.back().value_end = here();
  return true;
}

bool Scanner::scalar() {
  JsonKind kind = JsonKind::string;
  bool escaped = false, good = false;
  switch (*p_) {
  case '"':
    good = string(escaped);
    break;
  case 't':
    kind = JsonKind::boolean, good = literal("true");
    break;
  case 'f':
    kind = JsonKind::boolean, good = literal("false");
    break;
  case 'n':
    kind = JsonKind::null, good = literal("null");
    break;
  default:
    kind = JsonKind::number, good = number();
    break;
  }
  if (depth_ == 1) out_.fields.back().kind = kind;
  expect_ = Expect::after;
  return good;
}

bool Scanner::open(bool object) {
  if (depth_ == max_depth_) return fail("nested too deeply");
  if (depth_ == 1) out_.fields.back().kind = object ? JsonKind::object : JsonKind::array;
  const std::uint64_t bit = 1ull << (depth_ % 64);
  std::uint64_t& word = kinds_[depth_ / 64];
  word = object ? word | bit : word & ~bit;
  ++depth_, ++p_;
  expect_ = object ? Expect::first_key : Expect::first_element;
  return true;
}

bool Scanner::close() {
  --depth_, ++p_;
  if (depth_ == 1) out_.fields.back().value_end = here();
  expect_ = Expect::after;
  return true;
}

bool Scanner::trailing_comma() {
  if (!options_.lenient_commas) return fail("trailing comma");
  out_.trailing_commas.push_back(last_comma_);
  return close();
}

bool Scanner::after() {
  if (*p_ == ',') {
    last_comma_ = here(), ++p_;
    expect_ = in_object() ? Expect::key : Expect::value;
    return true;
  }
  if (*p_ == (in_object() ? '}' : ']')) return close();
  return fail(in_object() ? "expected ',' or '}'" : "expected ',' or ']'");
}

bool Scanner::key(bool first) {
  if (*p_ == '}') return first ? close() : trailing_comma();
  if (*p_ != '"') return fail(first ? "expected a string key or '}'" : "expected a string key");
  const std::uint32_t begin = here();
  bool escaped = false;
  if (!string(escaped)) return false;
  if (depth_ == 1 && !add_field(begin, escaped)) return false;
  skip_space();
  if (p_ == end_ || *p_ != ':') return fail("expected ':'");
  ++p_;
  skip_space();
  if (p_ == end_) return fail("unexpected end of the body");
  return value();
}

bool Scanner::add_field(std::uint32_t key_begin, bool escaped) {
  if (out_.fields.size() == options_.max_fields) return fail("too many members in one object");
  JsonField& field = out_.fields.emplace_back();
  field.key_begin = key_begin;
  field.key = std::string_view(begin_ + key_begin + 1, here() - key_begin - 2);
  if (escaped) {
    out_.scratch.push_back(std::make_unique<std::string>());
    core::append_unescaped(*out_.scratch.back(), field.key);
    field.key = *out_.scratch.back();
  }
  return true;
}

bool Scanner::string(bool& escaped) {
  for (++p_;;) {
    p_ = skip_plain(p_, end_);
    if (p_ == end_) return fail("unterminated string");
    if (*p_ == '"') return ++p_, true;
    if (*p_ != '\\') return fail("control character in a string");
    escaped = true;
    if (!escape()) return false;
  }
}

bool Scanner::escape() {
  if (end_ - p_ < 2) return fail("unterminated string");
  switch (p_[1]) {
  case '"':
  case '\\':
  case '/':
  case 'b':
  case 'f':
  case 'n':
  case 'r':
  case 't':
    p_ += 2;
    return true;
  case 'u':
    break;
  default:
    return fail("invalid escape in a string");
  }
  for (int i = 2; i < 6; ++i)
    if (end_ - p_ <= i || !is_hex(p_[i])) return fail("invalid \\u escape in a string");
  p_ += 6;
  return true;
}

bool Scanner::digits() {
  if (p_ == end_ || !is_digit(*p_)) return false;
  while (p_ != end_ && is_digit(*p_)) ++p_;
  return true;
}

bool Scanner::number() {
  const char* const start = p_;
  if (*p_ == '-') ++p_;
  const char* const integer = p_;
  if (!digits()) return fail(p_ == start ? "expected a value" : "invalid number");
  if (*integer == '0' && p_ - integer > 1) return fail("invalid number, leading zero");
  if (p_ != end_ && *p_ == '.' && (++p_, !digits())) return fail("invalid number");
  if (p_ != end_ && (*p_ | 0x20) == 'e') {
    ++p_;
    if (p_ != end_ && (*p_ == '+' || *p_ == '-')) ++p_;
    if (!digits()) return fail("invalid number");
  }
  return true;
}

bool Scanner::literal(std::string_view word) {
  const auto left = static_cast<std::size_t>(end_ - p_);
  if (left < word.size() || std::memcmp(p_, word.data(), word.size()) != 0) return fail("expected a value");
  p_ += word.size();
  return true;
}

Error invalid(std::string message, std::size_t offset) {
  Error error{Errc::invalid_request};
  error.message = "Invalid JSON: " + std::move(message) + " at byte " + std::to_string(offset);
  return error;
}

Error Scanner::error() const { return invalid(problem_, here()); }

// Below this many keys comparing all pairs is cheaper than sorting; above it pairs would be quadratic.
constexpr std::size_t k_few_fields = 32;

const JsonField* repeated_in_few(const std::vector<JsonField>& fields) {
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

const JsonField* repeated_in_many(const std::vector<JsonField>& fields) {
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
  if (out.fields.capacity() == 0) out.fields.reserve(k_usual_fields); // one allocation, not five
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
