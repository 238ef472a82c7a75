// Notifications as text. Pure, any thread.
#include "key_ring_words.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace switchyard::storage {
namespace {

constexpr std::array<std::string_view, 12> k_names = {"key",          "team",         "user",     "member",
                                                      "organization", "project",      "customer", "tag",
                                                      "budget",       "access_group", "model",    "config"};
static_assert(k_names.size() == static_cast<std::size_t>(Touched::What::config) + 1);
constexpr std::size_t k_longest_id = 140; // a word has 200 bytes at most

bool fits(std::string_view id) {
  return id.size() <= k_longest_id &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return c > ' ' && c < 0x7f && c != '\''; });
}

std::string_view cut_at(std::string_view& text, char end) {
  const auto at = text.find(end);
  if (at == std::string_view::npos) return {};
  auto out = text.substr(0, at);
  text.remove_prefix(at + 1);
  return out;
}

} // namespace

std::string word_of(std::string_view sender, WallTime when, const Touched& touched) {
  const auto ms = std::chrono::duration_cast<Millis>(when.time_since_epoch()).count();
  std::string out(sender);
  out += "/" + std::to_string(ms) + "/";
  out += k_names[static_cast<std::size_t>(touched.what)];
  out += touched.spend_set ? "!:" : ":";
  if (fits(touched.id)) out += touched.id;
  return out;
}

Heard heard_in(std::string_view word) {
  Heard out;
  const auto colon = word.find(':');
  if (std::count(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(std::min(colon, word.size())),
                 '/') == 2) {
    out.sender = cut_at(word, '/');
    const auto ms = cut_at(word, '/');
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(ms.data(), ms.data() + ms.size(), number);
    if (problem == std::errc() && end == ms.data() + ms.size() && number > 0 && number < (1ll << 43))
      out.written = WallTime(Millis(number));
  }
  auto kind = cut_at(word, ':');
  const bool spend_set = kind.ends_with('!');
  if (spend_set) kind.remove_suffix(1);
  const auto found = std::find(k_names.begin(), k_names.end(), kind);
  const bool has_row = found < k_names.begin() + static_cast<int>(Touched::What::model);
  if (found == k_names.end() || (word.empty() && has_row)) return out;
  out.touched = Touched{static_cast<Touched::What>(found - k_names.begin()), std::string(word), spend_set};
  return out;
}

} // namespace switchyard::storage
