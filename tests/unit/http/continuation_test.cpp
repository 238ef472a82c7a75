// The texts of continued streams: what the next model is asked, and how its chunks are dressed.
#include "http/continuation.hpp"

#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

/// The elements of an array that must be valid JSON.
std::vector<std::string> elements(const std::string& array) {
  ObjectScan scan;
  EXPECT_TRUE(scan_object("{\"a\":" + array + "}", scan)) << array;
  EXPECT_TRUE(scan.trailing_commas.empty());
  std::vector<std::string> out;
  std::string_view element;
  for (std::size_t at = 0; next_element(array, at, element);) out.emplace_back(element);
  return out;
}

std::string content_of(const std::string& message) {
  ObjectScan scan;
  if (!scan_object(message, scan) || !scan.find("content")) return "(none)";
  return *unescape(scan.raw(*scan.find("content")));
}

providers::Usage usage(std::uint32_t prompt, std::uint32_t completion) {
  providers::Usage out;
  out.prompt_tokens = prompt, out.completion_tokens = completion, out.total_tokens = prompt + completion;
  out.present = true;
  return out;
}

ChunkText text(std::string said) {
  ChunkText out;
  out.text = std::move(said);
  return out;
}

TEST(Continuation, MessagesKeepTheClientsBytes) {
  auto all = elements(continuation_messages(R"([ {"role":"user", "content":"hi"} ] )", "Hello wor"));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0], R"({"role":"user", "content":"hi"})");
  EXPECT_NE(all[1].find("\"role\":\"system\""), std::string::npos);
  EXPECT_NE(all[2].find("\"role\":\"assistant\""), std::string::npos);
  EXPECT_EQ(content_of(all[2]), "Hello wor");
}

TEST(Continuation, TheTextIsEscaped) {
  const std::string said = "\"}],\\ \n\t\x01 \xC3\xA9 \xF0\x9F\x98\x80 </script>";
  auto all = elements(continuation_messages(R"([{"role":"user","content":"]"}])", said));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(content_of(all[2]), said);
}

TEST(Continuation, OddArraysStayValid) {
  EXPECT_EQ(elements(continuation_messages("[]", "x")).size(), 2u);
  EXPECT_EQ(elements(continuation_messages("[\n]", "x")).size(), 2u);
  EXPECT_EQ(elements(continuation_messages(R"([{"role":"user","content":"a"} , ])", "x")).size(), 3u);
}

TEST(Continuation, ChunksGetTheFirstOnesIdentity) {
  StreamProgress progress;
  remember_first(progress, R"({"id":"first\"","created":7,"model":"m","choices":[]})");
  EXPECT_EQ(
      continued_frame(progress, "data: {\"id\":\"b\", \"created\":9,\"choices\":[{\"x\":1.0}]}\n\n", {}),
      "data: {\"id\":\"first\\\"\", \"created\":7,\"choices\":[{\"x\":1.0}]}\n\n");
  EXPECT_EQ(continued_frame(progress, "data: [DONE]\n\n", {}), "data: [DONE]\n\n");
  EXPECT_EQ(continued_frame(progress, "data: {broken\n\n", {}), "data: {broken\n\n");
}

TEST(Continuation, AFirstChunkWithoutIdentityGivesNone) {
  StreamProgress progress;
  remember_first(progress, R"({"choices":[]})");
  auto frame = continued_frame(progress, "data: {\"id\":\"b\",\"choices\":[]}\n\n", {});
  EXPECT_EQ(frame, "data: {\"id\":\"b\",\"choices\":[]}\n\n");
}

TEST(Continuation, AnIdentityOfTheWrongKindOrTooLongIsNotKept) {
  StreamProgress progress;
  remember_first(progress, R"({"id":{"a":1},"created":"now"})");
  EXPECT_EQ(progress.id + progress.created, "");
  remember_first(progress, R"({"id":7,"created":null})");
  EXPECT_EQ(progress.id + progress.created, "");
  remember_first(progress, "{\"id\":\"" + std::string(254, 'x') + "\",\"created\":17.5}");
  EXPECT_EQ(progress.id.size(), 256u);
  EXPECT_EQ(progress.created, "17.5");
  remember_first(progress,
                 "{\"id\":\"" + std::string(255, 'x') + "\",\"created\":" + std::string(257, '1') + "}");
  EXPECT_EQ(progress.id + progress.created, "");
}

TEST(Continuation, ReportedUsageIsAdded) {
  StreamProgress progress;
  add_part(progress, text("one"), usage(10, 3));
  add_part(progress, text("two"), usage(40, 4));
  EXPECT_EQ(progress.said.text, "onetwo");
  auto total = total_usage(progress, usage(60, 5));
  EXPECT_EQ(total.prompt_tokens, 110u);
  EXPECT_EQ(total.completion_tokens, 12u);
  EXPECT_EQ(total.total_tokens, 122u);
  auto frame = continued_frame(progress,
                               "data: "
                               "{\"choices\":[],\"usage\":{\"prompt_tokens\":60,\"completion_tokens\":5,"
                               "\"total_tokens\":65,\"x\":{}}}\n\n",
                               usage(60, 5));
  EXPECT_NE(frame.find(R"("usage":{"prompt_tokens":110,"completion_tokens":12,"total_tokens":122,"x":{}})"),
            std::string::npos)
      << frame;
}

