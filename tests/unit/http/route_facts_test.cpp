// What rows look at in a request: estimates, prefix, tags, session.
#include "http/route_facts.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

struct Read {
  std::string body;
  LlmRequest request;
  RequestHead head;

  explicit Read(std::string text) : body(std::move(text)) {
    EXPECT_TRUE(scan_object(body, request.scan));
    request.body = body;
  }
  std::vector<std::string> tags() {
    auto tags = read_tags(request, head);
    EXPECT_TRUE(tags) << tags.error().message;
    return tags ? *tags : std::vector<std::string>{};
  }
};

using Tags = std::vector<std::string>;

TEST(EstimateTokens, QuarterOfAsciiAndOneForOtherCharacters) {
  EXPECT_EQ(estimate_tokens(""), 0u);
  EXPECT_EQ(estimate_tokens("a"), 1u);
  EXPECT_EQ(estimate_tokens("abcdefgh"), 2u);
  EXPECT_EQ(estimate_tokens("\u4f60\u597d"), 2u);
}

TEST(ResponseFormat, OfAChatThatWantsIt) {
  EXPECT_TRUE(has_response_format(Read(R"({"response_format":{"type":"json_object"}})").request));
  EXPECT_FALSE(has_response_format(Read(R"({"response_format":null})").request));
  EXPECT_FALSE(has_response_format(Read(R"({"messages":[]})").request));
  EXPECT_FALSE(has_response_format(Read(R"({"response_format":{},"drop_params":true})").request));
  Read image(R"({"response_format":"url"})");
  image.request.endpoint = Endpoint::images_generations;
  EXPECT_FALSE(has_response_format(image.request));
}

TEST(EstimateTokens, AnImageIsNotItsBase64) {
  const std::string image = "\"data:image/png;base64," + std::string(100'000, 'A') + "\"";
  EXPECT_LE(estimate_tokens(image), 252u);
  const std::string sound = R"({"data":")" + std::string(5000, 'x') + R"(","format":"wav"})";
  EXPECT_LE(estimate_tokens(sound), 260u);
  EXPECT_GE(estimate_tokens("\"data: " + std::string(5000, 'x') + "\""), 1250u) << "text";
  EXPECT_GE(estimate_tokens("\"" + std::string(5000, 'x')), 1250u) << "never ends";
}

TEST(RouteFacts, EstimatesByCharacterWhereverTheTextIsCut) {
  std::string text;
  for (int i = 0; i < 40; ++i) {
    text += i % 3 == 0 ? "a" : i % 3 == 1 ? "\u00e9" : "\U0001F600";
    std::uint32_t ascii = 0, others = 0;
    for (const char c : text) {
      ascii += static_cast<unsigned char>(c) < 0x80;
      others += static_cast<unsigned char>(c) >= 0xC0;
    }
    EXPECT_EQ(estimate_tokens(text), (ascii + 3) / 4 + others) << i;
  }
}

TEST(PromptTokens, CountsPromptAndToolsOnly) {
  Read chat(R"({"model":"m","messages":[{"role":"user","content":"0123456789"}],"user":"aaaaaaaaaaaaaaaa"})");
  EXPECT_EQ(prompt_tokens(chat.request), estimate_tokens(R"([{"role":"user","content":"0123456789"}])"));
  Read responses(R"({"input":"01234567","instructions":"0123"})");
  EXPECT_EQ(prompt_tokens(responses.request), estimate_tokens("\"01234567\"") + estimate_tokens("\"0123\""));
}

TEST(OutputTokens, WhatTheRequestAllows) {
  EXPECT_EQ(output_tokens(Read(R"({"max_tokens":7})").request), 7u);
  EXPECT_EQ(output_tokens(Read(R"({"max_tokens":7,"max_completion_tokens":9})").request), 9u);
  EXPECT_EQ(output_tokens(Read(R"({"max_output_tokens":3})").request), 3u);
  EXPECT_EQ(output_tokens(Read(R"({"max_tokens":-1})").request), 0u);
  EXPECT_EQ(output_tokens(Read(R"({"max_tokens":"7"})").request), 0u);
  EXPECT_EQ(output_tokens(Read("{}").request), 0u);
}

TEST(PrefixHash, IsThatOfTheFirstMessageAndTheTools) {
  const auto hash = [](const std::string& body) { return prefix_hash(Read(body).request); };
  const auto first = hash(R"({"messages":[{"role":"system","content":"a"},{"role":"user","content":"b"}]})");
  EXPECT_EQ(first, hash(R"({"messages":[{"role":"system","content":"a"},{"role":"user","content":"c"}]})"));
  EXPECT_NE(first, hash(R"({"messages":[{"role":"system","content":"x"},{"role":"user","content":"b"}]})"));
  EXPECT_NE(first, hash(R"({"messages":[{"role":"system","content":"a"}],"tools":[1]})"));
  EXPECT_NE(hash(R"({"prompt":"a"})"), hash(R"({"prompt":"b"})"));
  EXPECT_NE(hash("{}"), 0u);
  EXPECT_NE(hash(R"({"messages":"no array"})"), 0u);
}

/// More than 1024 tokens; with spaces, else it would count as an image.
std::string words() {
  std::string out;
  for (int i = 0; i < 1000; ++i) out += "word ";
  return out;
}

TEST(MarkedPrefix, IsWhatTheTurnsOfAConversationKeep) {
  const auto hash = [](const std::string& body) { return marked_prefix(Read(body).request); };
  const std::string text = words(), mark = R"(,"cache_control":{"type":"ephemeral"}})";
  const std::string system =
      R"({"role":"system","content":[{"type":"text","text":")" + text + "\"" + mark + "]}";
  const auto chat = [&](const std::string& more) { return hash(R"({"messages":[)" + system + more + "]}"); };
  EXPECT_NE(chat(""), 0u);
  EXPECT_EQ(chat(""), chat(R"(,{"role":"user","content":"a"})"));
  EXPECT_EQ(chat(""), chat(R"(,{"role":"user","content":"b")" + mark))
      << "the first mark that is long enough";
  EXPECT_NE(chat(""), hash(R"({"tools":[{"a":1}],"messages":[)" + system + "]}")) << "tools come before";
}

