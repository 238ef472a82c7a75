// Bridged APIs, as far as transcripts (tests/golden/families/inbound) cannot show them: who translates,
// hostile input, local answers, error envelopes, counts.
#include "unit/providers/support.hpp"

#include <switchyard/inbound.hpp>
#include <switchyard/json.hpp>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

constexpr Endpoint k_bridged[] = {Endpoint::messages, Endpoint::responses, Endpoint::generate_content,
                                  Endpoint::completions};

/// A call of one endpoint on a row that knows chat only.
struct Bridged : Case {
  const Provider* provider;
  explicit Bridged(Endpoint endpoint, const char* model = "groq/m") : Case(model) {
    call.endpoint = endpoint, call.call_id = "id1";
    provider = translator_for(*ready.target, endpoint);
  }
  Result<void> ask(const std::string& json) {
    send(json);
    Wire made;
    return provider->encode(*ready.target, call, made);
  }
};

const char* const k_minimal[] = {R"({"messages":[{"role":"user","content":"hi"}]})", R"({"input":"hi"})",
                                 R"({"contents":[{"parts":[{"text":"hi"}]}]})", R"({"prompt":"hi"})"};

} // namespace

TEST(Inbound, OwnFormatsStayAndAllOthersAreBridged) {
  Case openai("openai/gpt-4.1"), groq("groq/m"), through("openai/responses/gpt-5");
  EXPECT_EQ(translator_for(*openai.ready.target, Endpoint::chat), openai.ready.provider);
  EXPECT_EQ(translator_for(*openai.ready.target, Endpoint::responses), openai.ready.provider);
  EXPECT_NE(translator_for(*openai.ready.target, Endpoint::messages), openai.ready.provider);
  EXPECT_EQ(translator_for(*openai.ready.target, Endpoint::messages),
            translator_for(*groq.ready.target, Endpoint::messages));
  EXPECT_EQ(translator_for(*groq.ready.target, Endpoint::messages_count), nullptr);
  EXPECT_NE(translator_for(*through.ready.target, Endpoint::chat), through.ready.provider);
}

TEST(Inbound, HostileRequestsAreRefusedByName) {
  struct Row {
    Endpoint endpoint;
    const char *json, *names;
  };
  const Row rows[] = {
      {Endpoint::messages, R"({})", "messages"},
      {Endpoint::messages, R"({"messages":[1]})", "messages[0]"},
      {Endpoint::messages, R"({"messages":[{"role":"user","content":[null]}]})", "messages[0].content"},
      {Endpoint::messages, R"({"messages":[{"role":"x","content":""}]})", "messages[0].role"},
      {Endpoint::messages, R"({"messages":[],"system":{}})", "system"},
      {Endpoint::messages, R"({"messages":[],"tools":[{}]})", "tools"},
      {Endpoint::responses, R"({"input":7})", "input"},
      {Endpoint::responses, R"({"input":[[]]})", "input[0]"},
      {Endpoint::responses, R"({"input":[{"role":"user"}]})", "input[0].content"},
      {Endpoint::responses, R"({"input":[{"type":"function_call_output"}]})", "input[0].output"},
      {Endpoint::responses, R"({"input":"a","tools":{}})", "tools"},
      {Endpoint::responses, R"({"input":"a","background":true})", "background"},
      {Endpoint::generate_content, R"({"contents":[{}]})", "contents[0].parts"},
      {Endpoint::generate_content, R"({"contents":[{"role":"a","parts":[]}]})", "contents[0].role"},
      {Endpoint::generate_content, R"({"contents":[{"parts":[]}],"tools":[0]})", "tools"},
      {Endpoint::completions, R"({"prompt":[1,2]})", "prompt"},
      {Endpoint::completions, R"({"prompt":[]})", "prompt"}};
  for (auto& row : rows) {
    Bridged c(row.endpoint);
    auto done = c.ask(row.json);
    ASSERT_FALSE(done.has_value()) << row.json;
    EXPECT_EQ(done.error().code, Errc::invalid_request);
    EXPECT_EQ(done.error().message.find(std::string(row.names) + ":"), 0u) << done.error().message;
  }
}

