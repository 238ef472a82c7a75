// Response ids in LiteLLM's form.
#include "http/encrypted_items.hpp"
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

constexpr RowMarks k_ids{true, false, "openai", "r1"}, k_items{false, true, "openai", "r1"};

TEST(ResponseIds, InAResponse) {
  const auto expected = R"({"id":")" + std::string(k_known) + R"(","object":"response"})";
  EXPECT_EQ(marked_response(R"({"id":"resp_abc","object":"response"})", k_ids), expected);
  for (auto* text : {"{}", R"({"id":7})", R"({"id":""})", "no json"})
    EXPECT_EQ(marked_response(text, k_ids), text);
}

TEST(ResponseIds, InAnEvent) {
  const std::string
      before = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"",
      after = "\"}}\n\n";
  EXPECT_EQ(marked_event(before + "resp_abc" + after, k_ids), before + std::string(k_known) + after);
  for (auto* text : {"data: [DONE]\n\n", "data: {\"type\":\"x\",\"response_id\":\"resp_abc\"}\n\n",
                     ": ping\n\n", "data: {\"response\":null}\n\n", "data: {\"response\":", ""})
    EXPECT_EQ(marked_event(text, k_ids), text);
}

// What LiteLLM makes of row r1: base64 of "model_id:r1", and of "litellm:model_id:r1;item_id:rs_1".
constexpr std::string_view k_wrapped = "litellm_enc:bW9kZWxfaWQ6cjE=;gAAA",
                           k_item_id = "encitem_bGl0ZWxsbTptb2RlbF9pZDpyMTtpdGVtX2lkOnJzXzE=";

std::string item(std::string_view id, std::string_view content) {
  return R"({"type":"reasoning","id":")" + std::string(id) + R"(","encrypted_content":")" +
         std::string(content) + R"("})";
}

TEST(EncryptedItems, AreMarkedInResponsesAndEvents) {
  const std::string open = R"({"id":"resp_abc","output":[{"type":"message"},)";
  EXPECT_EQ(marked_response(open + item("rs_1", "gAAA") + "]}", k_items),
            open + item("rs_1", k_wrapped) + "]}");
  const std::string before = "data: {\"type\":\"response.output_item.done\",\"item\":";
  EXPECT_EQ(marked_event(before + item("rs_1", "gAAA") + "}\n\n", k_items),
            before + item("rs_1", k_wrapped) + "}\n\n");
  for (auto* text : {"data: [DONE]\n\n", "data: {\"item\":{\"encrypted_content\":null}}\n\n",
                     "data: {\"delta\":\"encrypted_content\"}\n\n"})
    EXPECT_EQ(marked_event(text, k_items), text);
}

TEST(EncryptedItems, ComeBackAsTheirUpstreamWroteThem) {
  for (auto& sent : {item("rs_1", k_wrapped), item(k_item_id, "gAAA"), item(k_item_id, k_wrapped)}) {
    const auto found = unmark_items("[{\"role\":\"user\"}," + sent + "]");
    ASSERT_TRUE(found) << sent;
    EXPECT_EQ(found->row, "r1");
    EXPECT_EQ(found->list, "[{\"role\":\"user\"}," + item("rs_1", "gAAA") + "]");
  }
}

TEST(EncryptedItems, OthersAreLeftAlone) {
  for (auto* text : {"\"litellm_enc:\"", "[]", R"([{"encrypted_content":"gAAA"}])", "[\"litellm_enc:x;y\"]",
                     R"([{"encrypted_content":"litellm_enc:!!;x"}])", R"([{"id":"encitem_AAAA"}])",
                     R"([{"encrypted_content":"litellm_enc:bW9kZWxfaWQ6cjE="}])"})
    EXPECT_FALSE(unmark_items(text)) << text;
}

} // namespace
} // namespace switchyard::http
