// Random JSON and random damage to it: scanner, splice and simdjson's DOM must agree, and so must scanner and
// skimmer. Seeded, so every run is the same.
#include "json_oracle.hpp"
#include "json_skim_oracle.hpp"

#include <switchyard/clock.hpp>
#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

constexpr std::string_view k_atoms[] = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1.5e+3",
    "12345678901234567890",
    "1E400",
    "\"\"",
    "\"text\"",
    "\"\\u0041\\n\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud83d\"",
    "\"\xC3\xA9\xE2\x82\xAC\"",
    "\"a longer string that fills more than one vector\"",
};
constexpr std::string_view k_keys[] = {"model", "mod\\u0065l", "messages", "metadata", "stream",
                                       "",      "\xC3\xA9",    "user"};
constexpr std::string_view k_spaces[] = {"", "", "", " ", "\n\t", "\r\n  "};
constexpr std::string_view k_damage[] = {",", ",,", "\"", "\\",   "{",     "}",
                                         "[", "]",  ":",  "\x01", "\xFF",  "\xC3",
                                         "0", "-",  ".",  "e",    "\\u12", "\xEF\xBB\xBF"};

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}
  unsigned below(std::size_t n) { return static_cast<unsigned>(random_.next() % n); }
  template <std::size_t N>
  std::string pick(const std::string_view (&from)[N]) {
    return std::string(from[below(N)]);
  }

  std::string value(int depth) {
    const unsigned kind = depth == 0 ? 0 : below(4);
    if (kind == 2) return array(depth - 1);
    if (kind == 3) return object(depth - 1);
    return pick(k_atoms);
  }
  std::string array(int depth) {
    std::string out = "[" + pick(k_spaces);
    for (unsigned i = 0, n = below(4); i < n; ++i)
      out += (i ? "," : "") + pick(k_spaces) + value(depth) + pick(k_spaces);
    return out + comma(out) + "]";
  }
  std::string object(int depth) {
    std::string out = "{" + pick(k_spaces);
    for (unsigned i = 0, n = below(6); i < n; ++i)
      out += (i ? "," : "") + pick(k_spaces) + "\"" + pick(k_keys) + "\"" + pick(k_spaces) + ":" +
             pick(k_spaces) + value(depth);
    return out + comma(out) + pick(k_spaces) + "}";
  }
  // A trailing comma now and then.
  std::string comma(const std::string& before) { return before.size() > 4 && below(12) == 0 ? "," : ""; }

  void damage(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(3)) {
    case 0:
      text.insert(at, pick(k_damage));
      break;
    case 1:
      text.erase(at, 1 + below(3));
      break;
    default:
      if (at < text.size()) text[at] = static_cast<char>(random_.next());
    }
  }

 private:
  Random random_;
};

TEST(JsonProperty, AgreesWithSimdjsonOnRandomTexts) {
  Maker make(20261121);
  ObjectScan scan;
  int accepted = 0, refused = 0;
  for (int i = 0; i < 30000; ++i) {
    std::string text = make.pick(k_spaces) + make.object(4) + make.pick(k_spaces);
    for (unsigned n = make.below(3); n > 0; --n) make.damage(text);
    ASSERT_EQ(test::disagreement(text, make.below(1024)), "") << text;
    ASSERT_EQ(test::skim_disagreement(text), "") << text;
    if (i % 8 == 0) {
      ASSERT_EQ(test::cut_disagreement(text), "") << text;
    }
    ++(scan_object(text, scan) ? accepted : refused);
  }
  // Neither side of the property may be vacuous.
  EXPECT_GT(accepted, 5000);
  EXPECT_GT(refused, 5000);
}

} // namespace
} // namespace switchyard
