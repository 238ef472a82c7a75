// Usage as answers and streams tell it, in every spelling that is known; what cannot be, and what is odd.
#include "unit/providers/support.hpp"

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

Usage whole(std::string_view body, Endpoint endpoint = Endpoint::chat) {
  Case c("openai/g");
  c.call.endpoint = endpoint;
  Decoded out;
  EXPECT_TRUE(c.ready.provider->decode(*c.ready.target, c.call,
                                       UpstreamAnswer{200, "application/json", {}, body}, "alias", out))
      << body;
  return out.usage;
}

Usage in_usage(const std::string& members) { return whole("{\"usage\":{" + members + "}}"); }

Usage streamed(std::initializer_list<std::pair<std::string_view, std::string_view>> events,
               Endpoint endpoint) {
  Case c("openai/g");
  c.call.endpoint = endpoint;
  auto decoder = c.ready.provider->stream(*c.ready.target, c.call, "alias");
  StreamEvent event;
  for (auto& [name, data] : events) decoder->on_event({}, name, data, event);
  return decoder->usage();
}

} // namespace

TEST(Usage, DetailsOfChat) {
  auto usage = in_usage(R"("prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
    "prompt_tokens_details":{"cached_tokens":40,"audio_tokens":5,"image_tokens":6,"cache_write_tokens":7},
    "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":8,"image_tokens":9,"accepted_prediction_tokens":0})");
  EXPECT_TRUE(usage.present);
  EXPECT_EQ(usage.prompt_tokens, 100u);
  EXPECT_EQ(usage.cache_read_tokens, 40u);
  EXPECT_EQ(usage.cache_write_tokens, 7u);
  EXPECT_EQ(usage.audio_in_tokens, 5u);
  EXPECT_EQ(usage.image_in_tokens, 6u);
  EXPECT_EQ(usage.reasoning_tokens, 20u);
  EXPECT_EQ(usage.audio_out_tokens, 8u);
  EXPECT_EQ(usage.image_out_tokens, 9u);
}

TEST(Usage, DetailsOfResponses) {
  auto usage = whole(
      R"({"service_tier":"flex","usage":{"input_tokens":340,"input_tokens_details":{"cached_tokens":192},
    "output_tokens":127,"output_tokens_details":{"reasoning_tokens":105},"total_tokens":467}})",
      Endpoint::responses);
  EXPECT_EQ(usage.prompt_tokens, 340u);
  EXPECT_EQ(usage.completion_tokens, 127u);
  EXPECT_EQ(usage.cache_read_tokens, 192u);
  EXPECT_EQ(usage.reasoning_tokens, 105u);
  EXPECT_EQ(usage.tier, ServiceTier::flex);
}

TEST(Usage, CacheWritesOfBothLifetimes) {
  // as LiteLLM says it: prompt_tokens holds everything
  auto usage = in_usage(R"("prompt_tokens":100,"completion_tokens":1,"cache_read_input_tokens":30,
    "cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":15,"ephemeral_1h_input_tokens":5},
    "prompt_tokens_details":{"cached_tokens":30})");
  EXPECT_EQ(usage.prompt_tokens, 100u);
  EXPECT_EQ(usage.cache_read_tokens, 30u);
  EXPECT_EQ(usage.cache_write_tokens, 20u);
  EXPECT_EQ(usage.cache_write_1h_tokens, 5u);
  // as Anthropic does: beside input_tokens
  usage = in_usage(
      R"("input_tokens":100,"output_tokens":1,"cache_read_input_tokens":30,"cache_creation_input_tokens":20)");
  EXPECT_EQ(usage.prompt_tokens, 150u);
  EXPECT_EQ(usage.total_tokens, 151u);
  EXPECT_EQ(usage.cache_read_tokens, 30u);
}

TEST(Usage, OtherNamesForCachedTokens) {
  for (const char* name : {"prompt_cache_hit_tokens", "num_cached_tokens"})
    EXPECT_EQ(in_usage("\"prompt_tokens\":9,\"" + std::string(name) + "\":4").cache_read_tokens, 4u) << name;
  auto both = in_usage(
      R"("prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":3},"prompt_cache_hit_tokens":4)");
  EXPECT_EQ(both.cache_read_tokens, 3u);
  both = in_usage(
      R"("prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":null},"prompt_cache_hit_tokens":4)");
  EXPECT_EQ(both.cache_read_tokens, 4u);
}

TEST(Usage, OddCountsCountNothing) {
  auto usage = in_usage(R"("prompt_tokens":29,"completion_tokens":-6,"total_tokens":"x",
    "prompt_tokens_details":{"cached_tokens":157,"cache_write_tokens":3},"completion_tokens_details":null,
    "cache_creation":7,"seconds":"soon","service_tier":null)");
  EXPECT_EQ(usage.prompt_tokens, 29u);
  EXPECT_EQ(usage.cache_read_tokens, 29u); // a part is never bigger than the whole
  EXPECT_EQ(usage.cache_write_tokens, 0u);
  EXPECT_EQ(usage.completion_tokens, 0u);
  EXPECT_EQ(usage.total_tokens, 29u);
  EXPECT_EQ(usage.audio_ms, 0u);
  EXPECT_EQ(in_usage(R"("prompt_tokens":99999999999)").prompt_tokens, UINT32_MAX);
  EXPECT_FALSE(in_usage(R"("prompt_tokens":1,"prompt_tokens":2)").present);
}

