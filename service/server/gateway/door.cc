#include "server/gateway/door.h"

#include <spdlog/spdlog.h>

#include <new>
#include <utility>

#include "rpc/error_status.h"
#include "server/http/single_field.h"

namespace fingerpost {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::minutes kBetweenLines{1};

}  // namespace

// Makes protobuf's one-time data now, as JsonBridge does.
Door::Door(const RedirectService& service, Setup setup)
    : service_(service), setup_(std::move(setup)), callers_(setup_.allow_callers) {
  (void)v1::DecideRequest::default_instance().SpaceUsedLong();
  (void)v1::DecideResponse::default_instance().SpaceUsedLong();
}

message::Result<v1::DecideResponse, v1::Error> Door::Decide(const HttpCall& call,
                                                            v1::DecideRequest& question) {
  if (!callers_.AllowsAnyOf(call.caller)) return message::Unexpected(NotAllowed());
  Share share(setup_.budget);
  const auto octets = static_cast<int64_t>(question.ByteSizeLong());
  if (!share.Add(kCallOctets + kInMemory * octets)) return message::Unexpected(NoRoom(share));
  message::Result<v1::DecideResponse, v1::Error> answer;
  if (message::Done done = service_.Decide(question, *answer, kNoDeadline, &share); !done) {
    if (done.error().reason() != v1::ERROR_REASON_INVALID_FIELDS) {
      return message::Unexpected(std::move(done.error()));
    }
    const auto& violations = done.error().violations();
    Unreadable(violations.empty() ? "the request" : violations[0].field());
    return v1::DecideResponse();
  }
  return answer;
}

message::Result<v1::DecideResponse, v1::Error> Door::Ask(const HttpCall& call,
                                                         v1::DecideRequest& question) {
  const auto start = Steady::now();
  if (setup_.meters != nullptr) setup_.meters->Started(setup_.method);
  auto answer = Decide(call, question);
  const auto code = answer ? grpc::StatusCode::OK : CodeOf(answer.error().reason()).code;
  const bool is_judged = answer && answer->outcome() != v1::OUTCOME_UNSPECIFIED;
  // Web clients of the site do not choose what is traced: their word on it is nobody's.
  const bool is_trusted = setup_.method != Method::kSite;
  const auto field = [&call, is_trusted](std::string_view name) {
    return is_trusted ? SingleField(call, name) : std::string_view();
  };
  const CallSummary summary{setup_.method, code, Steady::now() - start,
                            is_judged ? &*answer : nullptr, field};
  Report(call, question, summary, answer ? "" : answer.error().message());
  return answer;
}

void Door::Report(const HttpCall& call, const v1::DecideRequest& question,
                  const CallSummary& summary, const std::string& error) {
  if (setup_.meters != nullptr) {
    setup_.meters->Finished(setup_.method, summary.code, summary.duration);
  }
  if (setup_.caller_counts != nullptr && !call.caller.empty()) {
    setup_.caller_counts->Count(call.caller.front());
  }
  const unsigned wanted = setup_.observer == nullptr ? 0 : setup_.observer->Wants(summary);
  if (wanted == 0) return;
  setup_.observer->Finished(wanted, {.summary = summary,
                                     .transport = setup_.name,
                                     .peer = std::string(call.peer),
                                     .caller = call.caller,
                                     .traceparent = std::string(summary.field("traceparent")),
                                     .request_id = std::string(summary.field("x-request-id")),
                                     .request = question,
                                     .error = error});
}

void Door::Unreadable(std::string_view why) {
  const std::lock_guard lock(mutex_);
  ++unreadable_;
  if (Steady::now() < next_line_) return;
  spdlog::warn("{}: requests that cannot be read: {}; the last one: {}", setup_.name, unreadable_,
               why);
  unreadable_ = 0;
  next_line_ = Steady::now() + kBetweenLines;
}

}  // namespace fingerpost
