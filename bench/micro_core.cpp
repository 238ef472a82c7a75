// Micro benchmarks of src/core's request-path pieces; simdjson's On-Demand reads the same bodies for
// comparison.
#include <switchyard/call_id.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/metrics.hpp>
#include <switchyard/secret.hpp>

#include <benchmark/benchmark.h>
#include <simdjson.h>

namespace {

using namespace switchyard;

// The 295-byte chat body of performance.md's measurements, its prompt padded up to `size`.
std::string chat_body(std::size_t size) {
  const std::string head =
      R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful )"
      R"(assistant."},{"role":"user","content":"Say hello to the world, please, in a few words. )";
  const std::string tail = R"("}],"temperature":0.7,"max_tokens":256,"stream":false,"user":"user-1234"})";
  return head + std::string(size - head.size() - tail.size(), 'x') + tail;
}

void scan(benchmark::State& state) {
  const std::string body = chat_body(static_cast<std::size_t>(state.range(0)));
  ObjectScan out;
  for (auto _ : state) benchmark::DoNotOptimize(scan_object(body, out));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(scan)->Arg(295)->Arg(64 << 10);

// What a reader without a field list would do: two fields by name, the rest skipped without validation.
void on_demand(benchmark::State& state) {
  const simdjson::padded_string body(chat_body(static_cast<std::size_t>(state.range(0))));
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    auto document = parser.iterate(body);
    std::string_view model;
    bool stream = false;
    if (document["model"].get(model) || document["stream"].get(stream)) state.SkipWithError("unreadable");
    benchmark::DoNotOptimize(model);
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(on_demand)->Arg(295)->Arg(64 << 10);

void splice_model(benchmark::State& state) {
  const std::string body = chat_body(295);
  ObjectScan out;
  if (!scan_object(body, out)) state.SkipWithError("unreadable");
  TextSlices pieces;
  for (auto _ : state) {
    JsonSplice splice(out);
    splice.set("model", "\"gpt-4o\"");
    splice.remove("user");
    pieces.clear();
    splice.pieces(pieces);
    benchmark::DoNotOptimize(pieces.data());
  }
}
BENCHMARK(splice_model);

void compare_key(benchmark::State& state) {
  const Secret key("sk-1234567890abcdef1234567890abcdef");
  const std::string candidate(key.reveal());
  for (auto _ : state) benchmark::DoNotOptimize(equal_constant_time(candidate, key));
}
BENCHMARK(compare_key);

void observe(benchmark::State& state) {
  metrics::Histogram histogram;
  std::uint64_t microseconds = 1;
  for (auto _ : state) histogram.observe_us(microseconds = microseconds * 5 % 1'000'003);
  benchmark::DoNotOptimize(histogram.count.get());
}
BENCHMARK(observe);

void call_id(benchmark::State& state) {
  CallIds ids;
  for (auto _ : state) benchmark::DoNotOptimize(ids.next());
}
BENCHMARK(call_id);

void escape(benchmark::State& state) {
  const std::string text(1024, 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_json_string(out, text);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * 1024);
}
BENCHMARK(escape);

} // namespace