TEST(Continuation, UnreportedUsageIsEstimatedFromTheNextPart) {
  StreamProgress progress;
  add_part(progress, text(std::string(40, 'a')), {});
  auto total = total_usage(progress, usage(1000, 5));
  // The first prompt is the second's without note and text.
  EXPECT_LT(total.prompt_tokens, 2000u - 40 / 4);
  EXPECT_GT(total.prompt_tokens, 1800u);
  EXPECT_EQ(total.completion_tokens, 10u + 5u);
  EXPECT_EQ(total.total_tokens, total.prompt_tokens + total.completion_tokens);
  EXPECT_FALSE(total_usage(progress, {}).present);
  // A prompt that counts less than what was added is no reason for an underflow.
  EXPECT_EQ(total_usage(progress, usage(1, 5)).prompt_tokens, 1u);
}

TEST(Continuation, APartThatIsNotPlainSpoilsTheWhole) {
  StreamProgress progress;
  ChunkText part;
  part.plain = false;
  add_part(progress, part, {});
  add_part(progress, text("x"), {});
  EXPECT_FALSE(progress.said.plain);
}

TEST(ChunkText, ChunksLikeTheLastAreReadTheSameWay) {
  auto chunk = [](std::string text) {
    return R"([{"delta":{"content":")" + text + R"("},"logprobs":null}])";
  };
  ChunkTextReader reader;
  ChunkText fast, slow;
  for (auto choices :
       {chunk("a"), chunk("bc"), chunk(""), chunk("\\n"), chunk("d"), chunk("x\",\"y\":\""), chunk("e"),
        std::string("[]"), chunk("f"), std::string(R"([{"delta":{"content":"g"},"logprobs":null}] )"),
        std::string(R"([{"delta":{"content":"g"},"text":"g"}])"),
        std::string(R"([{"delta":{"content":""},"text":"g"}])")}) {
    reader.read(choices, fast);
    read_chunk_text(choices, slow);
    EXPECT_EQ(fast.text, slow.text) << choices;
    EXPECT_EQ(fast.plain, slow.plain) << choices;
  }
  EXPECT_TRUE(fast.text.starts_with("abc\nd"));
  reader.read(R"([{"delta":{"content":"h"},"logprobs":{"content":[]}}])", fast);
  EXPECT_FALSE(fast.plain);
}

TEST(ChunkText, ReadsTextAndNoticesTheRest) {
  struct Row {
    std::string_view choices, text;
    bool plain;
  };
  constexpr Row k_rows[] = {
      {R"([{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}])", "",
       true},
      {R"([{"index":0,"delta":{"content":" a\n\u00e9"}}])", " a\n\xC3\xA9", true},
      {R"([{"delta":{"content":"b","reasoning_content":"r","tool_calls":[]}}])", "b", true},
      {R"([{"index":0,"text":"c"}])", "c", true},
      {R"([{"delta":{"content":"c"},"text":"c"}])", "c", true},
      {R"([{"text":"c","delta":{"content":"c"}}])", "c", true},
      {R"([{"delta":{"content":""},"text":"c"}])", "c", true},
      {R"([{"delta":{"content":"c"},"text":""}])", "c", true},
      {R"([{"delta":{"content":"c","token_id":-17,"n":2.5}}])", "c", true},
      {R"([{"delta":{"content":"c","flag":true}}])", "c", false},
      {R"([{"delta":"c"}])", "", false},
      {R"([{"delta":null,"message":null}])", "", true},
      {R"([{"delta":{"content":"c"},"message":{"role":"assistant","content":""}}])", "c", true},
      {R"([{"message":{"role":"assistant","content":"c"}}])", "", false},
      {R"([{"message":"c"}])", "", false},
      {R"([])", "", true},
      {R"([{"index":1,"delta":{"content":"b"}}])", "b", false},
      {R"([{"delta":{"tool_calls":[{"index":0}]}}])", "", false},
      {R"([{"delta":{"audio":{"id":"x"}}}])", "", false},
      {R"([{"delta":{"content":"b"},"logprobs":{"content":[]}}])", "b", false},
      {R"([{"delta":{"content":[{"type":"text"}]}}])", "", false},
      {R"([{"delta":{"content":"\ud800"}}])", "", false},
      {R"([{"delta":{},"finish_reason":"stop"}])", "", false},
  };
  for (auto& row : k_rows) {
    ChunkText out;
    read_chunk_text(row.choices, out);
    EXPECT_EQ(out.text, row.text) << row.choices;
    EXPECT_EQ(out.plain, row.plain) << row.choices;
  }
}

} // namespace
} // namespace switchyard::http
