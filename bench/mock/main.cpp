// mock_upstream: a scripted OpenAI-compatible upstream for benchmarks and integration tests. One process, one
// thread.
#include "server.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sched.h>

using namespace switchyard::mock;

namespace {

struct Options {
  std::string host = "127.0.0.1", cert, key;
  int port = 0, cpu = -1;
  AppOptions app;
};

constexpr const char* k_usage =
    "mock_upstream [options]\n"
    "  --host ADDRESS      127.0.0.1\n"
    "  --port N            0 = any; prints \"listening on PORT\"\n"
    "  --delay_us N        added before every reply\n"
    "  --cpu N             pin to this core\n"
    "  --record N          remember the last N requests for GET /__mock/requests\n"
    "  --tls CERT KEY      PEM files; serve TLS\n"
    "Control: GET /__mock/stats, GET /__mock/requests, POST /__mock/reset, POST /__mock/script\n"
    "Behaviour words, joined by + or , in a model name (mock-delay-250+status-500), an x-mock header or "
    "?mock=:\n";

/// How many arguments the option takes and where they go; null = unknown option.
bool read_option(Options& o, std::string_view name, char** values, int left, int& used) {
  struct Row {
    std::string_view name;
    int arguments;
    void (*set)(Options&, char**);
  };
  static constexpr Row k_rows[] = {
      {"--host", 1, [](Options& x, char** v) { x.host = v[0]; }},
      {"--port", 1, [](Options& x, char** v) { x.port = std::atoi(v[0]); }},
      {"--delay_us", 1,
       [](Options& x, char** v) { x.app.delay_us = static_cast<std::uint32_t>(std::atol(v[0])); }},
      {"--cpu", 1, [](Options& x, char** v) { x.cpu = std::atoi(v[0]); }},
      {"--record", 1, [](Options& x, char** v) { x.app.record = static_cast<std::size_t>(std::atol(v[0])); }},
      {"--tls", 2, [](Options& x, char** v) { x.cert = v[0], x.key = v[1]; }},
  };
  for (const auto& row : k_rows) {
    if (row.name != name || left < row.arguments) continue;
    row.set(o, values);
    used = row.arguments;
    return true;
  }
  return false;
}

bool read_options(Options& o, int argc, char** argv) {
  for (int i = 1; i < argc; i++) {
    int used = 0;
    if (!read_option(o, argv[i], argv + i + 1, argc - i - 1, used)) return false;
    i += used;
  }
  return true;
}

void pin(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) std::perror("mock_upstream: --cpu");
}

} // namespace

int main(int argc, char** argv) {
  Options options;
  if (!read_options(options, argc, argv)) {
    std::fprintf(stderr, "%s%s", k_usage, list_words().c_str());
    return 2;
  }
  pin(options.cpu);
  std::unique_ptr<TlsContext> tls;
  if (!options.cert.empty()) {
    std::string error;
    tls = TlsContext::load(options.cert, options.key, error);
    if (!tls) {
      std::fprintf(stderr, "mock_upstream: --tls: %s\n", error.c_str());
      return 1;
    }
  }
  App app(options.app);
  Server server(app, tls.get());
  int port = server.listen(options.host, options.port);
  if (port < 0) {
    std::fprintf(stderr, "mock_upstream: %s:%d: %s\n", options.host.c_str(), options.port,
                 std::strerror(errno));
    return 1;
  }
  std::printf("listening on %d\n", port);
  std::fflush(stdout);
  server.run();
  return 0;
}
