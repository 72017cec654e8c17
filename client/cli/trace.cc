#include "trace.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <map>

#include "core/fields.h"
#include "core/follow.h"
#include "core/url.h"
#include "output.h"

namespace fingerpost::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Never shown, and never read by Follow.
constexpr std::string_view kSecretFields[] = {"Authorization", "Proxy-Authorization"};

bool IsSecret(const v1::Header& header, const v1::FollowOptions& options) {
  const auto named = [&](std::string_view name) { return EqualsIgnoreCase(header.name(), name); };
  return std::ranges::any_of(kSecretFields, named) ||
         std::ranges::any_of(options.secret_fields(), named);
}

// Keeps the values of secrets back, so that neither Follow nor whoever is shown the trace has them.
class Secrets {
 public:
  Secrets(v1::HttpRequest& request, const v1::FollowOptions& options) {
    for (auto& header : *request.mutable_headers()) {
      if (!IsSecret(header, options)) continue;
      values_[ToLowerAscii(header.name())].push_back(header);
      header.clear_content();
    }
  }

  // The request as it is sent: a field that stayed has the value that it had.
  [[nodiscard]] v1::HttpRequest PutBack(v1::HttpRequest request) const {
    std::map<std::string, size_t> used;
    for (auto& header : *request.mutable_headers()) {
      if (!IsWithheld(header)) continue;
      const std::string name = ToLowerAscii(header.name());
      const auto found = values_.find(name);
      const size_t index = used[name]++;
      if (found != values_.end() && index < found->second.size()) header = found->second[index];
    }
    return request;
  }

 private:
  std::map<std::string, std::vector<v1::Header>> values_;
};

// Nothing is sent for a question that Follow would not answer: it is asked about a 200 first.
bool Check(v1::FollowRequest question, v1::Error& error) {
  question.mutable_response()->set_status(200);
  v1::FollowResponse answer;
  return Follow(question, answer, error);
}

// Without userinfo, which may hold a password.
v1::HttpRequest Shown(v1::HttpRequest request) {
  auto url = ParseUrl(request.url());
  if (url && HasUserinfo(*url)) {
    StripUserinfo(*url);
    request.set_url(std::string(url->get_href()));
  }
  return request;
}

}  // namespace

bool Trace::Complete() const {
  return failure.empty() && !hops.empty() && hops.back().follow.has_stop() &&
         !hops.back().follow.stop().error();
}

bool Walk(const Journey& journey, const Sender& send, Trace& trace, v1::Error& error) {
  const Clock::time_point end = Clock::now() + journey.timeout;
  v1::FollowRequest question;
  *question.mutable_request() = journey.request;
  *question.mutable_options() = journey.options;
  const Secrets secrets(*question.mutable_request(), journey.options);
  if (!Check(question, error)) return false;
  while (true) {
    Hop& hop = trace.hops.emplace_back();
    hop.request = Shown(question.request());
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) {
      trace.failure = "the time is over";
      break;
    }
    if (!send(secrets.PutBack(question.request()), left, hop.exchange, trace.failure)) break;
    *question.mutable_response() = hop.exchange.response;
    *question.mutable_now() = google::protobuf::util::TimeUtil::GetCurrentTime();
    v1::Error fault;
    if (!Follow(question, hop.follow, fault)) {
      trace.failure = Describe(fault);
      break;
    }
    if (!hop.follow.has_next()) break;
    *question.mutable_request() = hop.follow.next();
    *question.mutable_chain() = hop.follow.chain();
  }
  trace.problems = ProblemsOf(trace);
  return true;
}

}  // namespace fingerpost::cli
