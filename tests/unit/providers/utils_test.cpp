// What the /utils routes answer: counts, supported parameters, requests as they would be made.
#include "unit/providers/support.hpp"

#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

#include <algorithm>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

Value json(std::string_view text) { return parse_json(text).value(); }

/// One token for each byte: counts that a reader can follow.
class Bytes final : public Tokenizer {
 public:
  std::size_t count(std::string_view text) const override { return text.size(); }
  std::vector<std::uint32_t> encode(std::string_view) const override { return {}; }
  Result<std::string> decode(const std::vector<std::uint32_t>&) const override { return std::string(); }
};

Tokenizers bytes() {
  Tokenizers out;
  out.cl100k = out.o200k = std::make_shared<Bytes>();
  return out;
}

std::size_t counted(std::string_view request) {
  return static_cast<std::size_t>(
      *token_counter(json(request), "", bytes()).value().find("total_tokens")->as_int());
}

std::string failure(std::string_view request) {
  auto answer = token_counter(json(request), "", bytes());
  return answer ? "fine" : answer.error().message;
}

std::vector<std::string> supported(std::string_view model) {
  auto answer = supported_openai_params(model);
  return answer ? texts_of(answer->find("supported_openai_params")) : std::vector<std::string>();
}

bool holds(const std::vector<std::string>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string transformed(LitellmParams params, std::string_view request) {
  auto question = read_transform(json(request));
  if (!question) return question.error().message;
  auto ready = prepare(params, params.model, lookup);
  if (!ready) return to_json(transform_failure(ready.error()));
  return to_json(transform_request(*question, *ready->target, Call()));
}

} // namespace

TEST(Utils, MessagesAreCountedByOpenAisRule) {
  // 3 for the answer, 3 for the message, "user" and "hi"
  EXPECT_EQ(counted(R"({"model":"gpt-4","messages":[{"role":"user","content":"hi"}]})"), 3u + 3 + 4 + 2);
  EXPECT_EQ(counted(R"({"model":"gpt-4","messages":[{"role":"user","name":"bob","content":"hi"}]})"),
            12u + 3 + 1);
  EXPECT_EQ(counted(R"({"model":"gpt-4","messages":[]})"), 3u);
  EXPECT_EQ(counted(R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"hi"},
    {"type":"image_url","image_url":{"url":"u","detail":"high"}},{"type":"image_url","image_url":"u"}]}]})"),
            12u + 765 + 85);
  EXPECT_EQ(counted(R"({"model":"m","messages":[{"role":"assistant","content":null,
    "tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]}]})"),
            3u + 3 + 9 + 2);
  EXPECT_EQ(counted(R"({"model":"m","prompt":"hello"})"), 5u);
  EXPECT_EQ(counted(R"({"model":"m","prompt":["ab","c"]})"), 3u);
  EXPECT_EQ(counted(R"({"model":"m","prompt":[[1,2],[3]]})"), 3u);
  EXPECT_EQ(counted(R"({"model":"m","contents":[{"role":"user","parts":[{"text":"hi"}]}]})"), 12u);
  EXPECT_EQ(counted(R"({"model":"m","system":"S","messages":[{"role":"user","content":"hi"}]})"),
            12u + 3 + 6 + 1);
}

TEST(Utils, ToolsAreCountedAsTypeScript) {
  const std::string written =
      "namespace functions {\n\n// d\ntype f = (_: {\n// where\ncity: string,\nunit?: \"c\" | "
      "\"f\",\ndays?: number[],\nat?: {\nx?: boolean,\n},\n}) => any;\n\ntype g = () => any;\n\n"
      "} // namespace functions";
  EXPECT_EQ(
      counted(
          R"({"model":"m","messages":[],"tool_choice":"none","tools":[{"type":"function","function":{"name":"f",
    "description":"d","parameters":{"type":"object","required":["city"],"properties":{
    "city":{"type":"string","description":"where"},"unit":{"type":"string","enum":["c","f"]},
    "days":{"type":"array","items":{"type":"integer"}},"at":{"type":"object","properties":{"x":{"type":"boolean"}}}}}}},
    {"type":"function","function":{"name":"g"}}]})"),
      3u + written.size() + 9 + 1);
}

