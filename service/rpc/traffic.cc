#include "rpc/traffic.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>
#include <xxhash.h>

#include <random>

namespace fingerpost {

Traffic::Traffic() : seed_(std::random_device{}()), sums_(std::make_unique<Sum[]>(kSums)) {}

Traffic::Sum& Traffic::Of(std::string_view peer) {
  return sums_[XXH3_64bits_withSeed(peer.data(), peer.size(), seed_) % kSums];
}

Traffic::Sum& Traffic::Of(const grpc::ServerContext& context) {
  // Like peer(), without its second copy.
  char* peer = grpc_call_get_peer(const_cast<grpc::ServerContext&>(context).c_call());
  Sum& sum = Of(peer == nullptr ? std::string_view() : std::string_view(peer));
  gpr_free(peer);
  return sum;
}

}  // namespace fingerpost
