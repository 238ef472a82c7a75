// What one billable request pays its shard for the journal: a begin and an end. Google Benchmark.
#include "storage/journal_append.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

namespace {

using namespace switchyard;

void begin_and_end(benchmark::State& state) {
  char directory[] = "/tmp/switchyard-bench-XXXXXX";
  if (!::mkdtemp(directory)) return state.SkipWithError("no temporary directory");
  auto journal = storage::LiveJournal::create({directory, storage::random_journal_name()});
  SpendEvent event;
  event.call_id = event.request_id = "3f2b8c1e-9a4d-4e6f-8b7a-0c1d2e3f4a5b";
  event.api_key.assign(64, 'a');
  event.model = event.model_group = "gpt-4o";
  event.metadata.assign(400, 'm');
  std::uint64_t calls = 0, kept = 1;
  for (auto _ : state) {
    const auto ticket = (*journal)->begin(event);
    if (!ticket || !(*journal)->end(*ticket, event)) return state.SkipWithError("the disk is full");
    if (++calls % 2000 != 0) continue;
    state.PauseTiming(); // the writer's work
    (*journal)->prepare();
    for (; kept < (*journal)->committed().segment; ++kept)
      std::filesystem::remove(storage::segment_path(directory, (*journal)->name(), kept));
    state.ResumeTiming();
  }
  std::filesystem::remove_all(directory);
}
BENCHMARK(begin_and_end);

} // namespace