TEST(Usage, TiersWhereverTheyAreSaid) {
  EXPECT_EQ(whole(R"({"service_tier":"default","usage":{"prompt_tokens":1}})").tier, ServiceTier::standard);
  EXPECT_EQ(whole(R"({"usage":{"prompt_tokens":1},"service_tier":"priority"})").tier, ServiceTier::priority);
  EXPECT_EQ(in_usage(R"("service_tier":"batch","prompt_tokens":1)").tier, ServiceTier::batch);
  EXPECT_EQ(whole(R"({"service_tier":"priority","usage":{"service_tier":null}})").tier,
            ServiceTier::priority);
}

TEST(Usage, SearchesOfServerTools) {
  EXPECT_EQ(in_usage(R"("prompt_tokens":1,"server_tool_use":{"web_search_requests":2})").web_searches, 2u);
  EXPECT_EQ(in_usage(R"("server_side_tool_usage_details":{"web_search_calls":3})").web_searches, 3u);
  auto usage = whole(R"({"output":[{"type":"web_search_call","action":{"type":"search"}},{"type":"message"},
    {"action":{"type":"open_page"},"type":"web_search_call"},{"type":"web_search_call"}],"usage":{"input_tokens":1}})",
                     Endpoint::responses);
  EXPECT_EQ(usage.web_searches, 2u);
}

TEST(Usage, ImagesAreCounted) {
  auto usage = whole(R"({"created":1,"data":[{"b64_json":"ab\"}{\\"},{"url":"x","a":{"b":{}}}],
    "usage":{"input_tokens":50,"output_tokens":4160,"total_tokens":4210,
    "input_tokens_details":{"text_tokens":10,"image_tokens":40}}})",
                     Endpoint::images_generations);
  EXPECT_EQ(usage.images, 2u);
  EXPECT_EQ(usage.image_in_tokens, 40u);
  EXPECT_EQ(whole(R"({"data":[]})", Endpoint::images_edits).images, 0u);
  EXPECT_EQ(whole(R"({"data":[{}]})", Endpoint::embeddings).images, 0u);
}

TEST(Usage, TranscriptsByTheirLength) {
  EXPECT_EQ(
      whole(R"({"text":"a","usage":{"type":"duration","seconds":12}})", Endpoint::transcriptions).audio_ms,
      12'000u);
  EXPECT_EQ(whole(R"({"duration":8.4705,"text":"a"})", Endpoint::transcriptions).audio_ms, 8'471u);
  EXPECT_EQ(whole(R"({"duration":"8.47","text":"a"})", Endpoint::translations).audio_ms, 8'470u);
  auto tokens = whole(R"({"text":"a","usage":{"type":"tokens","input_tokens":14,"input_token_details":
    {"text_tokens":4,"audio_tokens":10},"output_tokens":45,"total_tokens":59}})",
                      Endpoint::transcriptions);
  EXPECT_EQ(tokens.audio_in_tokens, 10u);
  EXPECT_EQ(tokens.prompt_tokens, 14u);
}

TEST(Usage, UnitsOfReranking) {
  EXPECT_EQ(
      whole(R"({"results":[],"meta":{"api_version":{"version":"2"},"billed_units":{"search_units":3}}})",
            Endpoint::rerank)
          .search_units,
      3u);
  EXPECT_EQ(whole(R"({"results":[],"meta":null})", Endpoint::rerank).search_units, 0u);
}

TEST(Usage, OfAStream) {
  auto usage =
      streamed({{"", R"({"id":"a","model":"g","service_tier":"flex","choices":[{"delta":{"content":"x"}}]})"},
                {"", R"({"id":"a","model":"g","service_tier":"flex","choices":[{"delta":{"content":"y"}}]})"},
                {"", R"({"id":"a","model":"g","service_tier":"flex","choices":[],"usage":{"prompt_tokens":9,
       "completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4}}})"}},
               Endpoint::chat);
  EXPECT_EQ(usage.cache_read_tokens, 4u);
  EXPECT_EQ(usage.total_tokens, 11u);
  EXPECT_EQ(usage.tier, ServiceTier::flex);
}

TEST(Usage, OfAResponsesStream) {
  auto usage = streamed(
      {{"response.created",
        R"({"type":"response.created","response":{"model":"g","service_tier":"auto","usage":null}})"},
       {"response.output_item.done",
        R"({"type":"response.output_item.done","item":{"type":"web_search_call","action":{"type":"search"}}})"},
       {"response.output_item.done", R"({"type":"response.output_item.done","item":{"type":"message"}})"},
       {"response.completed",
        R"({"type":"response.completed","response":{"model":"g","service_tier":"priority","usage":{"input_tokens":5,
       "input_tokens_details":{"cached_tokens":2},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1}}}})"}},
      Endpoint::responses);
  EXPECT_EQ(usage.prompt_tokens, 5u);
  EXPECT_EQ(usage.cache_read_tokens, 2u);
  EXPECT_EQ(usage.reasoning_tokens, 1u);
  EXPECT_EQ(usage.tier, ServiceTier::priority);
  EXPECT_EQ(usage.web_searches, 1u);
}

TEST(Usage, PartsOfOneCallAddUp) {
  Usage all{1, 2, 3, true};
  Usage more{10, 20, UINT32_MAX, true};
  more.cache_read_tokens = 5, more.tier = ServiceTier::flex;
  add(all, more);
  EXPECT_EQ(all.prompt_tokens, 11u);
  EXPECT_EQ(all.total_tokens, UINT32_MAX);
  EXPECT_EQ(all.cache_read_tokens, 5u);
  EXPECT_EQ(all.tier, ServiceTier::flex);
}
