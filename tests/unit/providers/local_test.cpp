// Local answers: valid JSON of the right shape for every endpoint, the same every time.
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

/// The value at a path of keys and indexes in an answer, raw.
std::string at(std::string_view json, std::initializer_list<std::string_view> path) {
  std::string raw(json);
  for (auto step : path) {
    if (raw.starts_with('[')) {
      std::size_t pos = 0;
      std::string_view element;
      for (auto left = std::stoi(std::string(step)); next_element(raw, pos, element) && left > 0;) --left;
      raw = std::string(element);
      continue;
    }
    ObjectScan object;
    if (!scan_object(raw, object)) return "not an object: " + raw;
    auto* field = object.find(step);
    if (!field) return "no " + std::string(step);
    raw = std::string(object.raw(*field));
  }
  return raw;
}

LocalAnswer ask(Endpoint endpoint, std::string body, bool stream = false, bool usage = false) {
  Case c("dummy/any");
  c.call.endpoint = endpoint;
  c.call.stream = stream;
  c.call.stream_usage_wanted = usage;
  c.send(std::move(body));
  return c.local();
}

} // namespace

TEST(Local, ChatSaysTheMockText) {
  EXPECT_EQ(at(ask(Endpoint::chat, "{}").body, {"choices", "0", "message", "content"}),
            "\"This is a mock request\"");
  auto answer = ask(Endpoint::chat, R"({"mock_response":"hi \"you\"","n":2})");
  EXPECT_EQ(at(answer.body, {"choices", "1", "message", "content"}), R"("hi \"you\"")");
  EXPECT_EQ(at(answer.body, {"model"}), "\"m\"");
  EXPECT_EQ(at(answer.body, {"id"}), "\"chatcmpl-id1\"");
  EXPECT_EQ(at(answer.body, {"usage", "total_tokens"}), "30");
}

TEST(Local, RowsMockTooAndTheRequestWins) {
  auto params = params_of("openai/gpt-4o", "");
  params.mock_response = "from the row";
  Case c(params);
  c.send("{}");
  EXPECT_EQ(at(c.local().body, {"choices", "0", "message", "content"}), "\"from the row\"");
  c.send(R"({"mock_response":"from the request"})");
  EXPECT_EQ(at(c.local().body, {"choices", "0", "message", "content"}), "\"from the request\"");
}

TEST(Local, NamesOfErrorsFail) {
  EXPECT_EQ(ask(Endpoint::chat, R"({"mock_response":"litellm.RateLimitError"})").error.message,
            "litellm.RateLimitError: this is a mock rate limit error");
  EXPECT_EQ(ask(Endpoint::chat, R"({"mock_response":"litellm.InternalServerError"})").error.message,
            "litellm.InternalServerError: this is a mock internal server error");
  EXPECT_EQ(
      ask(Endpoint::chat, R"({"mock_response":"litellm.ContextWindowExceededError"})").error.message,
      "litellm.ContextWindowExceededError: litellm.BadRequestError: this is a mock context window exceeded "
      "error");
  EXPECT_EQ(mock_error("litellm.APIConnectionError"), Errc::api_connection);
  EXPECT_EQ(mock_error("Exception: content_filter_policy"), Errc::content_policy_violation);
  EXPECT_EQ(mock_error("RateLimitError"), Errc::none);
  EXPECT_EQ(mock_error("litellm."), Errc::none);
}

TEST(Local, MockTimeoutWaits) {
  EXPECT_LT(ask(Endpoint::chat, R"({"mock_timeout":true})").delay, 0);
  EXPECT_EQ(ask(Endpoint::chat, R"({"mock_timeout":0.5})").delay, 0.5);
  EXPECT_EQ(ask(Endpoint::chat, "{}").delay, 0);
}

TEST(Local, StreamsWordByWord) {
  auto frames = ask(Endpoint::chat, R"({"mock_response":"one two"})", true, true).frames;
  ASSERT_EQ(frames.size(), 5u);
  EXPECT_NE(frames[0].find(R"("delta":{"role":"assistant","content":""},"finish_reason":null)"),
            std::string::npos);
  EXPECT_NE(frames[1].find(R"("delta":{"content":"one "})"), std::string::npos);
  EXPECT_NE(frames[2].find(R"("delta":{"content":"two"})"), std::string::npos);
  EXPECT_NE(frames[3].find(R"("delta":{},"finish_reason":"stop")"), std::string::npos);
  EXPECT_NE(frames[4].find(R"("choices":[],"usage":{)"), std::string::npos);
  for (auto& frame : frames) {
    ASSERT_TRUE(frame.starts_with("data: ") && frame.ends_with("\n\n"));
    ObjectScan scan;
    EXPECT_TRUE(scan_object(std::string_view(frame).substr(6), scan).has_value());
  }
  EXPECT_EQ(ask(Endpoint::chat, "{}", true).frames.size(), 7u); // no usage chunk
}

