// How many CPUs this process may use: affinity and the cgroup's quota. Read once at start-up.
#pragma once

#include <string_view>

namespace switchyard::http {

/// At least 1.
int usable_cpus();
/// CPUs that the text of a cgroup v2 cpu.max allows ("200000 100000" = 2), rounded up; 0 = no limit.
int cpus_of_quota(std::string_view cpu_max);

} // namespace switchyard::http
