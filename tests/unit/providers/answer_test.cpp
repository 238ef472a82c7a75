// Whole answers and stream events: restamped, counted, otherwise byte for byte.
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

struct Answer {
  Decoded decoded;
  Result<void> result;
  std::string text() const { return Case::joined(decoded.body); }
};

void decode(Case& c, std::string_view body, Answer& out, std::string_view type = "application/json") {
  out.result = c.ready.provider->decode(*c.ready.target, c.call, UpstreamAnswer{200, type, {}, body}, "alias",
                                        out.decoded);
}

struct Stream {
  std::unique_ptr<StreamDecoder> decoder;
  StreamEvent event;
  explicit Stream(Case& c) : decoder(c.ready.provider->stream(*c.ready.target, c.call, "alias")) {}
  std::string feed(std::string_view data, std::string_view name = {}) {
    decoder->on_event({}, name, data, event);
    return event.error.code == Errc::none ? Case::joined(event.data) : "error: " + event.error.message;
  }
};

} // namespace

TEST(Answer, OnlyTheTopLevelModelChanges) {
  Case c("openai/g");
  Answer answer;
  decode(
      c,
      R"({"id":"x", "model" : "g-2024","n":{"model":"keep"},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})",
      answer);
  EXPECT_EQ(
      answer.text(),
      R"({"id":"x", "model" : "alias","n":{"model":"keep"},"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}})");
  EXPECT_EQ(answer.decoded.usage.prompt_tokens, 3u);
  EXPECT_EQ(answer.decoded.usage.total_tokens, 7u);
}

TEST(Answer, ModelIsFoundHoweverItIsWritten) {
  const std::pair<std::string, std::string> cases[] = {
      {R"({"mod\u0065l":"g","a":"\"model\":\"x\""})", R"({"mod\u0065l":"alias","a":"\"model\":\"x\""})"},
      {"\n\n {\"a\":[\"]\",{\"model\":\"x\"}],\"model\":\"g\"} \n",
       "\n\n {\"a\":[\"]\",{\"model\":\"x\"}],\"model\":\"alias\"} \n"},
      {R"({"model":null,"a":1})", R"({"model":null,"a":1})"},
      {R"({"model":["g"]})", R"({"model":["g"]})"},
      {R"({"model":"g"})", R"({"model":"alias"})"},
  };
  Case c("openai/g");
  for (auto& [body, expected] : cases) {
    Answer answer;
    decode(c, body, answer);
    EXPECT_EQ(answer.text(), expected);
  }
}

TEST(Answer, WhatIsSaidTwiceIsNoAnswer) {
  Case c("openai/g");
  for (const char* body : {R"({"model":"a","model":"b"})", R"({"model":"a","mod\u0065l":"b"})",
                           R"({"usage":{},"usage":null})", R"({"choices":[],"choices":[]})",
                           R"({"error":null,"error":{"message":"x"}})", R"({"data":[],"data":[]})"}) {
    Answer answer;
    decode(c, body, answer);
    ASSERT_FALSE(answer.result) << body;
    EXPECT_EQ(answer.result.error().code, Errc::api_error);
  }
  Answer usage;
  decode(c, R"({"usage":{"prompt_tokens":1,"prompt_tokens":2}})", usage);
  EXPECT_TRUE(usage.result);
  EXPECT_FALSE(usage.decoded.usage.present);
}

TEST(Answer, CutOffAnswersAreErrors) {
  const std::string body =
      R"({"model":"g","choices":[{"message":{"content":"a \"quoted\" ] } \\"}}],"usage":{"prompt_tokens":3}})";
  Case c("openai/g");
  for (std::size_t size = 0; size < body.size(); ++size) {
    Answer answer;
    decode(c, body.substr(0, size), answer);
    ASSERT_FALSE(answer.result) << body.substr(0, size);
    EXPECT_EQ(answer.result.error().code, Errc::api_error);
  }
  Answer twice, marked;
  decode(c, body + body, twice);
  EXPECT_FALSE(twice.result);
  decode(c, "\xEF\xBB\xBF" + body, marked);
  EXPECT_FALSE(marked.result);
}

