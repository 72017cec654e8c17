#include "rpc/redirect_service.h"

#include <chrono>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "core/follow/follow.h"
#include "core/http/fields.h"
#include "core/message/violations.h"
#include "policy/resolve/resolve.h"
#include "rpc/error_status.h"

namespace fingerpost {
namespace {

// Answers of a batch between two looks at the clock, which costs a tenth of an answer.
constexpr int kBetweenLooks = 16;

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

void CheckUrl(const v1::HttpRequest& http, const Limits& limits, Violations& violations) {
  if (http.url().size() <= limits.max_url_length) return;
  violations.Add("request.url", "at most " + std::to_string(limits.max_url_length) +
                                    " octets, got " + std::to_string(http.url().size()));
}

void CheckFields(const Headers& headers, std::string_view path, const Limits& limits,
                 Violations& violations) {
  if (headers.size() > limits.max_fields) {
    violations.Add(path, "at most " + std::to_string(limits.max_fields) + " fields, got " +
                             std::to_string(headers.size()));
    return;
  }
  for (int i = 0; i < headers.size(); ++i) {
    const size_t size = ValueOf(headers[i]).size();
    if (size <= limits.max_field_length) continue;
    const bool raw = headers[i].content_case() == v1::Header::kRawValue;
    violations.Add(FieldPath(path, i, raw ? "raw_value" : "value"),
                   "at most " + std::to_string(limits.max_field_length) + " octets, got " +
                       std::to_string(size));
  }
}

// Whether the server's settings allow the question.
bool WithinLimits(const v1::DecideRequest& request, const Limits& limits, v1::Error& error) {
  Violations violations(error);
  CheckUrl(request.request(), limits, violations);
  CheckFields(request.request().headers(), "request.headers", limits, violations);
  return violations.Finish();
}

bool WithinLimits(const v1::FollowRequest& request, const Limits& limits, v1::Error& error) {
  Violations violations(error);
  CheckUrl(request.request(), limits, violations);
  CheckFields(request.request().headers(), "request.headers", limits, violations);
  CheckFields(request.response().headers(), "response.headers", limits, violations);
  return violations.Finish();
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

uint32_t Draw() {
  thread_local std::mt19937 random{std::random_device{}()};
  return static_cast<uint32_t>(random());
}

bool RedirectService::IsLate(Deadline deadline, v1::Error& error) const {
  if (deadline == kNoDeadline) return false;
  const google::protobuf::Timestamp now = clock_();
  const auto since_epoch =
      std::chrono::seconds(now.seconds()) + std::chrono::nanoseconds(now.nanos());
  if (since_epoch < deadline.time_since_epoch()) return false;
  error = MakeError(v1::ERROR_REASON_DEADLINE_EXCEEDED,
                    "The deadline passed before the work was done.");
  return true;
}

struct RedirectService::Frame {
  SnapshotPtr policy;
  google::protobuf::Timestamp now;
};

RedirectService::Frame RedirectService::MakeFrame() const { return {policy_.Get(), clock_()}; }

bool RedirectService::Answer(const Frame& frame, v1::DecideRequest& request,
                             v1::DecideResponse& response, v1::Error& error) const {
  if (limits_.AreTight() && !WithinLimits(request, limits_, error)) return false;
  if (!request.has_now()) *request.mutable_now() = frame.now;
  if (!request.has_draw()) request.set_draw(Draw());
  if (!fingerpost::Decide(*frame.policy, request, response, error)) return false;
  if (meters_ != nullptr) meters_->Decided(request, response);
  return true;
}

bool RedirectService::Answer(const Frame& frame, v1::FollowRequest& request,
                             v1::FollowResponse& response, v1::Error& error) const {
  if (limits_.AreTight() && !WithinLimits(request, limits_, error)) return false;
  if (!request.has_now()) *request.mutable_now() = frame.now;
  if (!fingerpost::Follow(request, response, error)) return false;
  if (meters_ != nullptr) meters_->Followed(response);
  return true;
}

template <typename Question, typename Reply>
bool RedirectService::Single(Question& question, Reply& reply, v1::Error& error,
                             Deadline deadline) const {
  if (IsLate(deadline, error)) return false;
  return Guarded(error, [&] { return Answer(MakeFrame(), question, reply, error); });
}

template <typename Questions, typename Replies>
bool RedirectService::Batch(Questions& questions, Replies& replies, v1::Error& error,
                            Deadline deadline) const {
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
    if (i % kBetweenLooks == 0 && IsLate(deadline, error)) return false;
    v1::Error fault;
    const bool answered = Guarded(fault, [&] {
      return Answer(frame, *questions.mutable_requests(i), *results[i].mutable_response(), fault);
    });
    if (!answered) *results[i].mutable_error() = std::move(fault);
  }
  return true;
}

bool RedirectService::Decide(v1::DecideRequest& request, v1::DecideResponse& response,
                             v1::Error& error, Deadline deadline) const {
  return Single(request, response, error, deadline);
}

bool RedirectService::Follow(v1::FollowRequest& request, v1::FollowResponse& response,
                             v1::Error& error, Deadline deadline) const {
  return Single(request, response, error, deadline);
}

bool RedirectService::BatchDecide(v1::BatchDecideRequest& request,
                                  v1::BatchDecideResponse& response, v1::Error& error,
                                  Deadline deadline) const {
  return Batch(request, response, error, deadline);
}

bool RedirectService::BatchFollow(v1::BatchFollowRequest& request,
                                  v1::BatchFollowResponse& response, v1::Error& error,
                                  Deadline deadline) const {
  return Batch(request, response, error, deadline);
}

bool RedirectService::StreamDecide(v1::StreamDecideRequest& request,
                                   v1::StreamDecideResponse& response, v1::Error& error,
                                   Deadline deadline) const {
  return Batch(request, response, error, deadline);
}

bool RedirectService::StreamFollow(v1::StreamFollowRequest& request,
                                   v1::StreamFollowResponse& response, v1::Error& error,
                                   Deadline deadline) const {
  return Batch(request, response, error, deadline);
}

}  // namespace fingerpost
