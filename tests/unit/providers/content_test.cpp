// When a stream has begun to say something.
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

struct Begin {
  std::string_view choice;
  bool content;
};

constexpr Begin k_chat[] = {
    {R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})", false},
    {R"({"delta":{"role":"assistant","content":null,"refusal":null,"tool_calls":[ ]},"logprobs":null})",
     false},
    {R"({"delta":{},"content_filter_results":{"hate":{"filtered":false}}})", false},
    {R"({"delta":null})", false},
    {R"({"delta":{"content":"x"}})", true},
    {R"({"delta":{"content":" "}})", true},
    {R"({"delta":{"reasoning_content":"x"}})", true},
    {R"({"delta":{"reasoning":"x"}})", true},
    {R"({"delta":{"refusal":"no"}})", true},
    {R"({"delta":{"tool_calls":[{"index":0}]}})", true},
    {R"({"delta":{"function_call":{"name":"f"}}})", true},
    {R"({"delta":{"audio":{"id":"a"}}})", true},
    {R"({"delta":{"never_heard_of":1}})", true},
    {R"({"delta":{},"finish_reason":"stop"})", true},
    {R"({"message":{"content":"whole"}})", true},
};

constexpr Begin k_text[] = {
    {R"({"index":0,"text":"","logprobs":null,"finish_reason":null})", false},
    {R"({"index":0,"text":"x"})", true},
    {R"({"index":0,"text":"","finish_reason":"length"})", true},
};

bool content_of(Endpoint endpoint, std::string_view data) {
  Case c("openai/g");
  c.call.endpoint = endpoint, c.call.stream_usage_wanted = true;
  auto decoder = c.ready.provider->stream(*c.ready.target, c.call, "alias");
  StreamEvent event;
  decoder->on_event({}, {}, data, event);
  EXPECT_EQ(event.error.code, Errc::none) << event.error.message;
  return event.content;
}

std::string chunk(std::string_view choice) {
  return R"({"id":"c","model":"g","choices":[)" + std::string(choice) + "]}";
}

} // namespace

TEST(Content, OfChat) {
  for (auto& row : k_chat)
    EXPECT_EQ(content_of(Endpoint::chat, chunk(row.choice)), row.content) << row.choice;
}

TEST(Content, OfTextCompletions) {
  for (auto& row : k_text)
    EXPECT_EQ(content_of(Endpoint::completions, chunk(row.choice)), row.content) << row.choice;
}

TEST(Content, AnyChoiceCounts) {
  EXPECT_TRUE(content_of(Endpoint::chat, chunk(R"({"delta":{"content":""}},{"delta":{"content":"x"}})")));
}

TEST(Content, UsageAloneIsNone) {
  EXPECT_FALSE(content_of(Endpoint::chat, R"({"choices":[],"usage":{"prompt_tokens":3}})"));
  EXPECT_FALSE(content_of(Endpoint::chat, R"({"choices":null,"usage":{"prompt_tokens":3}})"));
  EXPECT_FALSE(content_of(Endpoint::chat, R"({"choices":[]})"));
}

TEST(Content, WhatIsNotAChunkIsContent) {
  EXPECT_TRUE(content_of(Endpoint::transcriptions, R"({"type":"transcript.text.delta","delta":"x"})"));
}

TEST(Content, TheOnlyEventOfAStreamMayHaveUsage) {
  struct Row {
    Endpoint endpoint;
    std::string_view event;
  };
  constexpr Row k_rows[] = {
      {Endpoint::images_generations,
       R"({"type":"image_generation.completed","b64_json":"aGk=","usage":{"input_tokens":1,"total_tokens":9}})"},
      {Endpoint::images_edits,
       R"({"type":"image_edit.completed","b64_json":"aGk=","usage":{"input_tokens":1,"total_tokens":9}})"},
      {Endpoint::transcriptions,
       R"({"type":"transcript.text.done","text":"hi","usage":{"input_tokens":1,"total_tokens":9}})"},
  };
  for (auto& row : k_rows) EXPECT_TRUE(content_of(row.endpoint, row.event)) << row.event;
}

TEST(Content, OfResponses) {
  auto event = [](std::string type) { return R"({"type":")" + type + R"(","sequence_number":0})"; };
  for (auto type : {"response.created", "response.in_progress", "response.queued"})
    EXPECT_FALSE(content_of(Endpoint::responses, event(type))) << type;
  for (auto type : {"response.output_item.added", "response.output_text.delta", "response.completed"})
    EXPECT_TRUE(content_of(Endpoint::responses, event(type))) << type;
}

TEST(Content, AFailedResponseIsAnErrorBeforeContentOnly) {
  const std::string failed =
      R"({"type":"response.failed","response":{"model":"g","error":{"code":"server_error","message":"oh"}}})";
  for (bool content : {false, true}) {
    Case c("openai/g");
    c.call.endpoint = Endpoint::responses;
    auto decoder = c.ready.provider->stream(*c.ready.target, c.call, "alias");
    StreamEvent event;
    decoder->on_event({}, {}, R"({"type":"response.created","response":{"error":null}})", event);
    EXPECT_EQ(event.error.code, Errc::none);
    if (content) decoder->on_event({}, {}, R"({"type":"response.output_text.delta","delta":"x"})", event);
    decoder->on_event({}, {}, failed, event);
    EXPECT_EQ(event.error.code == Errc::none, content) << event.error.message;
    EXPECT_EQ(event.error.message.ends_with("oh"), !content) << event.error.message;
  }
}

TEST(Content, AnErrorWithoutATypeFailsResponses) {
  Case c("openai/g");
  c.call.endpoint = Endpoint::responses;
  auto decoder = c.ready.provider->stream(*c.ready.target, c.call, "alias");
  StreamEvent event;
  decoder->on_event({}, {}, R"({"error":{"message":"oh"}})", event);
  EXPECT_NE(event.error.code, Errc::none);
}

TEST(Content, StaysOnceItWasThere) {
  Case c("openai/g");
  auto decoder = c.ready.provider->stream(*c.ready.target, c.call, "alias");
  StreamEvent event;
  for (auto& [choice, content] :
       {Begin{R"({"delta":{"role":"assistant"}})", false}, Begin{R"({"delta":{"content":"x"}})", true},
        Begin{R"({"delta":{}})", true}}) {
    auto data = chunk(choice);
    decoder->on_event({}, {}, data, event);
    EXPECT_EQ(event.content, content) << choice;
    EXPECT_EQ(event.choices, "[" + std::string(choice) + "]");
  }
}
