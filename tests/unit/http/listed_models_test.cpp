// What a provider's list of models says, and the names that clients use for them.
#include "http/listed_models.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

using Names = std::vector<std::string>;

TEST(ListedModels, OfBothForms) {
  EXPECT_EQ(read_model_list(R"({"object":"list","data":[{"id":"a"},{"id":"b/c"},{"id":7},"x",{}]})"),
            (Names{"a", "b/c"}));
  EXPECT_EQ(read_model_list(R"({"models":[{"name":"models/gemini-2.5-pro"},{"name":"llama3"}]})"),
            (Names{"gemini-2.5-pro", "llama3"}));
  for (auto* text : {"", "[]", "{}", R"({"data":{}})", R"({"data":"a"})", "<html>"})
    EXPECT_EQ(read_model_list(text), Names{}) << text;
}

TEST(ListedModels, NamesOfClients) {
  EXPECT_EQ(client_name("openai/*", "*", "gpt-4o"), "openai/gpt-4o");
  EXPECT_EQ(client_name("*", "*", "gpt-4o"), "gpt-4o");
  EXPECT_EQ(client_name("my-*", "gpt-*", "gpt-4o"), "my-4o");
  EXPECT_EQ(client_name("my-*", "gpt-*", "o3"), "") << "the row does not serve it";
  EXPECT_EQ(client_name("*-eu", "*-latest", "-latest"), "-eu");
  EXPECT_EQ(client_name("*-eu", "a*a", "a"), "") << "one letter is not two";
  EXPECT_EQ(client_name("openai/*", "gpt-4o", "gpt-4o"), "") << "a fixed model has one name";
  EXPECT_EQ(client_name("*/*", "*", "a"), "");
}

} // namespace
} // namespace switchyard::http
