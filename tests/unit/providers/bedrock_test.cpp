// Bedrock and SageMaker beyond the goldens: model strings, streams cut anywhere, hostile bodies, refused
// settings.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/sse_lines.hpp"
#include "unit/providers/support.hpp"

namespace switchyard::providers::test {
namespace {

using bedrock::read_route;

/// "api id base provider region"
std::string route(std::string_view model, std::string_view model_id = {}) {
  auto out = read_route(model, model_id);
  return (out.converse ? "converse " : "invoke ") + out.id + " " + out.base + " " + out.provider + " " +
         out.region;
}

TEST(BedrockRoute, ReadsModelStrings) {
  EXPECT_EQ(
      route("anthropic.claude-3-haiku-20240307-v1:0"),
      "converse anthropic.claude-3-haiku-20240307-v1:0 anthropic.claude-3-haiku-20240307-v1:0 anthropic ");
  EXPECT_EQ(route("us-gov.anthropic.claude-v2:1"),
            "converse us-gov.anthropic.claude-v2:1 anthropic.claude-v2:1 anthropic ");
  EXPECT_EQ(route("us-west-2/invoke/anthropic.claude-v2:18k"),
            "invoke anthropic.claude-v2:18k anthropic.claude-v2 anthropic us-west-2");
  EXPECT_EQ(route("amazon.titan-text-express-v1"),
            "invoke amazon.titan-text-express-v1 amazon.titan-text-express-v1 amazon ");
  EXPECT_EQ(route("converse/acme.new-model"), "converse acme.new-model acme.new-model  ");
  EXPECT_EQ(route("acme.new-model"), "invoke acme.new-model acme.new-model  ");
  EXPECT_EQ(route("arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0"),
            "converse arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-pro-v1:0 "
            "amazon.nova-pro-v1:0 nova "
            "us-east-1");
  EXPECT_EQ(route("llama/arn:aws:bedrock:us-east-1:1:imported-model/x"),
            "invoke arn:aws:bedrock:us-east-1:1:imported-model/x x llama us-east-1");
  EXPECT_EQ(route("nova-2/arn:aws:bedrock:us-east-1:1:custom-model/x"),
            "converse arn:aws:bedrock:us-east-1:1:custom-model/x amazon.nova-2-lite nova us-east-1");
  EXPECT_EQ(route("meta.llama3-1-8b-instruct-v1:0", "arn:aws:bedrock:eu-west-1:1:p/y"),
            "converse arn:aws:bedrock:eu-west-1:1:p/y meta.llama3-1-8b-instruct-v1:0 meta eu-west-1");
  EXPECT_TRUE(read_route("anthropic.claude-sonnet-4-6[1m]").long_context);
  for (auto odd : {"", "/", "//", "converse/", "arn:", "arn:/", ":k", "us.", "us-west-2/", "[1m]"})
    (void)read_route(odd);
}

TEST(BedrockBase64, ReadsStrictly) {
  EXPECT_EQ(bedrock::from_base64("aGk="), "hi");
  EXPECT_EQ(bedrock::from_base64("aGk"), "hi");
  EXPECT_EQ(bedrock::from_base64(""), "");
  EXPECT_FALSE(bedrock::from_base64("a"));
  EXPECT_FALSE(bedrock::from_base64("a-_="));
}

std::string shown(StreamDecoder& decoder, std::string_view event, std::string_view data) {
  StreamEvent out;
  decoder.on_event({}, event, data, out);
  return out.error.code == Errc::none ? Case::joined(out.data) : out.error.message + "\n";
}

/// What a stream comes to, whatever its pieces: its text and its end.
std::string said(StreamDecoder& decoder, std::string_view bytes, std::size_t step) {
  std::string frames, text;
  for (std::size_t at = 0; at < bytes.size(); at += step)
    frames += shown(decoder, "PayloadPart", bytes.substr(at, step));
  StreamEvent last;
  decoder.finish(last);
  frames += Case::joined(last.data);
  return frames;
}

LitellmParams aws_params(std::string model) {
  auto params = params_of(std::move(model), "");
  environment["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE";
  environment["AWS_SECRET_ACCESS_KEY"] = "secret";
  return params;
}

TEST(SageMaker, StreamsCutAnywhereSayTheSame) {
  struct Stream {
    const char *model, *bytes, *wanted;
  };
  const Stream streams[] = {
      {"sagemaker/e",
       "data:{\"token\":{\"id\":1,\"text\":\"Hel\",\"special\":false},\"generated_text\":null}\n\n"
       "data:{\"token\":{\"text\":\"lo\"},\"generated_text\":null}\r\n\r\n: ping\n\n"
       "data:{\"token\":{\"text\":\"</s>\",\"special\":true},\"generated_text\":\"Hello\",\"details\":"
       "{\"finish_reason\":\"length\",\"generated_tokens\":3}}",
       "length"},
      {"sagemaker/e", "{\"outputs\": [\" Hel\"]}\n{\"outputs\": [\"lo\"]}\n", "stop"},
      {"sagemaker_chat/e",
       "data: "
       "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Hel\"}}]}\n\n"
       "data: "
       "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"lo\"},\"finish_reason\":\"length\"}]"
       "}\n\n"
       "data: [DONE]\n\n",
       "length"}};
  for (auto& stream : streams) {
    Case one(aws_params(stream.model));
    auto decoder = [&] { return one.ready.provider->stream(*one.ready.target, one.call, "m"); };
    const std::string_view bytes = stream.bytes;
    const auto whole = said(*decoder(), bytes, bytes.size());
    EXPECT_NE(whole.find("Hel\""), std::string::npos) << whole;
    EXPECT_NE(whole.find("\"finish_reason\":\"" + std::string(stream.wanted)), std::string::npos) << whole;
    EXPECT_TRUE(whole.ends_with("data: [DONE]\n\n")) << whole;
    for (std::size_t step = 1; step < bytes.size(); ++step)
      ASSERT_EQ(said(*decoder(), bytes, step), whole) << step;
  }
}

TEST(Bedrock, BrokenAnswersAreErrors) {
  const std::string_view answer =
      R"({"output":{"message":{"role":"assistant","content":[{"text":"a"},{"toolUse":{"name":1,"input":[]}},)"
      R"({"reasoningContent":{"reasoningText":7}},3,{"citationsContent":{"content":5}}]}},"usage":{"inputTokens":-1}})";
  for (auto model :
       {"bedrock/amazon.nova-pro-v1:0", "bedrock/amazon.titan-text-lite-v1", "bedrock/invoke/ai21.jamba-x",
        "bedrock/mistral.mistral-7b-instruct-v0:2", "sagemaker/e", "sagemaker_chat/e"}) {
    Case one(aws_params(model));
    one.send(
        R"({"model":"m","messages":[{"role":"user","content":"x"}],"tools":{"a":1},"response_format":[]})");
    for (std::size_t end = 0; end <= answer.size(); ++end) {
      Decoded out;
      (void)one.ready.provider->decode(*one.ready.target, one.call,
                                       {200, "application/json", "", answer.substr(0, end)}, "m", out);
      auto decoder = one.ready.provider->stream(*one.ready.target, one.call, "m");
      for (auto event : {"contentBlockDelta", "metadata", "chunk", ""})
        (void)shown(*decoder, event, answer.substr(0, end));
    }
  }
}

TEST(Bedrock, HostileRequestsAreRefusedOrSent) {
  Case one(aws_params("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0"));
  for (auto member :
       {"\"messages\":3", "\"messages\":[3]", "\"messages\":[{\"role\":\"user\",\"content\":[3,null,{}]}]",
        "\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[1,{\"function\":2}]}]",
        "\"messages\":[{\"role\":\"tool\",\"content\":[]}]", "\"messages\":[{\"role\":5}]"})
    EXPECT_NE(one.encoded("{\"model\":\"m\"," + std::string(member) + "}").find("litellm."),
              std::string::npos)
        << member;
  for (auto member :
       {"\"tools\":5", "\"tools\":[5]", "\"tools\":[{\"function\":5}]", "\"tool_choice\":5", "\"stop\":5",
        "\"response_format\":5", "\"thinking\":5", "\"max_tokens\":\"x\"", "\"temperature\":{}",
        "\"additionalModelRequestFields\":5", "\"inferenceConfig\":5", "\"top_k\":[]"})
    (void)one.encoded("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]," +
                      std::string(member) + "}");
}

TEST(Bedrock, RefusesWhatItDoesNotServe) {
  for (auto model : {"bedrock/agent/A/B", "bedrock/agentcore/arn:x", "bedrock/async_invoke/m"}) {
    auto params = aws_params(model);
    auto done = prepare(params, params.model, lookup);
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().extra().param, "model");
  }
  auto params = aws_params("bedrock/amazon.nova-pro-v1:0");
  params.raw.emplace_back("aws_region_name", Value(std::string("evil.com/")));
  auto done = prepare(params, params.model, lookup);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().extra().param, "aws_region_name");
}

} // namespace
} // namespace switchyard::providers::test