TEST(Answer, UsageOfEitherSpelling) {
  Case c("openai/g");
  Answer responses, odd, none;
  decode(c, R"({"usage":{"input_tokens":5,"output_tokens":6,"input_tokens_details":{"total_tokens":99}}})",
         responses);
  EXPECT_EQ(responses.decoded.usage.prompt_tokens, 5u);
  EXPECT_EQ(responses.decoded.usage.total_tokens, 11u);
  decode(c, R"({"usage":{"prompt_tokens":1.5,"completion_tokens":-4,"total_tokens":5000000000}})", odd);
  EXPECT_EQ(odd.decoded.usage.prompt_tokens, 0u);
  EXPECT_EQ(odd.decoded.usage.completion_tokens, 0u);
  EXPECT_EQ(odd.decoded.usage.total_tokens, 4294967295u);
  decode(c, R"({"usage":null})", none);
  EXPECT_FALSE(none.decoded.usage.present);
}

TEST(Answer, NoModelIsNotInvented) {
  Case c("openai/g");
  Answer answer;
  decode(c, R"({"created":1,"data":[]})", answer);
  EXPECT_EQ(answer.text(), R"({"created":1,"data":[]})");
}

TEST(Answer, TextAndSoundPassUntouched) {
  Case c("openai/g");
  c.call.endpoint = Endpoint::speech;
  Answer sound, text;
  decode(c, "{\"model\":\"x\"}", sound, "audio/mpeg");
  EXPECT_EQ(sound.text(), "{\"model\":\"x\"}");
  c.call.endpoint = Endpoint::transcriptions;
  decode(c, "hello", text, "text/plain");
  EXPECT_EQ(text.text(), "hello");
}

TEST(Answer, A200ThatIsNoAnswerIsAnError) {
  Case c("openai/g");
  Answer html, wrapped, listed;
  decode(c, "<html>hi</html>", html, "text/html");
  EXPECT_EQ(html.result.error().code, Errc::api_error);
  EXPECT_NE(html.result.error().message.find("Received: '<html>hi</html>'"), std::string::npos);
  decode(c, R"({"error":{"message":"boo","code":429}})", wrapped);
  EXPECT_EQ(wrapped.result.error().code, Errc::rate_limit);
  decode(c, R"({"error":{"message":"boo","code":"x"}})", listed);
  EXPECT_EQ(listed.result.error().http_status(), 500);
}

TEST(Answer, ReasoningIsRenamedWhereTheRowSaysSo) {
  const std::string body =
      R"({"choices":[{"message":{"role":"assistant","reasoning":"r","content":"\"reasoning\""}}]})";
  Case groq("groq/g"), openai("openai/g");
  Answer renamed, kept, both;
  decode(groq, R"({"choices":[{"message":{"reasoning":"r"}}],"model":"g","x":1})", both);
  EXPECT_EQ(both.text(), R"({"choices":[{"message":{"reasoning_content":"r"}}],"model":"alias","x":1})");
  decode(groq, body, renamed);
  EXPECT_EQ(
      renamed.text(),
      R"({"choices":[{"message":{"role":"assistant","reasoning_content":"r","content":"\"reasoning\""}}]})");
  decode(openai, body, kept);
  EXPECT_EQ(kept.text(), body);
}

TEST(Stream, RestampsEveryChunkAndStopsAtDone) {
  Case c("openai/g");
  Stream s(c);
  EXPECT_EQ(s.feed(R"({"id":"1","model":"g-2024","choices":[{"delta":{"content":"say \"model\":\"x\""}}]})"),
            "data: {\"id\":\"1\",\"model\":\"alias\",\"choices\":[{\"delta\":{\"content\":\"say "
            "\\\"model\\\":\\\"x\\\"\"}}]}\n\n");
  EXPECT_TRUE(s.event.content);
  EXPECT_FALSE(s.event.done);
  EXPECT_EQ(s.feed("[DONE]"), "data: [DONE]\n\n");
  EXPECT_TRUE(s.event.done);
}

