// Micro benchmarks of src/providers: what one chat request, its answer and one event of its stream cost.
#include <switchyard/provider.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace switchyard;
using namespace switchyard::providers;

// The mock upstream's answer and chunk, as bench/compare.sh measures them.
const std::string k_answer =
    R"({"id":"chatcmpl-00000000000000000000000000001","object":"chat.completion","created":1735689600,)"
    R"("model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":{"role":"assistant","content":)"
    R"("Hello there, wonderful world! Nice to meet you all.","refusal":null},"logprobs":null,)"
    R"("finish_reason":"stop"}],"usage":{"prompt_tokens":28,"completion_tokens":11,"total_tokens":39,)"
    R"("prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":)"
    R"({"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,)"
    R"("rejected_prediction_tokens":0}},"service_tier":"default","system_fingerprint":"fp_0aa8d3e20b"})";
const std::string k_chunk =
    R"({"id":"chatcmpl-00000000000000000000000000001","object":"chat.completion.chunk","created":1735689600,)"
    R"("model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"delta":{"content":" t0000"},)"
    R"("logprobs":null,"finish_reason":null}]})";
const std::string k_request =
    R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},)"
    R"({"role":"user","content":"Say hello to the world, please, in a few words."}],"temperature":0.7,)"
    R"("max_tokens":256,"stream":false,"user":"user-1234"})";

std::string no_env(std::string_view) { return {}; }

struct Deployment {
  Prepared ready;
  ObjectScan scan;
  Call call;

  Deployment() {
    LitellmParams params;
    params.model = "openai/gpt-4o-mini-2024-07-18";
    params.api_base = "http://127.0.0.1:9/v1";
    params.api_key = Secret("sk-upstream");
    ready = *prepare(params, params.model, no_env);
    (void)scan_object(k_request, scan);
    call.json = &scan;
    call.body = k_request;
    call.model = ready.target->model;
  }
};

void encode(benchmark::State& state) {
  Deployment deployment;
  for (auto _ : state) {
    Wire wire;
    if (!deployment.ready.provider->encode(*deployment.ready.target, deployment.call, wire))
      state.SkipWithError("refused");
    benchmark::DoNotOptimize(wire.head.data());
  }
}
BENCHMARK(encode);

void decode(benchmark::State& state) {
  Deployment deployment;
  const UpstreamAnswer answer{200, "application/json", {}, k_answer};
  for (auto _ : state) {
    Decoded decoded;
    if (!deployment.ready.provider->decode(*deployment.ready.target, deployment.call, answer, "gpt-4o-mini",
                                           decoded))
      state.SkipWithError("refused");
    benchmark::DoNotOptimize(decoded.body.data());
  }
}
BENCHMARK(decode);

// As an upstream streams: only the content differs from event to event.
void chunk(benchmark::State& state) {
  Deployment deployment;
  const auto decoder =
      deployment.ready.provider->stream(*deployment.ready.target, deployment.call, "gpt-4o-mini");
  const std::string frame = "data: " + k_chunk + "\n\n";
  std::string sent = frame;
  const auto digit = sent.find("t0000") + 4;
  StreamEvent event;
  for (auto _ : state) {
    sent[digit] = sent[digit] == '9' ? '0' : static_cast<char>(sent[digit] + 1);
    decoder->on_event(sent, {}, std::string_view(sent).substr(6, k_chunk.size()), event);
    if (event.data.empty()) state.SkipWithError("swallowed");
    benchmark::DoNotOptimize(event.data.data());
  }
}
BENCHMARK(chunk);

} // namespace
