// Token counts of bridged requests with a vocabulary, and headers of limits by the names clients know.
#include "app_fixture.hpp"
#include "http/answers.hpp"

#include <switchyard/tokens.hpp>

namespace switchyard::http::testing {
namespace {

/// Every byte is a token.
class Bytes final : public Tokenizer {
 public:
  std::size_t count(std::string_view text) const override { return text.size(); }
  std::vector<std::uint32_t> encode(std::string_view) const override { return {}; }
  Result<std::string> decode(const std::vector<std::uint32_t>&) const override { return std::string(); }
};

class CountTest : public AppTest {
 protected:
  std::string count(const std::string& text) {
    auto routing = std::make_shared<FakeRouting>();
    routing->add("a", "");
    routing->finish(reports_);
    use(routing);
    FakeExchange exchange(shard_, "POST", "/v1/messages/count_tokens",
                          R"({"model":"a","messages":[{"role":"user","content":")" + text + "\"}]}");
    exchange.header("Content-Type", "application/json");
    run(exchange);
    EXPECT_EQ(exchange.status, 200);
    return exchange.body;
  }
};

TEST_F(CountTest, CountTokensUsesTheVocabulary) {
  const std::string text(400, 'x');
  process_.tokenizers = std::make_shared<const Tokenizers>();
  const auto guessed = count(text);
  auto bytes = std::make_shared<Bytes>();
  process_.tokenizers = std::make_shared<const Tokenizers>(Tokenizers{bytes, bytes});
  EXPECT_EQ(count(text), R"({"input_tokens":410})"); // 3 for the answer, 3 and "user" for the message
  EXPECT_NE(guessed, R"({"input_tokens":410})");
}

TEST(ProviderHeaders, AnthropicsLimitsHaveOpenAisNamesToo) {
  std::string out;
  append_provider_headers(out, "Anthropic-RateLimit-Requests-Limit: 50\r\n"
                               "anthropic-ratelimit-tokens-remaining: 7\r\n"
                               "anthropic-ratelimit-input-tokens-limit: 9\r\n"
                               "x-ratelimit-limit-tokens: 3\r\nContent-Length: 5\r\n");
  EXPECT_NE(out.find("x-ratelimit-limit-requests: 50\r\n"), std::string::npos) << out;
  EXPECT_NE(out.find("x-ratelimit-remaining-tokens: 7\r\n"), std::string::npos) << out;
  EXPECT_NE(out.find("x-ratelimit-limit-tokens: 3\r\n"), std::string::npos) << out;
  EXPECT_NE(out.find("llm_provider-anthropic-ratelimit-input-tokens-limit: 9\r\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("x-ratelimit-limit-input"), std::string::npos) << out;
  EXPECT_EQ(out.find("Content-Length"), std::string::npos) << out;
}

} // namespace
} // namespace switchyard::http::testing
