// Response ids in LiteLLM's form.
#include "http/response_ids.hpp"

#include <gtest/gtest.h>

namespace switchyard::http {
namespace {

// What LiteLLM 1.x makes of provider openai, row r1 and id resp_abc (base64 by Python's base64.b64encode).
constexpr std::string_view k_known =
    "resp_bGl0ZWxsbTpjdXN0b21fbGxtX3Byb3ZpZGVyOm9wZW5haTttb2RlbF9pZDpyMTtyZXNwb25zZV9pZDpyZXNwX2FiYw==";

TEST(ResponseIds, AreThoseOfLiteLlm) {
  EXPECT_EQ(encode_response_id("openai", "r1", "resp_abc"), k_known);
  const auto id = decode_response_id(k_known);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->row, "r1");
  EXPECT_EQ(id->id, "resp_abc");
}

TEST(ResponseIds, AnyLengthComesBack) {
  for (std::size_t n = 0; n < 40; ++n) {
    const std::string text(n, 'x');
    const auto id = decode_response_id(encode_response_id("p", "row" + text, "id" + text));
    ASSERT_TRUE(id) << n;
    EXPECT_EQ(id->row, "row" + text);
    EXPECT_EQ(id->id, "id" + text);
  }
}

TEST(ResponseIds, OthersAreLeftAlone) {
  for (auto* text : {"", "resp_", "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b", "resp_!!!!",
                     "msg_abcd", "resp_bGl0ZWxsbTpjdXN0b20="})
    EXPECT_FALSE(decode_response_id(text)) << text;
  EXPECT_FALSE(decode_response_id("resp_" + std::string(100'000, 'A')));
}

TEST(ResponseIds, InAResponse) {
  const auto expected = R"({"id":")" + std::string(k_known) + R"(","object":"response"})";
  EXPECT_EQ(with_response_id(R"({"id":"resp_abc","object":"response"})", "openai", "r1"), expected);
  for (auto* text : {"{}", R"({"id":7})", R"({"id":""})", "no json"})
    EXPECT_EQ(with_response_id(text, "openai", "r1"), text);
}

TEST(ResponseIds, InAnEvent) {
  const std::string
      before = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"",
      after = "\"}}\n\n";
  EXPECT_EQ(event_with_response_id(before + "resp_abc" + after, "openai", "r1"),
            before + std::string(k_known) + after);
  for (auto* text : {"data: [DONE]\n\n", "data: {\"type\":\"x\",\"response_id\":\"resp_abc\"}\n\n",
                     ": ping\n\n", "data: {\"response\":null}\n\n", "data: {\"response\":", ""})
    EXPECT_EQ(event_with_response_id(text, "openai", "r1"), text);
}

} // namespace
} // namespace switchyard::http
