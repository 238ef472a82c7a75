// Realtime sessions: what an upgrade request must say, where its key is, and what events tell of usage.
#include "http/auth.hpp"
#include "http/realtime_meter.hpp"
#include "http/realtime_request.hpp"
#include "http/request_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::http {
namespace {

std::string request(std::string_view target, std::string_view more = {}) {
  std::string text = "GET ";
  text.append(target).append(
      " HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n");
  text.append("Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  return text.append(more).append("\r\n");
}

/// The head views `text`.
RequestHead head_of(const std::string& text) {
  RequestHead head;
  EXPECT_EQ(parse_request_head(text, head), "");
  return head;
}

TEST(RealtimeRequest, TheQueryNamesTheModel) {
  const auto model = request("/v1/realtime?model=a%22b"), deployment = request("/v1/realtime?deployment=x");
  EXPECT_EQ(read_realtime_request(head_of(model)).value(), "{\"model\":\"a\\\"b\"}");
  EXPECT_EQ(read_realtime_request(head_of(deployment)).value(), "{\"model\":\"x\"}");
  const auto none = request("/v1/realtime?model=");
  EXPECT_EQ(read_realtime_request(head_of(none)).error().extra().param, "model");
}

TEST(RealtimeRequest, NoUpgradeIsAnError) {
  const std::string plain = "GET /v1/realtime?model=a HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n";
  const auto refused = read_realtime_request(head_of(plain));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().http_status(), 426);
  EXPECT_NE(upgrade_hint(refused.error()).find("Upgrade: websocket\r\n"), std::string_view::npos);
  const auto body = request("/v1/realtime?model=a", "Content-Length: 2\r\n");
  EXPECT_EQ(read_realtime_request(head_of(body)).error().http_status(), 400);
}

TEST(RealtimeRequest, ABrowserOffersProtocols) {
  const auto text =
      request("/v1/realtime?model=a", "Sec-WebSocket-Protocol: openai-insecure-api-key.sk-1, x\r\n"
                                      "Sec-WebSocket-Protocol: realtime, openai-beta.realtime-v1\r\n");
  const auto head = head_of(text);
  EXPECT_EQ(chosen_protocol(head), "realtime");
  EXPECT_TRUE(wants_beta(head));
  EXPECT_EQ(presented_key(head, {}).value, "sk-1");
  const auto only_key =
      request("/v1/realtime?model=a", "Sec-WebSocket-Protocol: openai-insecure-api-key.sk-1\r\n");
  EXPECT_EQ(chosen_protocol(head_of(only_key)), "");
  EXPECT_FALSE(wants_beta(head_of(only_key)));
  const auto both =
      request("/v1/realtime?model=a", "Authorization: Bearer sk-2\r\n"
                                      "Sec-WebSocket-Protocol: openai-insecure-api-key.sk-1\r\n");
  EXPECT_EQ(presented_key(head_of(both), {}).value, "sk-2");
}

// -- usage

class Events : public testing::Test {
 protected:
  /// What the reader says of a message, in frames of `size` bytes.
  EventReader::Found read(std::string_view message, std::size_t size = 1000) {
    auto found = EventReader::Found::nothing;
    for (std::size_t at = 0; at < message.size(); at += size) {
      ws::Piece piece;
      piece.opcode = at == 0 ? ws::Opcode::text : ws::Opcode::continuation;
      piece.payload = message.substr(at, size);
      piece.fin = at + size >= message.size();
      found = reader.add(piece);
    }
    return found;
  }
  Usage usage(std::string_view event) { return usage_of_event(*prepared.target, event); }

  ProcessLimits limits;
  EventReader reader{limits};
  providers::Prepared prepared = [] {
    LitellmParams params;
    params.model = "openai/gpt-realtime", params.api_key = Secret("sk-x");
    return providers::prepare(params, params.model, [](std::string_view) { return std::string(); }).value();
  }();
};

constexpr std::string_view k_done =
    R"({"type":"response.done","response":{"id":"r","usage":{"total_tokens":30,"input_tokens":10,)"
    R"("output_tokens":20,"input_token_details":{"text_tokens":6,"audio_tokens":4,"cached_tokens":2,)"
    R"("cached_tokens_details":{"text_tokens":1,"audio_tokens":1}},)"
    R"("output_token_details":{"text_tokens":15,"audio_tokens":5}}}})";

TEST_F(Events, OnlyThoseThatTellUsageAreKept) {
  using Found = EventReader::Found;
  EXPECT_EQ(read(k_done), Found::event);
  EXPECT_EQ(reader.event(), k_done);
  for (std::size_t size : {1u, 3u, 20u}) EXPECT_EQ(read(k_done, size), Found::event) << size;
  EXPECT_EQ(read(R"({"type":"response.audio.delta","delta":"response.done"})", 9), Found::nothing);
  EXPECT_EQ(read(R"({ "event_id":"e", "type" : "response.done" })"), Found::event);
}

TEST_F(Events, UsageOfAResponse) {
  const auto used = usage(k_done);
  EXPECT_TRUE(used.present);
  EXPECT_EQ(used.prompt_tokens, 10u);
  EXPECT_EQ(used.completion_tokens, 20u);
  EXPECT_EQ(used.audio_in_tokens, 4u);
  EXPECT_EQ(used.audio_out_tokens, 5u);
  EXPECT_EQ(used.cache_read_tokens, 2u);
}

TEST_F(Events, UsageOfATranscription) {
  const auto tokens =
      usage(R"({"type":"conversation.item.input_audio_transcription.completed","transcript":"hi",)"
            R"("usage":{"type":"tokens","input_tokens":3,"output_tokens":2,"total_tokens":5}})");
  EXPECT_EQ(tokens.total_tokens, 5u);
  const auto seconds = usage(R"({"type":"conversation.item.input_audio_transcription.completed",)"
                             R"("usage":{"type":"duration","seconds":1.5}})");
  EXPECT_EQ(seconds.audio_ms, 1500u);
}

TEST_F(Events, WhatTellsNone) {
  for (std::string_view event :
       {R"({"type":"response.done","response":{"usage":null}})",
        R"({"type":"response.created","response":{"usage":{"input_tokens":1}}})",
        R"({"type":"response.done","response":{"usage":{"input_tokens":1)", "[]", ""})
    EXPECT_FALSE(usage(event).present) << event;
}

} // namespace
} // namespace switchyard::http
