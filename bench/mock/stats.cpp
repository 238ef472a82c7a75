// Counters of the mock and their JSON; one thread.
#include "stats.hpp"

#include "json.hpp"

#include <algorithm>
#include <cstdio>

namespace switchyard::mock {
namespace {

CellMap::value_type* cell_of(CellMap& map, std::string_view key) {
  auto it = map.find(key);
  if (it == map.end()) it = map.emplace(std::string(key), Cell{}).first;
  return &*it;
}

void enter(Cell& cell) {
  cell.requests++;
  cell.max_in_flight = std::max(cell.max_in_flight, ++cell.in_flight);
}

void leave(Cell& cell) {
  if (cell.in_flight > 0) cell.in_flight--;
}

void clear(Cell& cell) {
  auto open = cell.in_flight; // replies still being played end later
  cell = Cell{};
  cell.in_flight = cell.max_in_flight = open;
}

std::string fields(const Cell& c) {
  return "\"requests\":" + std::to_string(c.requests) + ",\"aborted\":" + std::to_string(c.aborted) +
         ",\"in_flight\":" + std::to_string(c.in_flight) +
         ",\"max_in_flight\":" + std::to_string(c.max_in_flight);
}

std::string map_json(const CellMap& map) {
  std::string out = "{";
  for (const auto& [name, cell] : map) {
    if (cell.requests == 0 && cell.in_flight == 0) continue;
    if (out.size() > 1) out += ',';
    append_string(out, name);
    out += ":{" + fields(cell) + "}";
  }
  return out + "}";
}

std::int64_t unix_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

} // namespace

void Stats::opened() {
  accepted++;
  max_open = std::max(max_open, ++open);
}

Visit Stats::begin(std::string_view path, std::string_view model, Instant now) {
  Visit visit{cell_of(paths_, path), cell_of(models_, model), now};
  enter(total_);
  enter(visit.path->second);
  enter(visit.model->second);
  return visit;
}

void Stats::end(Visit& visit) {
  if (visit.path == nullptr) return;
  leave(total_);
  leave(visit.path->second);
  leave(visit.model->second);
  visit = {};
}

void Stats::abort(Visit& visit, Instant now, std::uint64_t sent_bytes) {
  if (visit.path == nullptr) return;
  for (Cell* cell : {&total_, &visit.path->second, &visit.model->second}) cell->aborted++;
  auto after = std::chrono::duration<double, std::milli>(now - visit.began).count();
  aborts_.push_back({visit.path->first, visit.model->first, after, unix_ms(), sent_bytes});
  if (aborts_.size() > 1000) aborts_.pop_front();
  end(visit);
}

void Stats::reset() {
  accepted = bytes_in = bytes_out = bad_requests = 0;
  max_open = open;
  clear(total_);
  for (auto* map : {&paths_, &models_})
    for (auto& [name, cell] : *map) clear(cell);
  aborts_.clear();
}

std::string Stats::json() const {
  std::string out =
      "{" + fields(total_) + ",\"bad_requests\":" + std::to_string(bad_requests) +
      ",\"connections\":{\"open\":" + std::to_string(open) + ",\"max_open\":" + std::to_string(max_open) +
      ",\"accepted\":" + std::to_string(accepted) + "},\"bytes\":{\"in\":" + std::to_string(bytes_in) +
      ",\"out\":" + std::to_string(bytes_out) + "},\"by_path\":" + map_json(paths_) +
      ",\"by_model\":" + map_json(models_) + ",\"aborts\":[";
  for (const auto& a : aborts_) {
    char numbers[120];
    std::snprintf(numbers, sizeof numbers, ",\"after_ms\":%.3f,\"at_unix_ms\":%lld,\"sent_bytes\":%llu}",
                  a.after_ms, static_cast<long long>(a.at_unix_ms),
                  static_cast<unsigned long long>(a.sent_bytes));
    if (out.back() != '[') out += ',';
    out += "{\"path\":" + json_text(a.path) + ",\"model\":" + json_text(a.model) + numbers;
  }
  return out + "]}";
}

} // namespace switchyard::mock
