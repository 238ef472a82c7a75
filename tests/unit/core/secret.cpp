// Secrets do not print, show little when masked, and compare by content.
#include <switchyard/secret.hpp>

#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace switchyard {
namespace {

TEST(Secret, PrintsStars) {
  std::ostringstream out;
  out << Secret("sk-1234567890");
  EXPECT_EQ(out.str(), "***");
}

TEST(Secret, MaskShowsFourCharactersOfLongOnesOnly) {
  EXPECT_EQ(Secret("").masked(), "");
  EXPECT_EQ(Secret("sk-1234").masked(), "*******");
  EXPECT_EQ(Secret("12345678901").masked(), "***********");
  EXPECT_EQ(Secret("sk-123456789").masked(), "sk-1****");
  EXPECT_EQ(Secret("sk-" + std::string(200, 'x')).masked(), "sk-x****");
}

TEST(Secret, ComparesByContent) {
  const Secret key("sk-1234");
  EXPECT_TRUE(equal_constant_time("sk-1234", key));
  for (const auto other : {"", "sk-123", "sk-12345", "sk-1235", "SK-1234", " sk-1234"})
    EXPECT_FALSE(equal_constant_time(other, key)) << other;
  EXPECT_FALSE(equal_constant_time(std::string_view("sk-1234\0", 8), key));
  EXPECT_TRUE(equal_constant_time(std::string(1000, 'a'), Secret(std::string(1000, 'a'))));
}

TEST(Secret, ComparesOnEveryThread) {
  const Secret key("sk-1234");
  int right = 0;
  std::thread other([&] { right = equal_constant_time("sk-1234", key) + !equal_constant_time("x", key); });
  other.join();
  EXPECT_EQ(right, 2);
}

} // namespace
} // namespace switchyard
