// What a process costs: CPU time, memory, octets, and the CPU that it runs on.
#pragma once

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace fingerpost::bench {

// Keeps all threads of `pid` to the first CPU, or to all the others.
enum class Cpu { kFirst, kOthers, kAny };
inline void Pin(pid_t pid, Cpu to) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  const long count = sysconf(_SC_NPROCESSORS_ONLN);
  if (count < 2) return;
  for (long cpu = 0; cpu < count; ++cpu) {
    if (to == Cpu::kAny || (cpu == 0) == (to == Cpu::kFirst)) CPU_SET(cpu, &allowed);
  }
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    sched_setaffinity(std::stoi(task.path().filename().string()), sizeof allowed, &allowed);
  }
}

inline void EndChildren() {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream children(task.path() / "children");
    for (pid_t child = 0; children >> child;) kill(child, SIGKILL);
  }
}

[[nodiscard]] inline double CpuSeconds(pid_t pid) {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

[[nodiscard]] inline double ResidentMiB(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// What this process has exchanged with a local port, by TCP's own count: octets above TCP.
struct Traffic {
  double sent = 0;
  double received = 0;
};
[[nodiscard]] inline Traffic TrafficWith(const std::string& address) {
  const auto port = static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
  Traffic traffic;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename().string());
    sockaddr_in peer{};
    socklen_t length = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &length) != 0) continue;
    // gRPC's client sockets are IPv6; the port is in the same place.
    tcp_info info{};
    length = sizeof info;
    if (ntohs(peer.sin_port) != port ||
        getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
      continue;
    }
    traffic.sent += static_cast<double>(info.tcpi_bytes_acked);
    traffic.received += static_cast<double>(info.tcpi_bytes_received);
  }
  return traffic;
}

}  // namespace fingerpost::bench
