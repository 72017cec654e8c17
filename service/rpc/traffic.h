// The calls and messages that were read from each connection, in octets. The accept loop compares
// them with what the kernel has received.
#pragma once

#include <grpcpp/server_context.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace fingerpost {

// A sum for each connection, found by the peer's address without a lock. Rarely and unpredictably,
// two connections share a sum; then both seem to ask more than they do.
class Traffic {
 public:
  using Sum = std::atomic<uint64_t>;

  Traffic();

  // The sum of the connection to `peer`, in the spelling of grpc::ServerContext::peer().
  [[nodiscard]] Sum& Of(std::string_view peer);
  [[nodiscard]] Sum& Of(const grpc::ServerContext& context);

  // Counts a message of so many octets, with an allowance for its metadata and frames.
  static void Asked(Sum& sum, size_t octets) {
    sum.fetch_add(octets + octets / 8 + kAllowance, std::memory_order_relaxed);
  }

 private:
  // In octets: more than the metadata of any call that is accepted by default.
  static constexpr uint64_t kAllowance = 16 << 10;
  static constexpr size_t kSums = size_t{1} << 17;  // 1 MiB; with 4,000 connections 3 % share one

  const uint64_t seed_;
  const std::unique_ptr<Sum[]> sums_;
};

}  // namespace fingerpost
