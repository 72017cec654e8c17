#include "server/cpu_limit.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

namespace fingerpost {
namespace {

namespace fs = std::filesystem;

// "200000 100000": microseconds of CPU in each period of so many microseconds. Infinite for "max",
// for a missing file and for anything else.
double CpusOf(const fs::path& cpu_max) {
  std::ifstream file(cpu_max);
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || quota <= 0 || period <= 0) return HUGE_VAL;
  return quota / period;
}

// "0::/kubepods/pod1/container": the line of version 2. In a container it is "/".
std::string GroupOf(const fs::path& self) {
  std::ifstream file(self);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("0::/")) return line.substr(4);
  }
  return {};
}

}  // namespace

int CpuLimit(const fs::path& cgroups, const fs::path& self) {
  double cpus = std::max(1U, std::thread::hardware_concurrency());
  // A group has no more than its parents.
  fs::path group = cgroups;
  cpus = std::min(cpus, CpusOf(group / "cpu.max"));
  for (const fs::path& part : fs::path(GroupOf(self))) {
    if (part == "..") break;  // Outside this container's view.
    group /= part;
    cpus = std::min(cpus, CpusOf(group / "cpu.max"));
  }
  return std::max(1, static_cast<int>(std::ceil(cpus)));
}

}  // namespace fingerpost
