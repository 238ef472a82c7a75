// Micro benchmarks of src/http's parsers: a request head as SDKs send it, chunk decoding.
#include "http/chunked.hpp"
#include "http/request_head.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <string>

namespace {

using namespace switchyard::http;

const std::string k_head = "POST /v1/chat/completions HTTP/1.1\r\n"
                           "Host: 127.0.0.1:4000\r\n"
                           "Accept-Encoding: gzip, deflate\r\n"
                           "Connection: keep-alive\r\n"
                           "Accept: application/json\r\n"
                           "Content-Type: application/json\r\n"
                           "User-Agent: OpenAI/Python 1.55.0\r\n"
                           "X-Stainless-Lang: python\r\n"
                           "Authorization: Bearer sk-1234567890abcdef1234567890abcdef\r\n"
                           "Content-Length: 295\r\n\r\n";

void request_head(benchmark::State& state) {
  RequestHead head;
  for (auto _ : state) {
    HeadScanner scanner;
    benchmark::DoNotOptimize(scanner.scan(k_head));
    benchmark::DoNotOptimize(parse_request_head(std::string_view(k_head).substr(0, scanner.size()), head));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * k_head.size()));
}
BENCHMARK(request_head);

void header_lookup(benchmark::State& state) {
  RequestHead head;
  (void)parse_request_head(k_head, head);
  for (auto _ : state) benchmark::DoNotOptimize(head.find("authorization"));
}
BENCHMARK(header_lookup);

/// Chunks of the given size, as a client that streams its upload sends them.
void chunk_decoding(benchmark::State& state) {
  auto size = static_cast<std::size_t>(state.range(0));
  char digits[17];
  std::snprintf(digits, sizeof digits, "%zx", size);
  std::string body;
  for (int i = 0; i < 64; ++i) body += std::string(digits) + "\r\n" + std::string(size, 'x') + "\r\n";
  body += "0\r\n\r\n";
  for (auto _ : state) {
    ChunkedDecoder decoder;
    std::string_view input = body, data;
    while (decoder.next(input, data) == ChunkedDecoder::Status::data) benchmark::DoNotOptimize(data);
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(chunk_decoding)->Arg(16)->Arg(256)->Arg(4096);

} // namespace
