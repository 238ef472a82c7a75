// Route lookup.
#include "http/query.hpp"
#include "http/route_table.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {

namespace {

TEST(RouteTable, FindsExactPathsAndPatterns) {
  EXPECT_EQ(find_route("POST", "/v1/chat/completions").route->endpoint, Endpoint::chat);
  EXPECT_EQ(find_route("POST", "/chat/completions").route->endpoint, Endpoint::chat);
  auto azure = find_route("POST", "/openai/deployments/gpt-4o/embeddings");
  ASSERT_NE(azure.route, nullptr);
  EXPECT_EQ(azure.route->endpoint, Endpoint::embeddings);
  EXPECT_EQ(azure.argument, "gpt-4o");
  EXPECT_EQ(find_route("POST", "/engines/openai/gpt-4/chat/completions").argument, "openai/gpt-4");
  EXPECT_EQ(find_route("GET", "/v1/models/meta/llama-3").argument, "meta/llama-3");
}

TEST(RouteTable, TellsWrongMethodsFromUnknownPaths) {
  EXPECT_TRUE(find_route("GET", "/v1/chat/completions").wrong_method);
  EXPECT_TRUE(find_route("DELETE", "/engines/x/completions").wrong_method);
  auto unknown = find_route("POST", "/v1/chat/completion");
  EXPECT_EQ(unknown.route, nullptr);
  EXPECT_FALSE(unknown.wrong_method);
  EXPECT_EQ(find_route("POST", "/engines//completions").route, nullptr);
}

TEST(RouteTable, EveryRouteFindsItself) {
  for (auto& route : all_routes()) {
    std::string path(route.path);
    if (auto at = path.find("{m}"); at != std::string::npos) path.replace(at, 3, "some-model");
    EXPECT_EQ(find_route(route.methods == k_post ? "POST" : "GET", path).route, &route) << path;
  }
}

TEST(RouteTable, PercentDecode) {
  EXPECT_EQ(percent_decode("a%2Fb"), "a/b");
  EXPECT_EQ(percent_decode("%41"), "A");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%zz"), "%zz");
}

TEST(Query, FirstValueDecoded) {
  EXPECT_EQ(query_value("a=1&model=x%2Fy&model=z", "model"), "x/y");
  EXPECT_EQ(query_value("xmodel=1&model", "model"), "");
  EXPECT_EQ(query_value("", "model"), "");
}

} // namespace

} // namespace switchyard::http
