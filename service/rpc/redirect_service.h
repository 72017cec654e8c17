// The service's calls as plain functions. They apply limits and read the clock, but decide nothing.
//
// They do not use gRPC's server API; their callers (rpc/grpc_server.h, HTTP/JSON) turn an Error
// into their own kind of status. Thread-safe; they throw nothing.
#pragma once

#include <memory>
#include <type_traits>

#include "core/message/result.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/load/store.h"
#include "rpc/budget.h"
#include "rpc/deadline.h"
#include "rpc/limits.h"
#include "rpc/meters.h"
#include "rpc/policy_counts.h"

namespace fingerpost {

// The clock for an absent `now` and for deadlines.
using Clock = google::protobuf::Timestamp (*)();
[[nodiscard]] google::protobuf::Timestamp SystemClock();

// The error for a call without room; says whether the call could ever have room.
[[nodiscard]] v1::Error NoRoom(const Share& share);
// Why a call is not answered whose deadline has passed.
[[nodiscard]] v1::Error TooLate();
// Called before the work: whether there is room to make an answer with `explain`.
[[nodiscard]] bool AdmitExplained(const v1::DecideRequest& request, Share& share);

// Random bits for an absent `draw`. They divide clients into groups and are not secret.
[[nodiscard]] uint32_t Draw();

class RedirectService {
 public:
  // `meters` and `counts`, which is of `policy`, count the answers; each may be null.
  RedirectService(const policy::load::Store& policy, const Limits& limits, Meters* meters = nullptr,
                  Clock clock = SystemClock, PolicyCounts* counts = nullptr)
      : policy_(policy), limits_(limits), meters_(meters), clock_(clock), counts_(counts) {}

  // `request` gets `now` and `draw` filled in. `response` may
  // still hold an earlier answer, whose memory is used again; after an error its content means
  // nothing, and without memory it must not be used again. `share` is what the call may hold; null:
  // anything.
  [[nodiscard]] message::Done Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                                     Deadline deadline = kNoDeadline, Share* share = nullptr) const;
  [[nodiscard]] message::Done Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                                     Deadline deadline = kNoDeadline, Share* share = nullptr) const;

  // What the answers to one message share, so that they do not mix policies or instants.
  struct Frame {
    policy::compiled::SnapshotPtr policy;
    google::protobuf::Timestamp now;
    std::shared_ptr<policy::count::Tally> tally;  // Of the policy; null: nothing is counted.
  };
  // Of `Question`: Follow knows no policy.
  template <typename Question>
  [[nodiscard]] Frame MakeFrame() const {
    Frame frame{.policy = {}, .now = clock_(), .tally = {}};
    if constexpr (std::is_same_v<Question, v1::DecideRequest>) SetPolicy(frame);
    return frame;
  }
  // Like Decide and Follow, for one question of a batch (rpc/batch.h).
  [[nodiscard]] message::Done Answer(const Frame& frame, v1::DecideRequest& request,
                                     v1::DecideResponse& response) const;
  [[nodiscard]] message::Done Answer(const Frame& frame, v1::FollowRequest& request,
                                     v1::FollowResponse& response) const;

  [[nodiscard]] bool IsLate(Deadline deadline) const;
  [[nodiscard]] const Limits& limits() const { return limits_; }

 private:
  void SetPolicy(Frame& frame) const;
  [[nodiscard]] message::Done AnswerUnguarded(const Frame& frame, v1::DecideRequest& request,
                                              v1::DecideResponse& response) const;
  [[nodiscard]] message::Done AnswerUnguarded(const Frame& frame, v1::FollowRequest& request,
                                              v1::FollowResponse& response) const;

  const policy::load::Store& policy_;
  Limits limits_;
  Meters* meters_;
  Clock clock_;
  PolicyCounts* counts_;
};

}  // namespace fingerpost