TEST(Inbound, WrongTypesInsideAreSurvived) {
  const char* const requests[] = {
      R"({"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"image","source":3}]},{"type":"image"}]},{"role":"assistant","content":[{"type":"tool_use","input":[]},{"type":"thinking"}]}],"thinking":{"type":"enabled","budget_tokens":1e300},"tools":[{"name":"x","input_schema":4}],"tool_choice":[],"metadata":[],"output_format":{"schema":[]}})",
      R"({"input":[{"type":"reasoning","encrypted_content":"switchyard:thinking_blocks:{"},{"type":"function_call"},{"type":"custom_tool_call"},{"type":"web_search_call"}],"tools":[{"type":"custom","format":3},4],"tool_choice":{},"reasoning":[],"text":{"format":7}})",
      R"({"contents":{"parts":{"functionCall":3}},"generationConfig":{"thinkingConfig":[],"responseSchema":{"type":["STRING"]}},"toolConfig":{"functionCallingConfig":{"mode":"any","allowedFunctionNames":3}},"tools":{"functionDeclarations":[{}]}})",
      R"({"prompt":"x","stream":true,"logprobs":null})"};
  const char* const chunks[] = {
      R"({"choices":[{"delta":7}]})", R"({"choices":[{"index":"a","delta":{"content":[{}]}}]})",
      R"({"choices":[{"delta":{"tool_calls":[{"function":{"arguments":{"a":1}}},{},3]}}]})",
      R"({"choices":[{"delta":{"thinking_blocks":[{"data":3},5]}}]})", R"({"choices":{}})"};
  for (std::size_t i = 0; i < std::size(k_bridged); ++i) {
    Bridged c(k_bridged[i]);
    EXPECT_TRUE(c.ask(requests[i]).has_value()) << requests[i];
    c.call.stream = true;
    auto decoder = c.provider->stream(*c.ready.target, c.call, "m");
    StreamEvent out;
    for (auto* chunk : chunks) {
      const auto frame = "data: " + std::string(chunk) + "\n\n";
      decoder->on_event(frame, {}, chunk, out);
      EXPECT_EQ(out.error.code, Errc::none) << chunk;
    }
    decoder->finish(out);
    EXPECT_TRUE(out.done);
    EXPECT_FALSE(Case::joined(out.data).empty());
  }
}

TEST(Inbound, LocalAnswersSpeakTheClientsApi) {
  const char* const marks[] = {R"("type":"message")", R"("object":"response")", R"("candidates")",
                               R"("text_completion")"};
  const char* const ends[] = {"event: message_stop", "event: response.completed", R"("finishReason":"STOP")",
                              R"("finish_reason":"stop")"};
  for (std::size_t i = 0; i < std::size(k_bridged); ++i) {
    Bridged c(k_bridged[i]);
    auto json = std::string(k_minimal[i]);
    json.insert(1, R"("mock_response":"so be it",)");
    c.send(json);
    auto whole = c.provider->local_answer(*c.ready.target, c.call, "alias", "id1", 1);
    EXPECT_NE(whole.body.find(marks[i]), std::string::npos) << whole.body;
    EXPECT_NE(whole.body.find("so be it"), std::string::npos) << whole.body;
    c.call.stream = true;
    auto stream = c.provider->local_answer(*c.ready.target, c.call, "alias", "id1", 1);
    ASSERT_FALSE(stream.frames.empty());
    EXPECT_NE(stream.frames.back().find(ends[i]), std::string::npos) << stream.frames.back();
  }
}

TEST(Inbound, ErrorsAreWordedAsTheApiWordsThem) {
  Error error(Errc::rate_limit, "slow \"down\"");
  EXPECT_EQ(error_body(Endpoint::messages, error),
            R"({"type":"error","error":{"type":"rate_limit_error","message":"slow \"down\""}})");
  EXPECT_EQ(error_frame(Endpoint::messages, error),
            "event: error\ndata: " + error_body(Endpoint::messages, error) + "\n\n");
  EXPECT_EQ(error_body(Endpoint::generate_content, error),
            R"({"error":{"code":429,"message":"slow \"down\"","status":"RESOURCE_EXHAUSTED"}})");
  EXPECT_EQ(error_body(Endpoint::chat, error), to_json(error));
  auto frame = error_frame(Endpoint::responses, error);
  EXPECT_TRUE(frame.starts_with("event: error\ndata: {\"type\":\"error\",")) << frame;
  EXPECT_TRUE(parse_json(frame.substr(frame.find("data: ") + 6)).has_value()) << frame;
}

// Found by fuzzing: an event stream from an upstream that was asked for none.
TEST(Inbound, ProvidersThatNeverStreamHaveNoDecoder) {
  Case c("petals/a/b");
  c.call.endpoint = Endpoint::messages, c.call.stream = true;
  c.send(R"({"max_tokens":5,"stream":true,"messages":[{"role":"user","content":"x"}]})");
  auto* bridge = translator_for(*c.ready.target, Endpoint::messages);
  ASSERT_NE(bridge, nullptr);
  EXPECT_EQ(bridge->stream(*c.ready.target, c.call, "alias"), nullptr);
}

TEST(Inbound, RequestsAreCounted) {
  Case c("groq/m");
  c.call.endpoint = Endpoint::messages_count;
  c.send(R"({"system":"four","messages":[{"role":"user","content":"12345678"}]})");
  auto chat = countable_chat(*c.ready.target, c.call);
  ASSERT_TRUE(chat.has_value());
  EXPECT_EQ(estimate_tokens(*chat), 4u + 4u + 3u);
  EXPECT_EQ(count_body(Endpoint::messages_count, 11), R"({"input_tokens":11})");
  EXPECT_EQ(count_body(Endpoint::generate_count, 11), R"({"totalTokens":11})");
}
