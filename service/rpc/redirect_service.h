// The service's calls as plain functions. They apply limits and read the clock, but decide nothing.
//
// They do not use gRPC's server API; their callers (rpc/grpc_server.h, HTTP/JSON) turn an Error
// into their own kind of status. Thread-safe; they throw nothing.
#pragma once

#include "fingerpost/v1/redirect_service.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/load/store.h"
#include "rpc/budget.h"
#include "rpc/deadline.h"
#include "rpc/limits.h"
#include "rpc/meters.h"

namespace fingerpost {

// The clock for an absent `now` and for deadlines.
using Clock = google::protobuf::Timestamp (*)();
[[nodiscard]] google::protobuf::Timestamp SystemClock();

// The error for a call without room; says whether the call could ever have room.
[[nodiscard]] v1::Error NoRoom(const Share& share);
// Called before the work: whether there is room to make an answer with `explain`.
[[nodiscard]] bool AdmitExplained(const v1::DecideRequest& request, Share& share);

// Random bits for an absent `draw`. They divide clients into groups and are not secret.
[[nodiscard]] uint32_t Draw();

class RedirectService {
 public:
  // `meters` counts the answers; it may be null.
  RedirectService(const policy::load::Store& policy, const Limits& limits, Meters* meters = nullptr,
                  Clock clock = SystemClock)
      : policy_(policy), limits_(limits), meters_(meters), clock_(clock) {}

  // On failure each returns false, and `error` says why. Fills in `request.now` and `request.draw`.
  // `response` may hold an earlier answer, whose memory is reused; after an error its content is
  // unspecified, and after a failed allocation it must not be used again. `share`: what the call
  // may hold; null: no limit.
  [[nodiscard]] bool Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                            v1::Error& error, Deadline deadline = kNoDeadline,
                            Share* share = nullptr) const;
  [[nodiscard]] bool Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                            v1::Error& error, Deadline deadline = kNoDeadline,
                            Share* share = nullptr) const;

  // What the answers to one message share, so that they do not mix policies or instants.
  struct Frame {
    policy::compiled::SnapshotPtr policy;
    google::protobuf::Timestamp now;
  };
  [[nodiscard]] Frame MakeFrame() const { return {policy_.Get(), clock_()}; }
  // Like Decide and Follow, for one question of a batch (rpc/batch.h).
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