TEST(MarkedPrefix, IsNothingWithoutALongMarkedText) {
  const std::string text = words();
  for (const auto& body :
       {std::string("{}"), R"({"messages":[{"role":"user","content":")" + text + "\"}]}",
        std::string(R"({"messages":[{"role":"user","content":"a","cache_control":{"type":"ephemeral"}}]})"),
        R"({"messages":[{"role":"user","content":")" + text + R"(","cache_control":null}]})",
        std::string(R"({"cache_control":{"type":"ephemeral"},"messages":7,"tools":"x"})")})
    EXPECT_EQ(marked_prefix(Read(body).request), 0u) << body.substr(0, 60);
}

TEST(MarkedPrefix, MarksOfToolsSystemAndWholeMessagesCount) {
  const std::string text = words(), mark = R"(,"cache_control":{"type":"ephemeral"}})";
  for (const auto& body :
       {R"({"tools":[{"a":")" + text + "\"" + mark + R"(],"messages":[]})",
        R"({"system":[{"text":")" + text + "\"" + mark + R"(],"messages":[]})",
        R"({"messages":[{"role":"user","content":")" + text + "\"" + mark + "]}",
        R"({"system":")" + text + R"(","messages":[{"role":"user","content":"a")" + mark + "]}"})
    EXPECT_NE(marked_prefix(Read(body).request), 0u) << body.substr(0, 60);
}

TEST(ReadTags, FromEveryPlace) {
  Read all(R"({"metadata":{"tags":["a"]},"litellm_metadata":{"tags":["l"]},"tags":["b","c\u0041"]})");
  all.head.headers.add({"x-litellm-tags", " d, e ,,"});
  EXPECT_EQ(all.tags(), (Tags{"a", "l", "b", "cA", "d", "e"}));
  EXPECT_TRUE(has_tags(all.request, all.head));
}

TEST(ReadTags, NoneIsNoError) {
  for (auto* body :
       {"{}", R"({"metadata":null})", R"({"metadata":{"tags":null},"tags":null})", R"({"metadata":"x"})"}) {
    Read none(body);
    EXPECT_TRUE(none.tags().empty()) << body;
    EXPECT_FALSE(has_tags(none.request, none.head)) << body;
  }
}

TEST(ReadTags, AreBounded) {
  std::string many = R"({"tags":[)";
  for (int i = 0; i < 129; ++i) many += i ? ",\"\"" : "\"\"";
  Read bad(many + "]}");
  EXPECT_FALSE(read_tags(bad.request, bad.head));
  Read longest(R"({"tags":[")" + std::string(257, 'x') + R"("]})");
  EXPECT_FALSE(read_tags(longest.request, longest.head));
}

TEST(ReadTags, WrongTypesAreNamed) {
  for (auto* body : {R"({"metadata":{"tags":"a"}})", R"({"metadata":{"tags":["a",1]}})"}) {
    Read bad(body);
    auto tags = read_tags(bad.request, bad.head);
    ASSERT_FALSE(tags) << body;
    EXPECT_EQ(tags.error().code, Errc::invalid_request);
    EXPECT_EQ(tags.error().extra().param, "metadata.tags");
  }
}

TEST(SessionOf, OfTheMetadata) {
  Read chat(R"({"metadata":{"session_id":"from-metadata"}})");
  EXPECT_EQ(session_of(chat.request, chat.head), "from-metadata");
  Read messages(R"({"metadata":{"user_id":"u"},"litellm_metadata":{"session_id":"theirs"}})");
  EXPECT_EQ(session_of(messages.request, messages.head), "theirs");
  Read odd(R"({"metadata":{"session_id":7}})");
  EXPECT_EQ(session_of(odd.request, odd.head), "");
}

TEST(SessionOf, HeaderBeforeBody) {
  Read body(R"({"litellm_session_id":"from-body"})");
  EXPECT_EQ(session_of(body.request, body.head), "from-body");
  body.head.headers.add({"x-claude-code-session-id", "short"});
  EXPECT_EQ(session_of(body.request, body.head), "from-body") << "fewer than 8 characters";
  body.head.headers.add({"x-codex-session-id", "0123-4567"});
  EXPECT_EQ(session_of(body.request, body.head), "0123-4567");
  body.head.headers.add({"x-litellm-session-id", "own"});
  EXPECT_EQ(session_of(body.request, body.head), "own");
}

} // namespace
} // namespace switchyard::http