TEST(Stream, WholeFramesGoOnAsTheyCame) {
  Case c("openai/g");
  Stream s(c);
  auto framed = [&s](const std::string& frame, std::size_t from, std::size_t size,
                     std::string_view name = {}) {
    s.decoder->on_event(frame, name, std::string_view(frame).substr(from, size), s.event);
    return Case::joined(s.event.data);
  };
  const std::string chunk = R"({"model":"g","choices":[{"delta":{}}]})";
  const std::string stamped = R"(data: {"model":"alias","choices":[{"delta":{}}]})";
  EXPECT_EQ(framed("data: " + chunk + "\n\n", 6, chunk.size()), stamped + "\n\n");
  EXPECT_EQ(s.event.data.size(), 3u);
  EXPECT_EQ(framed("data:" + chunk + "\n\n", 5, chunk.size()), stamped + "\n\n");
  EXPECT_EQ(framed("data: " + chunk + "\r\n\r\n", 6, chunk.size()), stamped + "\n\n");
  EXPECT_EQ(framed("id: 7\ndata: " + chunk + "\n\n", 12, chunk.size()), stamped + "\n\n");
  EXPECT_EQ(framed("event: e\ndata: " + chunk + "\n\n", 15, chunk.size(), "e"),
            "event: e\n" + stamped + "\n\n");
  const std::string own = R"({"choices":[{}],"model":"alias"})";
  EXPECT_EQ(framed("data: " + own + "\n\n", 6, own.size()), "data: " + own + "\n\n");
  EXPECT_EQ(s.event.data.size(), 1u);
}

// A decoder that knows how its stream's chunks begin must decide as one that sees its first chunk.
TEST(Stream, WhatCameBeforeChangesNothing) {
  const std::string heads[] = {R"({"id":"1","model":"g",)",
                               R"({"id":"2","model":"g",)",
                               R"({"id":"1","mod\u0065l":"g",)",
                               R"({"usage":null,"error":null,"model":"g","data":1,)",
                               R"({"model":null,)",
                               R"({"usage":{"prompt_tokens":9},)",
                               R"({)"};
  const std::string choices[] = {
      "[{\"delta\":{\"content\":\"\\\"model\\\":]\"}}]", "[]", "[ ]", "[", "[{\"a\":\"", "\"x\"", "null"};
  const std::string tails[] = {"}",
                               R"(,"model":"h"})",
                               R"(,"choices":[]})",
                               R"(,"usage":{"prompt_tokens":3}})",
                               R"(,"error":{"message":"x"}})",
                               R"(,"prompt_filter_results":[]})",
                               "",
                               "} x",
                               R"(,"id":1})"};
  for (const char* provider : {"openai/g", "openrouter/g"}) {
    Case c(provider);
    Stream used(c);
    for (auto& tail : tails)
      for (auto& choice : choices)
        for (auto& head : heads) {
          const std::string chunk = head + "\"choices\":" + choice + tail;
          Stream fresh(c);
          const auto expected = fresh.feed(chunk);
          used.feed(heads[0] + R"("choices":[{"delta":{}}]})");
          EXPECT_EQ(used.feed(chunk), expected) << chunk;
          EXPECT_TRUE(used.event.content || !fresh.event.content) << chunk; // once there, it stays
          EXPECT_EQ(used.event.choices, fresh.event.choices) << chunk;
          used.feed(head + R"("choices":[{"delta":{}}]})");
          EXPECT_EQ(used.feed(chunk), expected) << chunk;
          if (fresh.decoder->usage().present) {
            EXPECT_EQ(used.decoder->usage().prompt_tokens, fresh.decoder->usage().prompt_tokens) << chunk;
          }
        }
  }
}

