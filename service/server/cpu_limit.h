// How many CPUs this process may use.
#pragma once

#include <filesystem>

namespace fingerpost {

// The CPUs of the machine that the process may run on, or fewer where a control group (version 2)
// of its grants less time than these have: cpu.max, rounded up. At least 1. `cgroups` is where they
// are mounted, `self` says which one is the process's.
[[nodiscard]] int CpuLimit(const std::filesystem::path& cgroups = "/sys/fs/cgroup",
                           const std::filesystem::path& self = "/proc/self/cgroup");

}  // namespace fingerpost
