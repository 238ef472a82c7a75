// load: open- and closed-loop HTTP load with SSE timing; prints one JSON object. One process, one thread.
#include "client.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sched.h>
#include <sys/resource.h>

using namespace switchyard::load;

namespace {

constexpr const char* k_usage =
    "load --url http://HOST:PORT/PATH [options]\n"
    "  --connections N       64\n"
    "  --seconds S           measured time, 5\n"
    "  --warmup S            before it, not measured, 0\n"
    "  --rate R              open loop with R requests per second; 0 = closed loop\n"
    "  --body FILE           default: a chat request of 295 bytes (model gpt-4o-mini)\n"
    "  --model NAME          model of the default body\n"
    "  --method M            POST; without a body for GET\n"
    "  --stream              ask for a stream with usage\n"
    "  --abort-percent P     leave that share of the requests in the middle\n"
    "  --header 'N: V'       may be repeated\n"
    "  --hold S              afterwards keep the connections open and idle\n"
    "  --cpu N               pin to this core\n"
    "HOST is an IPv4 address or localhost.\n";

struct Arguments {
  Options options;
  std::string model = "gpt-4o-mini", body_file;
  int cpu = -1;
};

bool read_url(Options& o, std::string url) {
  if (url.rfind("http://", 0) != 0) return false;
  url.erase(0, 7);
  auto slash = url.find('/');
  o.path = slash == url.npos ? "/" : url.substr(slash);
  auto host = url.substr(0, slash);
  auto colon = host.find(':');
  if (colon != host.npos) o.port = std::atoi(host.c_str() + colon + 1);
  o.host = host.substr(0, colon);
  if (o.host == "localhost") o.host = "127.0.0.1";
  return true;
}

struct Row {
  std::string_view name;
  bool (*set)(Arguments&, const char*);
};

constexpr Row k_rows[] = {
    {"--url", [](Arguments& a, const char* v) { return read_url(a.options, v); }},
    {"--connections",
     [](Arguments& a, const char* v) { return (a.options.connections = std::strtoul(v, nullptr, 10)) > 0; }},
    {"--seconds", [](Arguments& a, const char* v) { return (a.options.seconds = std::atof(v)) > 0; }},
    {"--warmup", [](Arguments& a, const char* v) { return (a.options.warmup = std::atof(v)) >= 0; }},
    {"--rate", [](Arguments& a, const char* v) { return (a.options.rate = std::atof(v)) >= 0; }},
    {"--body", [](Arguments& a, const char* v) { return !(a.body_file = v).empty(); }},
    {"--model", [](Arguments& a, const char* v) { return !(a.model = v).empty(); }},
    {"--method", [](Arguments& a, const char* v) { return !(a.options.method = v).empty(); }},
    {"--abort-percent",
     [](Arguments& a, const char* v) { return (a.options.abort_percent = std::atof(v)) >= 0; }},
    {"--header",
     [](Arguments& a, const char* v) { return !a.options.headers.append(v).append("\r\n").empty(); }},
    {"--hold", [](Arguments& a, const char* v) { return (a.options.hold = std::atof(v)) >= 0; }},
    {"--cpu", [](Arguments& a, const char* v) { return (a.cpu = std::atoi(v)) >= 0; }},
};

bool read_arguments(Arguments& a, int argc, char** argv) {
  for (int i = 1; i < argc; i++) {
    std::string_view name = argv[i];
    if (name == "--stream") {
      a.options.stream = true;
      continue;
    }
    bool known = false;
    for (const auto& row : k_rows)
      if (row.name == name && i + 1 < argc) known = row.set(a, argv[++i]);
    if (!known) return false;
  }
  return argc > 1;
}

/// 295 bytes with the default model and without --stream.
std::string chat_body(const std::string& model, bool stream) {
  return "{\"model\":\"" + model + "\"" +
         (stream ? ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" : "") +
         ",\"messages\":[{\"role\":\"system\",\"content\":\"You are a helpful assistant that answers in one "
         "short "
         "paragraph.\"},{\"role\":\"user\",\"content\":\"Explain in a few words why a gateway must not add "
         "any latency "
         "to many small requests.\"}],\"temperature\":0.7,\"max_tokens\":128,\"seed\":1234567}";
}

bool read_body(Arguments& a) {
  if (a.options.method == "GET") return true;
  if (a.body_file.empty()) {
    a.options.body = chat_body(a.model, a.options.stream);
    return true;
  }
  std::ifstream file(a.body_file, std::ios::binary);
  a.options.body.assign(std::istreambuf_iterator<char>(file), {});
  return file.good() || file.eof();
}

void print_times(const char* name, const Histogram& h) {
  std::printf(",\"%s\":{\"p50\":%.4f,\"p90\":%.4f,\"p99\":%.4f,\"p99.9\":%.4f,\"max\":%.4f,\"mean\":%.4f}",
              name, h.at(0.5), h.at(0.9), h.at(0.99), h.at(0.999), h.max_ms(), h.mean_ms());
}

void print(const Results& r) {
  auto u = [](std::uint64_t x) { return static_cast<unsigned long long>(x); };
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  double cpu = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf("{\"requests\":%llu,\"seconds\":%g,\"rps\":%.1f,\"status\":{", u(r.latency.count()), r.seconds,
              static_cast<double>(r.completed_in_time) / r.seconds);
  const char* comma = "";
  for (const auto& [status, count] : r.status) {
    std::printf("%s\"%d\":%llu", comma, status, u(count));
    comma = ",";
  }
  std::printf("},\"errors\":{\"connect\":%llu,\"closed_early\":%llu,\"bad_reply\":%llu},\"aborted\":%llu,"
              "\"unfinished\":%llu,\"closed_while_held\":%llu,\"bytes_in\":%llu",
              u(r.connect_errors), u(r.closed_early), u(r.bad_replies), u(r.aborted), u(r.unfinished),
              u(r.closed_while_held), u(r.bytes_in));
  print_times("latency_ms", r.latency);
  print_times("first_byte_ms", r.first_byte);
  print_times("refused_ms", r.refused);
  std::printf(",\"events\":%llu,\"events_per_s\":%.1f,\"cpu_s\":%.3f}\n", u(r.events),
              static_cast<double>(r.events_in_time) / r.seconds, cpu);
}

void pin(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  if (::sched_setaffinity(0, sizeof set, &set) != 0) std::perror("load: --cpu");
}

} // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments(arguments, argc, argv) || !read_body(arguments)) {
    std::fputs(k_usage, stderr);
    return 2;
  }
  pin(arguments.cpu);
  Client client(arguments.options);
  const auto& results = client.run();
  print(results);
  return results.latency.count() > 0 ? 0 : 1;
}
