// Which calls that are passed on have a price, and whose model they name.
#include "http/passed_call.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

struct Case {
  std::string_view provider, path;
  Endpoint endpoint;
  std::string_view model, route;
  bool stream;
};

TEST(PassedCall, ThePathTellsFormatAndModel) {
  const Case cases[] = {
      {"openai", "/v1/chat/completions", Endpoint::chat, "", "", false},
      {"mistral", "/v1/embeddings", Endpoint::embeddings, "", "", false},
      {"openai", "/v1/responses", Endpoint::responses, "", "", false},
      {"azure", "/openai/deployments/my%20gpt/chat/completions", Endpoint::chat, "my gpt", "", false},
      {"anthropic", "/v1/messages", Endpoint::messages, "", "", false},
      {"gemini", "/v1beta/models/gemini-2.5-pro:streamGenerateContent", Endpoint::generate_content,
       "gemini-2.5-pro", "", true},
      {"vertex_ai", "/v1/projects/p/locations/l/publishers/anthropic/models/claude-3@1:rawPredict",
       Endpoint::messages, "claude-3@1", "", false},
      {"bedrock", "/model/us.amazon.nova-pro-v1%3A0/converse-stream", Endpoint::chat,
       "us.amazon.nova-pro-v1:0", "converse/", true},
      {"bedrock", "/model/anthropic.claude-v2:1/invoke", Endpoint::messages, "anthropic.claude-v2:1",
       "invoke/", false},
      {"bedrock", "/model/meta.llama3/invoke", Endpoint::chat, "meta.llama3", "invoke/", false},
      {"cohere", "/v2/rerank", Endpoint::rerank, "", "", false}};
  for (auto& one : cases) {
    SCOPED_TRACE(one.path);
    const auto call = read_passed_call(one.provider, one.path);
    ASSERT_TRUE(call.has_value());
    EXPECT_EQ(call->endpoint, one.endpoint);
    EXPECT_EQ(call->model, one.model);
    EXPECT_EQ(call->route, one.route);
    EXPECT_EQ(call->stream, one.stream);
  }
}

TEST(PassedCall, TheRestHasNoPrice) {
  for (auto [provider, path] : {std::pair{"openai", "/v1/models"},
                                {"openai", "/v1/files"},
                                {"anthropic", "/v1/messages/count_tokens"},
                                {"anthropic", "/v1/messages/batches"},
                                {"gemini", "/v1beta/models/gemini-2.5-pro:countTokens"},
                                {"gemini", ":generateContent"},
                                {"vertex_ai", "/v1/publishers/google/models/m:rawPredict"},
                                {"bedrock", "/model//converse"},
                                {"open", "/v1/chat/completions"},
                                {"", "/v1/chat/completions"},
                                {"cohere", "/v1/messages"}})
    EXPECT_FALSE(read_passed_call(provider, path).has_value()) << provider << path;
}

} // namespace
} // namespace switchyard::http