TEST(Utils, CounterNamesWhatIsWrong) {
  EXPECT_EQ(failure(R"([])"), "the body must be a JSON object");
  EXPECT_EQ(failure(R"({"prompt":"x"})"), "'model' must be a string");
  EXPECT_EQ(failure(R"({"model":"m"})"), "prompt or messages or contents must be provided");
  EXPECT_EQ(failure(R"({"model":"m","messages":"x"})"), "'messages' must be a list");
  EXPECT_EQ(failure(R"({"model":"m","contents":7})"), "'contents' must be a list");
  EXPECT_EQ(failure(R"({"model":"m","prompt":{}})"), "'prompt' must be a string or a list");
  EXPECT_EQ(
      failure(
          R"({"model":"m","messages":[1,null,[],{"content":[1,[],{"text":7}],"tool_calls":[1]}],"tools":[1]})"),
      "fine");
}

TEST(Utils, CounterSaysWhatCounted) {
  auto answer =
      token_counter(json(R"({"model":"alias","prompt":"hello world"})"), "azure/gpt-4", Tokenizers());
  EXPECT_EQ(to_json(answer.value()),
            R"({"total_tokens":3,"request_model":"alias","model_used":"gpt-4","tokenizer_type":"estimate",)"
            R"("original_response":null,"error":false,"error_message":null,"status_code":null})");
  answer = token_counter(json(R"({"model":"gpt-4o","prompt":"ab"})"), "", bytes());
  EXPECT_EQ(text_at(answer.value(), "tokenizer_type"), "openai_tokenizer");
  EXPECT_EQ(text_at(answer.value(), "model_used"), "gpt-4o");
}

TEST(Utils, SupportedParamsAreTheRows) {
  EXPECT_TRUE(holds(supported("gpt-4o"), "tools"));
  EXPECT_FALSE(holds(supported("openai/o3-mini"), "top_p"));
  EXPECT_FALSE(holds(supported("text-completion-openai/gpt-3.5-turbo-instruct"), "tools"));
  EXPECT_TRUE(holds(supported("text-completion-openai/gpt-3.5-turbo-instruct"), "stop"));
  EXPECT_EQ(supported_openai_params("no/such-model").error().message, "Could not map model=no/such-model");
  for (auto name : known_providers()) // none needs credentials to answer
    EXPECT_TRUE(supported_openai_params(std::string(name) + "/some-model")) << name;
}

TEST(Utils, TransformShowsTheRequestWithoutSecrets) {
  auto params = params_of("openai/gpt-4o", "sk-very-secret");
  params.extra_headers.push_back({"X-My-Token", "hidden"});
  auto shown =
      transformed(params, R"({"call_type":"completion","request_body":{"model":"alias","messages":[]}})");
  EXPECT_EQ(shown.find("secret"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("hidden"), std::string::npos) << shown;
  EXPECT_NE(shown.find(R"("raw_request_api_base":"https://api.openai.com/v1/chat/completions")"),
            std::string::npos)
      << shown;
  EXPECT_NE(shown.find(R"("raw_request_body":{"model":"gpt-4o","messages":[]})"), std::string::npos) << shown;
  EXPECT_NE(shown.find(R"("Authorization":"Bearer ***")"), std::string::npos) << shown;
  EXPECT_NE(shown.find(R"("error":null)"), std::string::npos) << shown;
  shown = transformed(params_of("azure/dep"),
                      R"({"call_type":"aembedding","request_body":{"model":"a","input":"x"}})");
  EXPECT_NE(shown.find("api_base is missing"), std::string::npos) << shown;
}

TEST(Utils, TransformNamesWhatIsWrong) {
  auto params = params_of("text-completion-openai/m");
  EXPECT_EQ(transformed(params, R"({"call_type":"x","request_body":{"model":"m"}})"),
            R"('call_type' "x" is not one that can be shown)");
  EXPECT_EQ(transformed(params, R"({"call_type":"completion"})"), "'request_body' must be an object");
  EXPECT_EQ(transformed(params, R"({"call_type":"completion","request_body":{}})"),
            "'request_body.model' must be a string");
  EXPECT_EQ(transformed(params, R"({"call_type":"completion","request_body":{"model":"m","messages":7}})"),
            R"({"raw_request_api_base":null,"raw_request_body":null,"raw_request_headers":null,)"
            R"("error":"'messages' must be a list of messages"})");
  EXPECT_NE(transformed(params, R"({"call_type":"embedding","request_body":{"model":"m"}})")
                .find("no such request"),
            std::string::npos);
}