TEST(Local, ForcedToolsAreCalled) {
  constexpr std::string_view k_tools =
      R"("tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b","parameters":{"type":"object","properties":{"x":{"type":"integer"},"y":{"enum":["k"]}},"required":["x","y"]}}}])";
  auto named = ask(Endpoint::chat, "{" + std::string(k_tools) +
                                       R"(,"tool_choice":{"type":"function","function":{"name":"b"}}})");
  EXPECT_EQ(at(named.body, {"choices", "0", "message", "tool_calls", "0", "function", "arguments"}),
            R"("{\"x\":0,\"y\":\"k\"}")");
  EXPECT_EQ(at(named.body, {"choices", "0", "finish_reason"}), "\"tool_calls\"");
  auto required = ask(Endpoint::chat, "{" + std::string(k_tools) + R"(,"tool_choice":"required"})");
  EXPECT_EQ(at(required.body, {"choices", "0", "message", "tool_calls", "0", "function", "name"}), "\"a\"");
  auto free = ask(Endpoint::chat, "{" + std::string(k_tools) + "}");
  EXPECT_EQ(at(free.body, {"choices", "0", "finish_reason"}), "\"stop\"");
}

TEST(Local, StructuredOutputFitsItsSchema) {
  auto answer = ask(
      Endpoint::chat,
      R"({"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object","required":["a","r"],"properties":{"a":{"type":"array","minItems":1,"items":{"type":"number","minimum":2}},"b":{"type":"string"},"r":{"$ref":"#/$defs/R"}},"$defs":{"R":{"type":["boolean","null"]}}}}}})");
  EXPECT_EQ(at(answer.body, {"choices", "0", "message", "content"}), R"("{\"a\":[2],\"r\":true}")");
  auto loop = ask(
      Endpoint::chat,
      R"({"response_format":{"type":"json_schema","json_schema":{"schema":{"properties":{"me":{"$ref":"#"},"x":{"$ref":"#/properties/x"}}}}}})");
  EXPECT_EQ(loop.error.code, Errc::none);
}

TEST(Local, EmbeddingsHaveTheAskedShape) {
  auto list = ask(Endpoint::embeddings, R"({"input":["a","b"],"dimensions":3})");
  EXPECT_EQ(at(list.body, {"data", "1", "index"}), "1");
  EXPECT_NE(at(list.body, {"data", "0", "embedding"}), at(list.body, {"data", "1", "embedding"}));
  EXPECT_EQ(list.body, ask(Endpoint::embeddings, R"({"input":["a","b"],"dimensions":3})").body);
  auto packed = ask(Endpoint::embeddings, R"({"input":[1,2],"dimensions":3,"encoding_format":"base64"})");
  EXPECT_EQ(at(packed.body, {"data", "0", "embedding"}).size(), 2u + 16u); // 12 bytes
  EXPECT_EQ(packed.body.find("\"index\":1"), std::string::npos);           // token ids are one input
  auto mocked = ask(Endpoint::embeddings, R"({"input":"a","mock_response":[0.1,0.2]})");
  EXPECT_EQ(at(mocked.body, {"data", "0", "embedding"}), "[0.1,0.2]");
}

TEST(Local, EveryOtherEndpointAnswers) {
  EXPECT_EQ(at(ask(Endpoint::completions, R"({"mock_response":"t"})").body, {"choices", "0", "text"}),
            "\"t\"");
  EXPECT_EQ(at(ask(Endpoint::responses, "{}").body, {"output", "0", "content", "0", "text"}),
            "\"This is a mock request\"");
  auto events = ask(Endpoint::responses, R"({"mock_response":"a b"})", true).frames;
  ASSERT_EQ(events.size(), 10u);
  EXPECT_TRUE(events.front().starts_with("event: response.created\ndata: {\"type\":\"response.created\""));
  EXPECT_TRUE(events.back().starts_with("event: response.completed\n"));
  EXPECT_EQ(at(ask(Endpoint::moderations, R"({"input":["a","b"]})").body, {"results", "1", "flagged"}),
            "false");
  EXPECT_EQ(at(ask(Endpoint::images_generations, R"({"response_format":"b64_json"})").body,
               {"data", "0", "b64_json"})
                .substr(0, 6),
            "\"iVBOR");
  EXPECT_EQ(at(ask(Endpoint::images_generations, R"({"mock_response":"https://x/y.png"})").body,
               {"data", "0", "url"}),
            "\"https://x/y.png\"");
  auto ranked = ask(Endpoint::rerank, R"({"documents":["a","b","c"],"top_n":2})");
  EXPECT_EQ(at(ranked.body, {"results", "1", "index"}), "1");
  auto sound = ask(Endpoint::speech, "{}");
  EXPECT_EQ(sound.content_type, "audio/wav");
  EXPECT_EQ(sound.body.size(), 844u);
  EXPECT_EQ(sound.body.substr(0, 4) + sound.body.substr(8, 4), "RIFFWAVE");
}

TEST(Local, TranscriptionReadsItsForm) {
  Case c("dummy/any");
  c.call.endpoint = Endpoint::transcriptions;
  c.body = "--b\r\nContent-Disposition: form-data; name=\"response_format\"\r\n\r\nsrt\r\n--b--\r\n";
  c.call.body = c.body;
  c.call.content_type = "multipart/form-data; boundary=b";
  EXPECT_EQ(c.local().body, "1\n00:00:00,000 --> 00:00:00,100\nThis is a mock request\n");
  c.call.body = "";
  EXPECT_EQ(c.local().body, R"({"text":"This is a mock request"})");
}
