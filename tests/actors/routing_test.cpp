// Name resolution over built snapshots, and wildcard matching alone (spec router.md 1.5, 1.6).
#include "actors/graph_fixture.hpp"
#include "actors/pattern.hpp"

#include <gmock/gmock.h>

namespace switchyard::actors {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> stars_of(std::string_view pattern, std::string_view name) {
  std::vector<std::string> stars;
  if (!Pattern(pattern).match(name, stars)) return {"no match"};
  return stars;
}

TEST(PatternMatch, IsAnchoredAtBothEnds) {
  EXPECT_THAT(stars_of("openai/*", "openai/gpt-4o"), ElementsAre("gpt-4o"));
  EXPECT_THAT(stars_of("openai/*", "xopenai/gpt"), ElementsAre("no match"));
  EXPECT_THAT(stars_of("gpt-*-mini", "gpt-4o-mini"), ElementsAre("4o"));
  EXPECT_THAT(stars_of("gpt-*-mini", "gpt-4o-mini-2"), ElementsAre("no match"));
  EXPECT_THAT(stars_of("openai/*", "openai/"), ElementsAre(""));
}

TEST(PatternMatch, LiteralsMayNotOverlap) {
  EXPECT_THAT(stars_of("ab*ba", "aba"), ElementsAre("no match"));
  EXPECT_THAT(stars_of("ab*ba", "abba"), ElementsAre(""));
  EXPECT_THAT(stars_of("a*b*a", "aba"), ElementsAre("", ""));
  EXPECT_THAT(stars_of("a*b*a", "aa"), ElementsAre("no match"));
}

TEST(PatternMatch, StarsAreGreedyFromTheLeft) {
  EXPECT_THAT(stars_of("*/*", "a/b/c"), ElementsAre("a/b", "c"));
  EXPECT_THAT(stars_of("**", "abc"), ElementsAre("abc", ""));
  EXPECT_THAT(stars_of("x-*-y-*-z", "x-1-y-2-y-3-z"), ElementsAre("1-y-2", "3"));
}

TEST(PatternMatch, OtherRegexCharactersAreLiteral) {
  EXPECT_THAT(stars_of("a.b+*", "a.b+c"), ElementsAre("c"));
  EXPECT_THAT(stars_of("a.b*", "axbc"), ElementsAre("no match"));
}

class RoutingTest : public GraphTest {
 protected:
  std::string name_of(std::string_view asked) {
    const auto resolved = routing->resolve(asked);
    return resolved.group ? resolved.group->name : "(none)";
  }
  ConfigDraft draft;
};

TEST_F(RoutingTest, OrderIsIdAliasExactPatternModel) {
  draft.row("gpt", "openai/real-gpt", "row-1");
  draft.row("gpt", "azure/other", "row-2");
  draft.row("embed", "openai/real-embed", "gpt-by-id");
  draft.row("any/*", "openai/*", "row-4");
  draft.config.router.model_group_alias = {{"nick", "gpt", false}, {"embed", "gpt", true}};
  draft.config.litellm.model_alias_map = {{"old", "nick"}};
  build(draft);
  EXPECT_EQ(name_of("gpt"), "gpt");
  EXPECT_EQ(name_of("nick"), "gpt");
  EXPECT_EQ(name_of("old"), "gpt") << "model_alias_map, then model_group_alias";
  EXPECT_EQ(name_of("embed"), "gpt") << "an alias goes before a name";
  EXPECT_EQ(name_of("any/thing"), "any/*");
  EXPECT_EQ(name_of("azure/other"), "azure/other") << "a row's own model";
  EXPECT_EQ(name_of("nonsense"), "(none)");
  const auto by_id = routing->resolve("row-2");
  EXPECT_EQ(by_id.group->name, "gpt");
  EXPECT_EQ(by_id.only, 1);
}

TEST_F(RoutingTest, EmptyNameIsTheFirstModel) {
  draft.row("*", "*", "p");
  draft.row("first", "openai/a", "a");
  draft.row("second", "openai/b", "b");
  build(draft);
  EXPECT_EQ(name_of(""), "first");
}

TEST_F(RoutingTest, AnyModelNameServesEverything) {
  draft.row("ollama/llama2", "ollama/llama2", "a");
  draft.config.any_model_name = true;
  build(draft);
  for (auto* name : {"", "gpt-4", "a", "ollama/llama2"}) EXPECT_EQ(name_of(name), "ollama/llama2");
}

TEST_F(RoutingTest, MostSpecificPatternWins) {
  draft.row("*", "*", "1");
  draft.row("openai/*", "openai/*", "2");
  draft.row("openai/gpt-*", "openai/gpt-*", "3");
  draft.row("openai/*-*", "openai/x", "4");
  build(draft);
  EXPECT_EQ(name_of("openai/gpt-4o"), "openai/gpt-*");
  EXPECT_EQ(name_of("openai/o-3"), "openai/*-*");
  EXPECT_EQ(name_of("openai/o3"), "openai/*");
  EXPECT_EQ(name_of("mistral"), "*");
  EXPECT_EQ(name_of("gpt-4o"), "openai/gpt-*") << "tried with its provider before \"*\" gets it";
  EXPECT_THAT(routing->resolve("gpt-4o").stars, ElementsAre("4o"));
  EXPECT_THAT(routing->resolve("mistral").stars, ElementsAre("mistral"));
}

TEST_F(RoutingTest, FewerStarsWinBetweenEqualLiterals) {
  draft.row("a*b*", "openai/x", "1");
  draft.row("ab*", "openai/y", "2");
  build(draft);
  EXPECT_EQ(name_of("abc"), "ab*");
}

TEST_F(RoutingTest, TargetIsNullOnlyWhenTheModelIsAStar) {
  draft.row("*", "*", "1");
  draft.row("openai/*", "openai/*", "2");
  build(draft);
  EXPECT_FALSE(group("x")->deployments[0]->target);
  EXPECT_TRUE(group("openai/x")->deployments[0]->target);
  EXPECT_TRUE(group("x")->pattern);
  EXPECT_TRUE(group("x")->deployments[0]->pattern);
}

TEST_F(RoutingTest, RowsOfOneModelAnswerAcrossGroups) {
  draft.row("a", "openai/shared", "1");
  draft.row("a", "openai/own", "2");
  draft.row("b", "openai/shared", "3");
  build(draft);
  const auto shared = group("openai/shared");
  ASSERT_EQ(shared->deployments.size(), 2u);
  EXPECT_EQ(shared->deployments[1]->row.id, "3");
  Lease lease(pick("openai/shared"));
  EXPECT_TRUE(lease);
  EXPECT_EQ(routing->groups().size(), 2u) << "such a group is not listed";
}

TEST_F(RoutingTest, NamesAreGroupsThenVisibleAliases) {
  draft.row("b", "openai/b", "1");
  draft.row("a", "openai/a", "2");
  draft.row("p/*", "openai/*", "3");
  draft.config.router.model_group_alias = {{"shown", "a", false}, {"hidden", "a", true}, {"b", "a", false}};
  build(draft);
  EXPECT_THAT(routing->model_names(false), ElementsAre("b", "a", "shown"));
  EXPECT_THAT(routing->model_names(true), ElementsAre("b", "a", "p/*", "shown"));
  EXPECT_EQ(name_of("hidden"), "a");
}

TEST_F(RoutingTest, RowsThatCannotBePreparedAreSkippedWithTheirPlace) {
  draft.row("a", "openai/a", "1");
  draft.row("a", "broken/a", "2");
  draft.row("gone", "broken/b", "3");
  build(draft);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0],
            "config.yaml:3: model \"a\" skipped: litellm_params.model: unknown provider \"broken\"");
  EXPECT_EQ(group("a")->deployments.size(), 1u);
  EXPECT_EQ(name_of("gone"), "(none)");
}

TEST_F(RoutingTest, UnknownStrategyAndRepeatedIdAreWarnedAbout) {
  draft.row("a", "openai/a", "same");
  draft.row("a", "openai/b", "same");
  draft.config.router.routing_strategy = "fastest";
  build(draft);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_THAT(warnings[0], HasSubstr("fastest"));
  EXPECT_THAT(warnings[1], HasSubstr("config.yaml:3"));
  std::vector<Lease> leases;
  for (int i = 0; i < 4; ++i) leases.emplace_back(pick("a"));
  EXPECT_EQ(view("a", 0).in_flight, 4u) << "one state behind both rows";
}

TEST_F(RoutingTest, NothingConfiguredResolvesToNothing) {
  build(draft);
  EXPECT_EQ(name_of(""), "(none)");
  EXPECT_EQ(name_of("x"), "(none)");
  EXPECT_THAT(routing->model_names(true), IsEmpty());
}

} // namespace
} // namespace switchyard::actors
