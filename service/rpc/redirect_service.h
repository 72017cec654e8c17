// The service's calls as plain functions: limits, the clock, batching, and nothing decided here.
//
// They know no gRPC server API; what calls them (rpc/grpc_server.h, HTTP/JSON) turns an Error into
// its own kind of status. Thread-safe. No exception leaves them.
#pragma once

#include "fingerpost/v1/redirect_service.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/load/store.h"
#include "rpc/deadline.h"
#include "rpc/limits.h"
#include "rpc/meters.h"

namespace fingerpost {

// Reads the clock that fills in an absent `now`, and that deadlines go by.
using Clock = google::protobuf::Timestamp (*)();
[[nodiscard]] google::protobuf::Timestamp SystemClock();

// Random bits that fill in an absent `draw`. They part clients into groups and are no secret.
[[nodiscard]] uint32_t Draw();

class RedirectService {
 public:
  // `meters` counts the answers; it may be null.
  RedirectService(const Store& policy, const Limits& limits, Meters* meters = nullptr,
                  Clock clock = SystemClock)
      : policy_(policy), limits_(limits), meters_(meters), clock_(clock) {}

  // Each: false, and `error` says why. `request` gets `now` and `draw` filled in. `response` may
  // still hold an earlier answer, whose memory is used again; after an error its content means
  // nothing.
  [[nodiscard]] bool Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                            v1::Error& error, Deadline deadline = kNoDeadline) const;
  [[nodiscard]] bool Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                            v1::Error& error, Deadline deadline = kNoDeadline) const;

  // An answer or an error for each, order kept. False: too many.
  [[nodiscard]] bool BatchDecide(v1::BatchDecideRequest& request, v1::BatchDecideResponse& response,
                                 v1::Error& error, Deadline deadline = kNoDeadline) const;
  [[nodiscard]] bool BatchFollow(v1::BatchFollowRequest& request, v1::BatchFollowResponse& response,
                                 v1::Error& error, Deadline deadline = kNoDeadline) const;

  // One message of a stream.
  [[nodiscard]] bool StreamDecide(v1::StreamDecideRequest& request,
                                  v1::StreamDecideResponse& response, v1::Error& error,
                                  Deadline deadline = kNoDeadline) const;
  [[nodiscard]] bool StreamFollow(v1::StreamFollowRequest& request,
                                  v1::StreamFollowResponse& response, v1::Error& error,
                                  Deadline deadline = kNoDeadline) const;

 private:
  // All that the answers to one message share: none of them mixes two policies or two instants.
  struct Frame;
  [[nodiscard]] Frame MakeFrame() const;
  bool Answer(const Frame& frame, v1::DecideRequest& request, v1::DecideResponse& response,
              v1::Error& error) const;
  bool Answer(const Frame& frame, v1::FollowRequest& request, v1::FollowResponse& response,
              v1::Error& error) const;
  template <typename Question, typename Reply>
  bool Single(Question& question, Reply& reply, v1::Error& error, Deadline deadline) const;
  template <typename Questions, typename Replies>
  bool Batch(Questions& questions, Replies& replies, v1::Error& error, Deadline deadline) const;
  [[nodiscard]] bool IsLate(Deadline deadline, v1::Error& error) const;

  const Store& policy_;
  Limits limits_;
  Meters* meters_;
  Clock clock_;
};

}  // namespace fingerpost
