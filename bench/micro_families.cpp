// What translating costs: one request, one whole answer and one stream event for each format, and through the
// bridges. Run: bench_families --benchmark_filter=Encode
#include <switchyard/credentials.hpp>
#include <switchyard/provider.hpp>

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

using namespace switchyard;
using namespace switchyard::providers;

namespace {

constexpr std::string_view k_chat =
    R"({"model":"m","temperature":0.7,"max_tokens":200,"messages":[{"role":"system","content":"You are a helpful assistant."},)"
    R"({"role":"user","content":"Write two sentences about the sea, and then one about mountains."}]})";
constexpr std::string_view k_messages =
    R"({"model":"m","temperature":0.7,"max_tokens":200,"system":"You are a helpful assistant.",)"
    R"("messages":[{"role":"user","content":"Write two sentences about the sea, and then one about mountains."}]})";

struct Case {
  const char *name, *model;
  Endpoint endpoint;
  std::string_view request, answer, event, event_name;
};
const Case k_cases[] = {
    {"openai", "openai/gpt-4o", Endpoint::chat, k_chat,
     R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"The sea is wide. It is deep. Mountains are high."},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":14,"total_tokens":44}})",
     R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"The sea"},"finish_reason":null}]})",
     ""},
    {"anthropic", "anthropic/claude-sonnet-4-5", Endpoint::chat, k_chat,
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"The sea is wide. It is deep. Mountains are high."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":30,"output_tokens":14}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"The sea"}})",
     "content_block_delta"},
    {"anthropic, Messages relayed", "anthropic/claude-sonnet-4-5", Endpoint::messages, k_messages,
     R"({"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"The sea is wide. It is deep. Mountains are high."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":30,"output_tokens":14}})",
     R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"The sea"}})",
     "content_block_delta"},
    {"openai, Messages bridged", "openai/gpt-4o", Endpoint::messages, k_messages,
     R"({"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":"The sea is wide. It is deep. Mountains are high."},"finish_reason":"stop"}],"usage":{"prompt_tokens":30,"completion_tokens":14,"total_tokens":44}})",
     R"({"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4o","choices":[{"index":0,"delta":{"content":"The sea"},"finish_reason":null}]})",
     ""},
    {"bedrock converse", "bedrock/converse/anthropic.claude-3-5-sonnet-20240620-v1:0", Endpoint::chat, k_chat,
     R"({"output":{"message":{"role":"assistant","content":[{"text":"The sea is wide. It is deep. Mountains are high."}]}},"stopReason":"end_turn","usage":{"inputTokens":30,"outputTokens":14,"totalTokens":44}})",
     R"({"contentBlockIndex":0,"delta":{"text":"The sea"}})", "contentBlockDelta"},
    {"gemini", "gemini/gemini-2.5-flash", Endpoint::chat, k_chat,
     R"({"candidates":[{"content":{"role":"model","parts":[{"text":"The sea is wide. It is deep. Mountains are high."}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":14,"totalTokenCount":44}})",
     R"({"candidates":[{"content":{"role":"model","parts":[{"text":"The sea"}]},"index":0}]})", ""},
    {"cohere v2", "cohere_chat/command-r", Endpoint::chat, k_chat,
     R"({"id":"c1","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"The sea is wide. It is deep. Mountains are high."}]},"usage":{"tokens":{"input_tokens":30,"output_tokens":14}}})",
     R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"The sea"}}}})",
     "content-delta"},
    {"ollama chat", "ollama_chat/llama3", Endpoint::chat, k_chat,
     R"({"model":"llama3","message":{"role":"assistant","content":"The sea is wide. It is deep. Mountains are high."},"done":true,"done_reason":"stop","prompt_eval_count":30,"eval_count":14})",
     R"({"model":"llama3","message":{"role":"assistant","content":"The sea"},"done":false})", ""},
};

struct Bench {
  Prepared ready;
  const Provider* provider;
  ObjectScan scan;
  Call call;
  explicit Bench(const Case& given) {
    LitellmParams params;
    params.model = given.model, params.api_key = Secret("sk-bench");
    const auto text = [](const char* value) { return Value(std::string(value)); };
    params.raw = {{"aws_access_key_id", text("AKID")},
                  {"aws_secret_access_key", text("s")},
                  {"aws_region_name", text("us-east-1")}};
    if (std::string_view(given.model).starts_with("bedrock")) params.api_key = Secret();
    ready = prepare(params, params.model, [](std::string_view) { return std::string(); }).value();
    provider = translator_for(*ready.target, given.endpoint);
    if (!provider || !scan_object(given.request, scan)) std::abort();
    call.endpoint = given.endpoint, call.json = &scan, call.body = given.request,
    call.model = ready.target->model;
    call.call_id = "0123456789", call.now = WallTime{std::chrono::seconds(1'700'000'000)};
  }
};

void encode(benchmark::State& state, const Case& given) {
  Bench bench(given);
  for (auto _ : state) {
    Wire wire;
    if (!bench.provider->encode(*bench.ready.target, bench.call, wire)) state.SkipWithError("refused");
  }
}

void decode(benchmark::State& state, const Case& given) {
  Bench bench(given);
  for (auto _ : state) {
    Decoded decoded;
    const UpstreamAnswer answer{200, "application/json", {}, given.answer};
    if (!bench.provider->decode(*bench.ready.target, bench.call, answer, "m", decoded))
      state.SkipWithError("refused");
  }
}

void event(benchmark::State& state, const Case& given) {
  Bench bench(given);
  bench.call.stream = true;
  auto decoder = bench.provider->stream(*bench.ready.target, bench.call, "m");
  const auto frame = "data: " + std::string(given.event) + "\n\n";
  StreamEvent out;
  for (auto _ : state) {
    decoder->on_event(frame, given.event_name, given.event, out);
    if (out.error.code != Errc::none) state.SkipWithError("refused");
  }
}

const bool k_registered = [] {
  for (auto& given : k_cases) {
    const std::string name = given.name;
    benchmark::RegisterBenchmark(("Encode/" + name).c_str(), encode, given);
    benchmark::RegisterBenchmark(("Decode/" + name).c_str(), decode, given);
    benchmark::RegisterBenchmark(("Event/" + name).c_str(), event, given);
  }
  return true;
}();

} // namespace
