#include "rpc/redirect_service.h"

#include <chrono>
#include <new>
#include <string>
#include <utility>

#include "core/follow.h"
#include "core/violations.h"
#include "policy/resolve.h"
#include "rpc/error_status.h"

namespace fingerpost {
namespace {

// Runs `work`; an exception in it is a broken invariant, and what it says stays inside.
template <typename Work>
bool Guarded(v1::Error& error, Work work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    error = MakeError(v1::ERROR_REASON_OVERLOADED, "The server is short of memory.");
  } catch (...) {
    error = MakeError(v1::ERROR_REASON_INVARIANT_BROKEN, "An invariant did not hold.");
  }
  return false;
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

struct RedirectService::Frame {
  SnapshotPtr policy;
  google::protobuf::Timestamp now;
};

RedirectService::Frame RedirectService::MakeFrame() const { return {policy_.Get(), clock_()}; }

bool RedirectService::Answer(const Frame& frame, v1::DecideRequest& request,
                             v1::DecideResponse& response, v1::Error& error) const {
  response.Clear();
  if (!request.has_now()) *request.mutable_now() = frame.now;
  if (!fingerpost::Decide(*frame.policy, request, response, error)) return false;
  if (meters_ != nullptr) meters_->Decided(request, response);
  return true;
}

bool RedirectService::Answer(const Frame& frame, v1::FollowRequest& request,
                             v1::FollowResponse& response, v1::Error& error) const {
  response.Clear();
  if (!request.has_now()) *request.mutable_now() = frame.now;
  if (!fingerpost::Follow(request, response, error)) return false;
  if (meters_ != nullptr) meters_->Followed(response);
  return true;
}

template <typename Question, typename Reply>
bool RedirectService::Single(Question& question, Reply& reply, v1::Error& error) const {
  return Guarded(error, [&] { return Answer(MakeFrame(), question, reply, error); });
}

template <typename Questions, typename Replies>
bool RedirectService::Batch(Questions& questions, Replies& replies, v1::Error& error) const {
  const int count = questions.requests_size();
  if (count > limits_.max_batch) {
    Violations violations(error);
    violations.Add("requests", "at most " + std::to_string(limits_.max_batch) + " requests, got " +
                                   std::to_string(count));
    return violations.Finish();
  }
  const Frame frame = MakeFrame();
  // Results of an earlier batch keep their memory: each is overwritten, those left over go.
  auto& results = *replies.mutable_results();
  while (results.size() > count) results.RemoveLast();
  while (results.size() < count) results.Add();
  for (int i = 0; i < count; ++i) {
    v1::Error fault;
    const bool answered = Guarded(fault, [&] {
      return Answer(frame, *questions.mutable_requests(i), *results[i].mutable_response(), fault);
    });
    if (!answered) *results[i].mutable_error() = std::move(fault);
  }
  return true;
}

bool RedirectService::Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                             v1::Error& error) const {
  return Single(request, response, error);
}

bool RedirectService::Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                             v1::Error& error) const {
  return Single(request, response, error);
}

bool RedirectService::BatchDecide(v1::BatchDecideRequest& request,
                                  v1::BatchDecideResponse& response, v1::Error& error) const {
  return Batch(request, response, error);
}

bool RedirectService::BatchFollow(v1::BatchFollowRequest& request,
                                  v1::BatchFollowResponse& response, v1::Error& error) const {
  return Batch(request, response, error);
}

bool RedirectService::StreamDecide(v1::StreamDecideRequest& request,
                                   v1::StreamDecideResponse& response, v1::Error& error) const {
  return Batch(request, response, error);
}

bool RedirectService::StreamFollow(v1::StreamFollowRequest& request,
                                   v1::StreamFollowResponse& response, v1::Error& error) const {
  return Batch(request, response, error);
}

}  // namespace fingerpost
