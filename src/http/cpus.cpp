// CPU count of the cgroup (v2, then v1) and the affinity mask. Start-up only.
#include "http/cpus.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sched.h>
#include <string>

namespace switchyard::http {
namespace {

std::string first_line(const std::string& file) {
  std::string line;
  std::getline(std::ifstream(file) >> std::ws, line);
  return line;
}

/// The group's path in the unified hierarchy ("0::/system.slice/x.service"), "/" inside a namespace.
std::string group_path() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return {};
}

int quota_v2() {
  int fewest = 0;
  for (auto path = group_path();;) {
    auto allowed = cpus_of_quota(first_line("/sys/fs/cgroup" + path + "/cpu.max"));
    if (allowed > 0 && (fewest == 0 || allowed < fewest)) fewest = allowed;
    if (path.size() <= 1) return fewest;
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

int quota_v1() {
  auto quota = first_line("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
  auto period = first_line("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
  return cpus_of_quota(quota + " " + period);
}

int affinity() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

} // namespace

int cpus_of_quota(std::string_view cpu_max) {
  auto space = cpu_max.find(' ');
  if (space == cpu_max.npos) return 0;
  long quota = 0, period = 0;
  auto* end = cpu_max.data() + cpu_max.size();
  if (std::from_chars(cpu_max.data(), cpu_max.data() + space, quota).ec != std::errc{}) return 0;
  if (std::from_chars(cpu_max.data() + space + 1, end, period).ec != std::errc{}) return 0;
  return quota > 0 && period > 0 ? static_cast<int>((quota + period - 1) / period) : 0;
}

int usable_cpus() {
  auto quota = quota_v2();
  if (quota == 0) quota = quota_v1();
  auto count = affinity();
  return std::max(1, quota > 0 ? std::min(quota, count) : count);
}

} // namespace switchyard::http
