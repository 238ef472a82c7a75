// What Claude models can do, by the names that hosts give them.
#include "providers/anthropic/models.hpp"

#include <gtest/gtest.h>

using namespace switchyard::providers::anthropic;

TEST(ClaudeModels, AreKnownByAnyHostsName) {
  struct Case {
    const char* name;
    int version;
    std::int64_t max_output;
  };
  constexpr Case k_cases[] = {{"claude-3-haiku-20240307", 30, 4096},
                              {"claude-3-5-sonnet-20241022", 35, 8192},
                              {"anthropic.claude-3-7-sonnet-20250219-v1:0", 37, 64000},
                              {"claude-opus-4-20250514", 40, 32000},
                              {"claude-4-sonnet-20250514", 40, 64000},
                              {"us.anthropic.claude-opus-4-5-20251101-v1:0", 45, 64000},
                              {"claude-haiku-4-5@20251001", 45, 64000},
                              {"claude-opus-4-6", 46, 128000},
                              {"claude-4.6-opus", 46, 128000},
                              {"claude-sonnet-5", 50, 128000},
                              {"claude-opus-5-5", 55, 128000},
                              {"anthropic.claude-mythos-preview", 47, 128000},
                              {"claude-instant-v1", 10, 4096},
                              {"my-deployment-4-6", 0, 4096},
                              {"", 0, 4096},
                              {"claude-99999999999999999999", 0, 4096}};
  for (auto& expected : k_cases) {
    auto model = model_of(expected.name);
    EXPECT_EQ(model.version, expected.version) << expected.name;
    EXPECT_EQ(model.max_output, expected.max_output) << expected.name;
  }
}

TEST(ClaudeModels, LearnedThingsByAndBy) {
  EXPECT_FALSE(model_of("claude-3-5-haiku-20241022").can(k_thinks));
  EXPECT_TRUE(model_of("claude-3-7-sonnet-latest").can(k_thinks));
  EXPECT_FALSE(model_of("claude-opus-4-1").can(k_structured));
  EXPECT_TRUE(model_of("claude-sonnet-4-5").can(k_structured));
  EXPECT_FALSE(model_of("claude-sonnet-4-5").can(k_effort));
  EXPECT_TRUE(model_of("claude-opus-4-5").can(k_effort));
  EXPECT_FALSE(model_of("claude-opus-4-5").can(k_adaptive));
  EXPECT_TRUE(model_of("claude-sonnet-4-6").can(k_adaptive));
  EXPECT_FALSE(model_of("claude-opus-5").can(k_always_thinks));
  EXPECT_TRUE(model_of("claude-fable-5").can(k_always_thinks));
  EXPECT_TRUE(model_of("minimax-m2").can(k_thinks));
}
