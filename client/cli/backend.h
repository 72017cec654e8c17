// Where answers come from: this process or a server. The commands cannot tell which.
#pragma once

#include <memory>

#include "core/message/result.h"
#include "fingerpost/connection.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::cli {

// After an error `out` is unspecified.
class Backend {
 public:
  virtual ~Backend() = default;
  [[nodiscard]] virtual message::Done Answer(const v1::DecideRequest& request,
                                             v1::DecideResponse& out) = 0;
  [[nodiscard]] virtual message::Done Answer(const v1::FollowRequest& request,
                                             v1::FollowResponse& out) = 0;
  [[nodiscard]] virtual message::Done Answer(const v1::BatchDecideRequest& request,
                                             v1::BatchDecideResponse& out) = 0;
  [[nodiscard]] virtual message::Done Answer(const v1::BatchFollowRequest& request,
                                             v1::BatchFollowResponse& out) = 0;
};

// In this process.
[[nodiscard]] std::unique_ptr<Backend> MakeLocal(policy::compiled::SnapshotPtr policy);
// Over gRPC.
[[nodiscard]] std::unique_ptr<Backend> MakeRemote(std::unique_ptr<Connection> client,
                                                  CallOptions options);

}  // namespace fingerpost::cli
