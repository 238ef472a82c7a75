// Readers of single JSON values that scan_object has validated. Pure, any thread; no allocation.
#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// from_chars also reads "inf" and "nan"; JSON numbers start with a digit behind an optional minus.
bool looks_numeric(std::string_view raw) {
  if (raw.starts_with('-')) raw.remove_prefix(1);
  return !raw.empty() && raw.front() >= '0' && raw.front() <= '9';
}

template <class T>
std::optional<T> read_number(std::string_view raw) {
  T out{};
  if (!looks_numeric(raw)) return {};
  const auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), out);
  if (problem != std::errc() || end != raw.data() + raw.size()) return {};
  return out;
}

// Behind the string whose opening quote is at `pos`.
std::size_t skip_string(std::string_view text, std::size_t pos) {
  for (++pos; pos < text.size() && text[pos] != '"'; ++pos)
    if (text[pos] == '\\') ++pos;
  return std::min(pos + 1, text.size());
}

// Behind the value that starts at `pos`: at the comma, the bracket or the space that ends it.
std::size_t skip_value(std::string_view text, std::size_t pos) {
  std::size_t depth = 0;
  while (pos < text.size()) {
    const char c = text[pos];
    if (c == '"') {
      pos = skip_string(text, pos);
      continue;
    }
    const bool closes = c == ']' || c == '}';
    if (depth == 0 && (closes || c == ',' || is_space(c))) return pos;
    if (closes) --depth;
    if (c == '[' || c == '{') ++depth;
    ++pos;
  }
  return pos;
}

} // namespace

std::optional<bool> as_bool(std::string_view raw) noexcept {
  if (raw == "true") return true;
  if (raw == "false") return false;
  return {};
}

std::optional<double> as_number(std::string_view raw) noexcept { return read_number<double>(raw); }

std::optional<std::int64_t> as_int(std::string_view raw) noexcept {
  constexpr std::size_t k_short = 18; // digits that cannot overflow
  std::int64_t out = 0;
  std::size_t at = 0;
  for (; at < raw.size() && at < k_short && static_cast<unsigned char>(raw[at] - '0') < 10; ++at)
    out = out * 10 + (raw[at] - '0');
  if (at == raw.size() && at != 0) return out;
  return read_number<std::int64_t>(raw);
}

bool next_element(std::string_view array, std::size_t& pos, std::string_view& element) noexcept {
  if (!array.starts_with('[')) return false;
  if (pos == 0) pos = 1;
  while (pos < array.size() && (is_space(array[pos]) || array[pos] == ',')) ++pos;
  if (pos >= array.size() || array[pos] == ']') return false;
  const std::size_t end = skip_value(array, pos);
  element = array.substr(pos, end - pos);
  pos = end;
  return !element.empty();
}

} // namespace switchyard
