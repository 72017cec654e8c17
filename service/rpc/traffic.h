// What came of the octets that a connection sent: the calls and messages that were read from it.
// The accept loop compares it with what the kernel has received.
#pragma once

#include <grpcpp/server_context.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace fingerpost {

// A sum for each connection, found by the peer's address without a lock. Two connections may share
// one, seldom and unpredictably: then both count as asking more than they do.
class Traffic {
 public:
  using Sum = std::atomic<uint64_t>;

  Traffic();

  // Of the connection whose other end is `peer`, as grpc::ServerContext::peer() spells it.
  [[nodiscard]] Sum& Of(std::string_view peer);
  [[nodiscard]] Sum& Of(const grpc::ServerContext& context);

  // A message of so many octets was read. Its metadata and frames are allowed for.
  static void Asked(Sum& sum, size_t octets) {
    sum.fetch_add(octets + octets / 8 + kAllowance, std::memory_order_relaxed);
  }

 private:
  // Octets: more than the metadata of any call that is accepted by default.
  static constexpr uint64_t kAllowance = 16 << 10;
  static constexpr size_t kSums = size_t{1} << 17;  // 1 MiB; with 4,000 connections 3 % share one

  const uint64_t seed_;
  const std::unique_ptr<Sum[]> sums_;
};

}  // namespace fingerpost
