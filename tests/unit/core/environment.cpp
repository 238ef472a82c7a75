// The environment overlay.
#include <switchyard/environment.hpp>

#include <gtest/gtest.h>

#include <cstdlib>

namespace switchyard {

TEST(Environment, TheOverlayWinsAndTheProcessIsNotTouched) {
  EXPECT_EQ(environment("SWITCHYARD_TEST_UNSET"), std::nullopt);
  EXPECT_EQ(environment_or_empty("SWITCHYARD_TEST_UNSET"), "");
  set_environment("SWITCHYARD_TEST_UNSET", "here");
  EXPECT_EQ(environment("SWITCHYARD_TEST_UNSET"), "here");
  EXPECT_EQ(std::getenv("SWITCHYARD_TEST_UNSET"), nullptr);
  EXPECT_TRUE(environment("PATH").has_value());
}

} // namespace switchyard