TEST(Stream, UsageChunkReachesOnlyThoseWhoAsked) {
  constexpr std::string_view k_chunk =
      R"({"model":"g","choices":[ ],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}})";
  Case c("openai/g");
  Stream quiet(c);
  EXPECT_EQ(quiet.feed(k_chunk), "");
  EXPECT_EQ(quiet.decoder->usage().total_tokens, 3u);
  c.call.stream_usage_wanted = true;
  Stream asked(c);
  EXPECT_NE(asked.feed(k_chunk), "");
}

TEST(Stream, AzuresFilterChunkIsSwallowed) {
  Case c("openai/g");
  Stream s(c);
  EXPECT_EQ(s.feed(R"({"choices":[],"model":"","prompt_filter_results":[]})"), "");
  EXPECT_FALSE(s.event.content);
}

TEST(Stream, ErrorChunksAreMapped) {
  Case c("openai/g");
  Stream s(c);
  EXPECT_EQ(s.feed(R"({"error":{"message":"slow","code":429}})"),
            R"(error: litellm.RateLimitError: RateLimitError: OpenAIException - slow)");
  EXPECT_EQ(s.feed("not json").substr(0, 6), "error:");
}

TEST(Stream, ResponsesEventsKeepTheirNames) {
  Case c("openai/g");
  c.call.endpoint = Endpoint::responses;
  Stream s(c);
  EXPECT_EQ(s.feed(R"({"type":"response.created","response":{"id":"r","model":"g"}})", "response.created"),
            "event: response.created\ndata: "
            "{\"type\":\"response.created\",\"response\":{\"id\":\"r\",\"model\":\"alias\"}}\n\n");
  EXPECT_EQ(s.feed(R"({"type":"response.output_text.delta","delta":"x"})", "response.output_text.delta"),
            "event: response.output_text.delta\ndata: "
            "{\"type\":\"response.output_text.delta\",\"delta\":\"x\"}\n\n");
  s.feed(R"({"type":"response.completed","response":{"usage":{"input_tokens":5,"output_tokens":6}}})");
  EXPECT_EQ(s.decoder->usage().prompt_tokens, 5u);
  EXPECT_EQ(s.decoder->usage().completion_tokens, 6u);
  EXPECT_EQ(s.decoder->usage().total_tokens, 11u);
}

TEST(Stream, OddResponsesEvents) {
  Case c("openai/g");
  c.call.endpoint = Endpoint::responses;
  Stream s(c);
  const std::string twice = R"({"response":{"model":"g","model":"h","usage":{"input_tokens":5}}})";
  EXPECT_EQ(s.feed(twice), "data: " + twice + "\n\n");
  EXPECT_FALSE(s.decoder->usage().present);
  EXPECT_EQ(s.feed(R"({"response":null,"model":"g"})"), "data: {\"response\":null,\"model\":\"g\"}\n\n");
  EXPECT_EQ(s.feed(R"({"response":{},"response":{}})").substr(0, 6), "error:");
  EXPECT_EQ(s.feed(R"({"type":"error","message":"boo"})").substr(0, 6), "error:");
  EXPECT_EQ(s.feed(R"({"response":{"model":"g"})").substr(0, 6), "error:");
}

TEST(Stream, DataOfSeveralLinesBecomesOne) {
  Case c("openai/g");
  Stream s(c);
  EXPECT_EQ(s.feed("{\"model\":\n\"g\"}"), "data: {\"model\": \"alias\"}\n\n");
}

TEST(Stream, ReasoningIsRenamedInDeltas) {
  Case c("openrouter/g");
  Stream s(c);
  EXPECT_EQ(s.feed(R"({"model":"g","choices":[{"delta":{"reasoning":"r"}}]})"),
            "data: {\"model\":\"alias\",\"choices\":[{\"delta\":{\"reasoning_content\":\"r\"}}]}\n\n");
}
