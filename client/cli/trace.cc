#include "trace.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "core/follow/follow.h"
#include "core/follow/location.h"
#include "core/follow/profiles/profile.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "output.h"
#include "secrets.h"

namespace fingerpost::cli {
namespace {

using Clock = std::chrono::steady_clock;

// What servers answer to HEAD although GET would succeed. Not 401 and 429: GET would get the same
// answer, or come too soon.
constexpr int kHeadRefused[] = {400, 403, 404, 405, 500, 501};

// Whether the first request may be sent; otherwise the trace ends with it. An error: Follow would
// not answer such a question.
message::Done Begin(v1::FollowRequest question, Trace& trace) {
  question.set_unsent(true);
  v1::FollowResponse answer;
  message::Done done = follow::Follow(question, answer);
  if (done && answer.has_stop()) {
    Hop& hop = trace.hops.emplace_back();
    hop.request = question.request();
    hop.follow = std::move(answer);
  }
  return done;
}

bool HasStatus(const v1::HttpResponse& response) {
  return response.status() >= 100 && response.status() <= 599;
}

// The response as Follow takes it. A status that HTTP does not have is a 5xx to every client
// (RFC 9110 §15); a field whose name is not a token is left out.
v1::HttpResponse AsHttp(const v1::HttpResponse& response) {
  v1::HttpResponse out;
  out.set_status(HasStatus(response) ? response.status() : 500);
  for (const auto& header : response.headers()) {
    if (IsFieldName(header.name())) *out.add_headers() = header;
  }
  return out;
}

// Where the Location of an unfollowed hop leads, as its profile reads it.
std::string LeadsTo(const v1::FollowRequest& question) {
  const follow::Profile* profile = follow::FindProfile(question.options().profile());
  const auto base = http::ParseUrl(question.request().url());
  follow::Location location;
  follow::ReadLocation(question.response().headers(), profile->location, location);
  if (!base || location.stop != v1::STOP_REASON_UNSPECIFIED) return "";
  follow::Reinterpret(*base, profile->location, location);
  const auto url = http::ParseUrl(location.text, &*base);
  return url ? Shown(*url) : "";
}

// Whether the server refused HEAD and GET is worth trying; `question` is then that GET.
bool AskAgain(const Journey& journey, const v1::FollowResponse& follow,
              v1::FollowRequest& question) {
  if (!journey.head_first || question.request().method() != "HEAD") return false;
  if (std::ranges::find(kHeadRefused, question.response().status()) == std::end(kHeadRefused)) {
    return false;
  }
  question.mutable_request()->set_method("GET");
  question.clear_chain();
  if (follow.chain().count() > 0) {
    *question.mutable_chain() = follow.chain();
  } else {
    *question.mutable_chain()->mutable_cookies() = follow.chain().cookies();
  }
  return true;
}

// Sends one request and asks Follow for the next, which becomes `question`. False: there is none.
bool Step(const Journey& journey, const Sender& send, std::chrono::milliseconds left,
          Secrets& secrets, v1::FollowRequest& question, Trace& trace) {
  Hop& hop = trace.hops.emplace_back();
  hop.request = question.request();
  if (left.count() <= 0) {
    trace.failure = "the time is over";
    return false;
  }
  const auto sent = send(secrets.PutBack(question.request()), left, hop.exchange);
  if (!sent) {
    trace.failure = sent.error();
    return false;
  }
  *question.mutable_response() = AsHttp(hop.exchange.response);
  *question.mutable_now() = google::protobuf::util::TimeUtil::GetCurrentTime();
  if (const message::Done done = follow::Follow(question, hop.follow); !done) {
    trace.failure = Describe(done.error());
    return false;
  }
  if (!hop.follow.has_next()) {
    if (hop.follow.stop().reason() != v1::STOP_REASON_FINAL_RESPONSE) {
      hop.leads_to = LeadsTo(question);
    }
    hop.asked_again = AskAgain(journey, hop.follow, question);
    return hop.asked_again;
  }
  *question.mutable_request() = hop.follow.next();
  *question.mutable_chain() = hop.follow.chain();
  secrets.LeaveOrigin(*question.mutable_request(), journey.options);
  return true;
}

// Waits for the Retry-After of a polled operation, and for no other. False: the time is up before.
bool WaitAsAsked(const Journey& journey, std::chrono::milliseconds left, Trace& trace) {
  const v1::FollowResponse& follow = trace.hops.back().follow;
  if (!journey.options.allow_polling() || !follow.has_wait()) return true;
  const std::chrono::seconds wait(follow.wait().seconds());
  if (wait >= left) {
    trace.failure =
        absl::StrCat("the response asks to wait ", wait.count(), " s, and the time is over before");
    return false;
  }
  std::this_thread::sleep_for(wait);
  return true;
}

}  // namespace

bool Trace::Complete() const {
  return failure.empty() && !hops.empty() && hops.back().follow.has_stop() &&
         !hops.back().follow.stop().error();
}

bool Trace::EndsInError() const {
  if (!Complete()) return false;
  const v1::HttpResponse& last = hops.back().exchange.response;
  return last.status() >= 400 || !HasStatus(last);
}

size_t Trace::Redirects() const {
  return static_cast<size_t>(
      std::ranges::count_if(hops, [](const Hop& hop) { return hop.follow.has_next(); }));
}

bool IsFieldName(std::string_view name) {
  return name.size() <= http::kMaxFieldName && http::IsToken(name);
}

message::Done Walk(const Journey& journey, const Sender& send, Trace& trace) {
  const Clock::time_point end = Clock::now() + journey.timeout;
  v1::FollowRequest question;
  *question.mutable_request() = journey.request;
  *question.mutable_options() = journey.options;
  Secrets secrets(*question.mutable_request(), journey.user, journey.options);
  if (message::Done done = Begin(question, trace); !done) return done;
  const auto left = [end] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  };
  bool goes_on = trace.hops.empty();
  while (goes_on) {
    goes_on = Step(journey, send, left(), secrets, question, trace) &&
              WaitAsAsked(journey, left(), trace);
  }
  trace.problems = ProblemsOf(trace);
  for (Hop& hop : trace.hops) {
    Withhold(journey.options, hop.request);
    Withhold(journey.options, hop.exchange.response);
    Withhold(journey.options, hop.follow);
    hop.exchange.content.clear();
  }
  return {};
}

}  // namespace fingerpost::cli
