// Streams put together again.
#include "http/stream_answer.hpp"

#include <switchyard/json.hpp>

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

std::string whole(std::initializer_list<std::string_view> events) {
  StreamAnswer answer;
  for (auto event : events) answer.add("data: " + std::string(event) + "\n\n");
  return answer.text();
}

TEST(StreamAnswer, Chat) {
  EXPECT_EQ(
      whole(
          {R"({"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"He"}}]})",
           R"({"id":"c1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"llo"},"finish_reason":null}]})",
           R"({"id":"c1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":3}})",
           "[DONE]"}),
      R"({"id":"c1","model":"m","usage":{"total_tokens":3},"object":"chat.completion","choices":[{"message":{"role":"assistant","content":"Hello"},"index":0,"finish_reason":"stop"}]})");
}

TEST(StreamAnswer, ToolCallsGrowByTheirIndex) {
  EXPECT_EQ(
      whole(
          {R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\""}}]}}]})",
           R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}}]})"}),
      R"({"object":"chat.completion","choices":[{"message":{"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},"index":0}]})");
}

TEST(StreamAnswer, MessagesAndResponses) {
  EXPECT_EQ(
      whole({R"({"type":"message_start","message":{"id":"m1","content":[],"usage":{"input_tokens":5}}})",
             R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})",
             R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}})",
             R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"!"}})",
             R"({"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}})"}),
      R"({"id":"m1","content":[{"type":"text","text":"Hi!"}],"usage":{"input_tokens":5,"output_tokens":2},"stop_reason":"end_turn"})");
  EXPECT_EQ(whole({R"({"type":"response.created","response":{"id":"r1"}})",
                   R"({"type":"response.output_text.delta","delta":"Hi"})",
                   R"({"type":"response.completed","response":{"id":"r1","output":[]}})"}),
            R"({"id":"r1","output":[]})");
}

TEST(StreamAnswer, WhatIsNotUnderstoodOrTooLongIsNotKept) {
  EXPECT_EQ(whole({"nonsense", "[1]"}), "");
  EXPECT_EQ(
      whole({R"({"choices":[{"index":99999999999,"delta":7}]})", R"({"choices":{"a":1}})"}).substr(0, 10),
      R"({"object":)");
  StreamAnswer long_one;
  const std::string event =
      R"(data: {"choices":[{"index":0,"delta":{"content":")" + std::string(600'000, 'x') + "\"}}]}\n\n";
  long_one.add(event), long_one.add(event);
  EXPECT_EQ(long_one.text(), "");
}

} // namespace
} // namespace switchyard::http
