#include "server/http_ports.h"

#include <algorithm>
#include <utility>

#include "server/cpu_limit.h"

namespace fingerpost {
namespace {

// For a person, a scraper and two probes, one of which may wait for the service's own answer.
constexpr int kAdminThreads = 4;
constexpr int kAdminConnections = 512;
constexpr int kAdminConnectionsPerPeer = 256;
// A public port has this fraction of gRPC's limits for itself: an idle connection with TLS holds
// 110 KiB (tests/run hostile).
constexpr int kHttpShare = 8;
constexpr int kHttpPorts = 3;
// Descriptors for other purposes than connections: the policy, the log, clocks.
constexpr int kFilesInReserve = 64;
// Any question with fewer octets than this is answered in less than a millisecond.
constexpr size_t kShortQuestion = size_t{2} << 10;

// The wanted number, within the open files that gRPC's connections leave for the HTTP ports.
int Connections(const Settings& settings, const DescriptorLimit& files, int wanted) {
  const int grpc = 2 * std::min(settings.max_connections, files.connections);
  return std::max(1, std::min(wanted, (files.now - grpc - kFilesInReserve) / kHttpPorts));
}

HttpOptions Common(const Settings& settings, std::string flag, const std::string& address) {
  return {.flag = std::move(flag),
          .address = address,
          .methods = {},
          .patience = settings.handshake_timeout,
          .write_patience = settings.write_timeout,
          .longest_life = settings.max_connection_age,
          .hosts = settings.allow_host};
}

int ThreadCount(const Settings& settings) {
  if (settings.http_threads > 0) return settings.http_threads;
  return settings.threads > 0 ? settings.threads : CpuLimit();
}

}  // namespace

HttpOptions PublicPort(const Settings& settings, const DescriptorLimit& files, std::string flag,
                       const std::string& address) {
  HttpOptions options = Common(settings, std::move(flag), address);
  options.threads = ThreadCount(settings);
  options.max_content = static_cast<size_t>(settings.max_message_size);
  options.short_content = kShortQuestion;
  options.max_connections = Connections(settings, files, settings.max_connections / kHttpShare);
  options.max_connections_per_peer = std::max(1, settings.max_connections_per_peer / kHttpShare);
  options.max_held = settings.max_memory / kHttpShare;
  return options;
}

HttpOptions AdminPort(const Settings& settings, const DescriptorLimit& files) {
  HttpOptions options = Common(settings, "--admin-listen", settings.admin_listen);
  options.threads = kAdminThreads;
  options.max_connections = Connections(settings, files, kAdminConnections);
  options.max_connections_per_peer = kAdminConnectionsPerPeer;
  return options;
}

}  // namespace fingerpost
