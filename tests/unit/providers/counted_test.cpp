// Usage that upstreams do not tell: streams are counted as whole answers are; texts that come as token ids.
#include "unit/providers/support.hpp"

#include <switchyard/tokens.hpp>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

/// Every byte is a token.
class Bytes final : public Tokenizer {
 public:
  std::size_t count(std::string_view text) const override { return text.size(); }
  std::vector<std::uint32_t> encode(std::string_view text) const override {
    return {text.begin(), text.end()};
  }
  Result<std::string> decode(const std::vector<std::uint32_t>& tokens) const override {
    std::string out;
    for (auto token : tokens) {
      if (token > 255) return Error(Errc::bad_request, "no token " + std::to_string(token));
      out += static_cast<char>(token);
    }
    return out;
  }
};
Tokenizers bytes() { return {std::make_shared<Bytes>(), std::make_shared<Bytes>()}; }

constexpr auto k_model = "cloudflare/@cf/meta/llama-3.1-8b-instruct";
constexpr auto k_request = R"({"model":"a","messages":[{"role":"user","content":"Say hello there"}]})";

LitellmParams cloudflare() {
  auto params = params_of(k_model);
  params.api_base = "https://api.cloudflare.com/client/v4/accounts/1/ai/run";
  return params;
}

struct Counted {
  Usage usage;
  std::string text;
};

Counted whole(const Tokenizers* tokenizers) {
  Case c(cloudflare());
  c.send(k_request);
  c.call.tokenizers = tokenizers;
  Decoded out;
  const UpstreamAnswer answer{
      200, "application/json", {}, R"({"success":true,"result":{"response":"Hello there, you"}})"};
  auto done = c.ready.provider->decode(*c.ready.target, c.call, answer, "a", out);
  EXPECT_TRUE(done.has_value()) << (done ? "" : done.error().message);
  return {out.usage, Case::joined(out.body)};
}

Counted streamed(const Tokenizers* tokenizers, bool wanted) {
  Case c(cloudflare());
  c.send(k_request);
  c.call.stream = true, c.call.count_usage = true, c.call.stream_usage_wanted = wanted;
  c.call.tokenizers = tokenizers;
  auto decoder = c.ready.provider->stream(*c.ready.target, c.call, "a");
  Counted out;
  StreamEvent event;
  for (auto data :
       {R"({"response":"Hello "})", R"({"response":"there, "})", R"({"response":"you"})", "[DONE]"}) {
    decoder->on_event({}, {}, data, event);
    out.text += Case::joined(event.data);
  }
  out.usage = decoder->usage();
  return out;
}

} // namespace

TEST(CountedStream, CostsWhatTheWholeAnswerCosts) {
  const auto vocabulary = bytes();
  for (auto* tokenizers : {static_cast<const Tokenizers*>(nullptr), &vocabulary}) {
    const auto one = whole(tokenizers), other = streamed(tokenizers, false);
    EXPECT_TRUE(other.usage.present);
    EXPECT_GT(one.usage.prompt_tokens, 0u);
    EXPECT_EQ(other.usage.prompt_tokens, one.usage.prompt_tokens);
    EXPECT_EQ(other.usage.completion_tokens, one.usage.completion_tokens);
    EXPECT_EQ(other.text.find("\"usage\""), std::string::npos);
  }
  EXPECT_EQ(streamed(&vocabulary, false).usage.completion_tokens, 16u); // "Hello there, you"
}

TEST(CountedStream, TheClientIsToldWhenItAsked) {
  const auto vocabulary = bytes();
  EXPECT_NE(streamed(&vocabulary, true).text.find("\"completion_tokens\":16"), std::string::npos);
}

TEST(TokenIds, BecomeTextsForProvidersThatTakeNoTokens) {
  const auto vocabulary = bytes();
  Case c("cohere/embed-english-v3.0");
  c.call.endpoint = Endpoint::embeddings;
  for (auto [input, texts] : {std::pair{"[72,105]", R"(["Hi"])"}, {"[[72],[105,33]]", R"(["H","i!"])"}}) {
    c.call.tokenizers = &vocabulary;
    EXPECT_NE(c.encoded(std::string(R"({"model":"a","input":)") + input + "}").find(texts), std::string::npos)
        << Case::joined(c.wire.body);
    c.call.tokenizers = nullptr;
    EXPECT_NE(c.encoded(std::string(R"({"model":"a","input":)") + input + "}").find("input"),
              std::string::npos); // the error names the field
  }
  c.call.tokenizers = &vocabulary;
  EXPECT_NE(c.encoded(R"({"model":"a","input":[[72,4000]]})").find("input[0]: no token 4000"),
            std::string::npos);
  EXPECT_NE(c.encoded(R"({"model":"a","input":[-1]})").find("input: "), std::string::npos);
}

TEST(TokenIds, BecomePromptsOfChats) {
  const auto vocabulary = bytes();
  Case c("groq/llama-3");
  c.call.endpoint = Endpoint::completions, c.call.tokenizers = &vocabulary;
  c.ready.provider = translator_for(*c.ready.target, Endpoint::completions);
  EXPECT_NE(c.encoded(R"({"model":"a","prompt":[72,105]})").find(R"("content":"Hi")"), std::string::npos);
  EXPECT_FALSE(c.ready.provider->may_follow_up(*c.ready.target, c.call));
  EXPECT_NE(c.encoded(R"({"model":"a","prompt":[[72],[105]]})").find(R"("content":"H")"), std::string::npos);
  EXPECT_TRUE(c.ready.provider->may_follow_up(*c.ready.target, c.call));
  Millis wait{0};
  const UpstreamAnswer answer{200, "application/json", {}, "{}"};
  ASSERT_TRUE(*c.ready.provider->follow_up(*c.ready.target, c.call, answer, 0, c.wire, wait));
  EXPECT_NE(Case::joined(c.wire.body).find(R"("content":"i")"), std::string::npos);
  EXPECT_FALSE(*c.ready.provider->follow_up(*c.ready.target, c.call, answer, 1, c.wire, wait));
}
