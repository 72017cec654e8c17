// How many CPUs this process may use.
#pragma once

#include <filesystem>

namespace fingerpost {

// The CPUs that the process may run on, or fewer if its control group (version 2) grants less CPU
// time: cpu.max, rounded up. At least 1. `cgroups`: where control groups are mounted. `self`: the
// file that names the process's own.
[[nodiscard]] int CpuLimit(const std::filesystem::path& cgroups = "/sys/fs/cgroup",
                           const std::filesystem::path& self = "/proc/self/cgroup");

}  // namespace fingerpost
