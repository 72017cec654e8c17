// The service's calls as plain functions: limits, the clock, and nothing decided here.
//
// They know no gRPC server API; what calls them (rpc/grpc_server.h, HTTP/JSON) turns an Error into
// its own kind of status. Thread-safe. No exception leaves them.
#pragma once

#include "fingerpost/v1/redirect_service.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/load/store.h"
#include "rpc/budget.h"
#include "rpc/deadline.h"
#include "rpc/limits.h"
#include "rpc/meters.h"

namespace fingerpost {

// Reads the clock that fills in an absent `now`, and that deadlines go by.
using Clock = google::protobuf::Timestamp (*)();
[[nodiscard]] google::protobuf::Timestamp SystemClock();

// Why a call is not answered for which the others leave no room; where it never has room, that.
[[nodiscard]] v1::Error NoRoom(const Share& share);
// Before the work: whether there is room for an answer with `explain`, while it is made.
[[nodiscard]] bool AdmitExplained(const v1::DecideRequest& request, Share& share);

// Random bits that fill in an absent `draw`. They part clients into groups and are no secret.
[[nodiscard]] uint32_t Draw();

class RedirectService {
 public:
  // `meters` counts the answers; it may be null.
  RedirectService(const policy::load::Store& policy, const Limits& limits, Meters* meters = nullptr,
                  Clock clock = SystemClock)
      : policy_(policy), limits_(limits), meters_(meters), clock_(clock) {}

  // Each: false, and `error` says why. `request` gets `now` and `draw` filled in. `response` may
  // still hold an earlier answer, whose memory is used again; after an error its content means
  // nothing, and without memory it must not be used again. `share` is what the call may hold; null:
  // anything.
  [[nodiscard]] bool Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                            v1::Error& error, Deadline deadline = kNoDeadline,
                            Share* share = nullptr) const;
  [[nodiscard]] bool Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                            v1::Error& error, Deadline deadline = kNoDeadline,
                            Share* share = nullptr) const;

  // All that the answers to one message share: none of them mixes two policies or two instants.
  struct Frame {
    policy::compiled::SnapshotPtr policy;
    google::protobuf::Timestamp now;
  };
  [[nodiscard]] Frame MakeFrame() const { return {policy_.Get(), clock_()}; }
  // As Decide and Follow, for one question of a batch (rpc/batch.h).
  [[nodiscard]] bool Answer(const Frame& frame, v1::DecideRequest& request,
                            v1::DecideResponse& response, v1::Error& error) const;
  [[nodiscard]] bool Answer(const Frame& frame, v1::FollowRequest& request,
                            v1::FollowResponse& response, v1::Error& error) const;

  // Whether the deadline has passed; `error` says so.
  [[nodiscard]] bool IsLate(Deadline deadline, v1::Error& error) const;
  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  [[nodiscard]] bool AnswerUnguarded(const Frame& frame, v1::DecideRequest& request,
                                     v1::DecideResponse& response, v1::Error& error) const;
  [[nodiscard]] bool AnswerUnguarded(const Frame& frame, v1::FollowRequest& request,
                                     v1::FollowResponse& response, v1::Error& error) const;

  const policy::load::Store& policy_;
  Limits limits_;
  Meters* meters_;
  Clock clock_;
};

}  // namespace fingerpost
