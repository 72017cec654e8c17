#include "rpc/redirect_service.h"

#include <chrono>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "core/follow/follow.h"
#include "core/message/faults.h"
#include "policy/resolve/resolve.h"
#include "rpc/error_status.h"

namespace fingerpost {
namespace {

// Runs `work`. An exception is a broken invariant; its text stays inside the process.
template <typename Work>
message::Done Guarded(Work work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return message::Unexpected(
        MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory."));
  } catch (...) {
    return message::Unexpected(
        MakeError(v1::ERROR_REASON_INVARIANT_BROKEN, "An invariant did not hold."));
  }
}

}  // namespace

google::protobuf::Timestamp SystemClock() {
  using std::chrono::duration_cast, std::chrono::nanoseconds, std::chrono::seconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto whole = std::chrono::floor<seconds>(since_epoch);
  google::protobuf::Timestamp now;
  now.set_seconds(whole.count());
  now.set_nanos(static_cast<int>(duration_cast<nanoseconds>(since_epoch - whole).count()));
  return now;
}

v1::Error NoRoom(const Share& share) {
  if (!share.is_hopeless()) {
    return MakeError(v1::ERROR_REASON_OVERLOADED, "The calls in progress hold too much memory.");
  }
  message::Faults faults;
  faults.Error(share.explains() ? "explain" : "requests",
               "fewer or shorter questions in a message: the answers would take more than all of "
               "the memory that the server keeps for them");
  return ToError(faults);
}

v1::Error TooLate() {
  return MakeError(v1::ERROR_REASON_DEADLINE_EXCEEDED,
                   "The deadline passed before the work was done.");
}

bool AdmitExplained(const v1::DecideRequest& request, Share& share) {
  return share.Explain() &&
         share.Borrow(Explained::InMemory(static_cast<int64_t>(request.ByteSizeLong())));
}

uint32_t Draw() {
  thread_local std::mt19937 random{std::random_device{}()};
  return static_cast<uint32_t>(random());
}

bool RedirectService::IsLate(Deadline deadline) const {
  if (deadline == kNoDeadline) return false;
  const google::protobuf::Timestamp now = clock_();
  const auto since_epoch =
      std::chrono::seconds(now.seconds()) + std::chrono::nanoseconds(now.nanos());
  return since_epoch >= deadline.time_since_epoch();
}

void RedirectService::SetPolicy(Frame& frame) const {
  if (counts_ == nullptr) {
    frame.policy = policy_.Get();
  } else {
    PolicyCounts::Current current = counts_->Get();
    frame.policy = std::move(current.policy);
    frame.tally = std::move(current.tally);
  }
}

message::Done RedirectService::AnswerUnguarded(const Frame& frame, v1::DecideRequest& request,
                                               v1::DecideResponse& response) const {
  if (!request.has_now()) *request.mutable_now() = frame.now;
  if (!request.has_draw()) request.set_draw(Draw());
  policy::resolve::Matched matched;
  message::Done done = policy::resolve::Decide(*frame.policy, request, response, limits_.request,
                                               frame.tally == nullptr ? nullptr : &matched);
  if (!done) return done;
  const policy::count::Decision decision = policy::count::DecisionOf(request, response);
  if (meters_ != nullptr) meters_->answers().Decided(decision);
  if (frame.tally != nullptr) {
    frame.tally->Count(matched, decision, request.request().url(), frame.now.seconds());
  }
  return done;
}

message::Done RedirectService::AnswerUnguarded(const Frame& frame, v1::FollowRequest& request,
                                               v1::FollowResponse& response) const {
  if (!request.has_now()) *request.mutable_now() = frame.now;
  message::Done done = follow::Follow(request, response, limits_.request);
  if (done && meters_ != nullptr) meters_->answers().Followed(response.stop().reason());
  return done;
}

message::Done RedirectService::Answer(const Frame& frame, v1::DecideRequest& request,
                                      v1::DecideResponse& response) const {
  return Guarded([&] { return AnswerUnguarded(frame, request, response); });
}

message::Done RedirectService::Answer(const Frame& frame, v1::FollowRequest& request,
                                      v1::FollowResponse& response) const {
  return Guarded([&] { return AnswerUnguarded(frame, request, response); });
}

message::Done RedirectService::Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                                      Deadline deadline, Share* share) const {
  if (IsLate(deadline)) return message::Unexpected(TooLate());
  if (share != nullptr && request.explain() && !AdmitExplained(request, *share)) {
    return message::Unexpected(NoRoom(*share));
  }
  return Answer(MakeFrame<v1::DecideRequest>(), request, response);
}

message::Done RedirectService::Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                                      Deadline deadline, Share* /*share*/) const {
  if (IsLate(deadline)) return message::Unexpected(TooLate());
  return Answer(MakeFrame<v1::FollowRequest>(), request, response);
}

}  // namespace fingerpost
