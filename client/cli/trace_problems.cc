#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "core/decide/status_facts.h"
#include "core/http/fields.h"
#include "core/http/hosts.h"
#include "core/http/url.h"
#include "core/message/enum_names.h"
#include "page_redirects.h"
#include "trace.h"

namespace fingerpost::cli {
namespace {

// Each redirect costs a round trip, and search engines follow only a few at a time.
constexpr size_t kLongChain = 3;

bool IsRedirect(const Hop& hop) { return hop.follow.has_next(); }

bool IsPermanent(const Hop& hop) {
  const decide::StatusFacts* facts = decide::FindStatusFacts(hop.exchange.response.status());
  return facts != nullptr && facts->permanent;
}

void CheckLength(const Trace& trace, std::vector<ChainProblem>& problems) {
  const size_t redirects = trace.Redirects();
  if (redirects <= kLongChain) return;
  problems.push_back({"too_long", absl::StrCat(redirects,
                                               " redirects, each a round trip: let the first one "
                                               "name the last URL")});
}

// Caches and search engines keep permanent redirects and ask again for the others, so the order
// determines what they keep.
void CheckPermanence(const Trace& trace, std::vector<ChainProblem>& problems) {
  std::string codes;
  bool permanent = false;
  bool temporary = false;
  for (const Hop& hop : trace.hops) {
    if (!IsRedirect(hop)) continue;
    (IsPermanent(hop) ? permanent : temporary) = true;
    absl::StrAppend(&codes, codes.empty() ? "" : ", ", hop.exchange.response.status());
  }
  if (permanent && temporary) {
    problems.push_back({"mixed_codes", "permanent and temporary redirects in one chain: " + codes});
  }
}

// One hop keeps the method and a later one drops it: the content has travelled in vain.
void CheckMethod(const Trace& trace, std::vector<ChainProblem>& problems) {
  bool kept = false;
  for (size_t i = 0; i < trace.hops.size(); ++i) {
    const Hop& hop = trace.hops[i];
    if (!IsRedirect(hop) || http::IsSafeMethod(hop.request.method())) continue;
    if (hop.follow.next().method() == hop.request.method()) {
      kept = true;
    } else if (kept) {
      problems.push_back({"mixed_methods",
                          absl::StrCat(hop.request.method(), " was kept before and becomes ",
                                       hop.follow.next().method(), " here"),
                          i + 1});
    }
  }
}

std::optional<std::string_view> CookiesOf(const v1::HttpRequest& request) {
  return http::FieldValue(request.headers(), "Cookie");
}

// The same method and URL twice. If Follow goes on, the cookies differ or the client does not mind.
void CheckVisitedTwice(const Trace& trace, std::vector<ChainProblem>& problems) {
  for (size_t i = 1; i < trace.hops.size(); ++i) {
    const v1::HttpRequest& request = trace.hops[i].request;
    const auto before = std::find_if(
        trace.hops.begin(), trace.hops.begin() + static_cast<ptrdiff_t>(i), [&](const Hop& hop) {
          return hop.request.method() == request.method() && hop.request.url() == request.url();
        });
    if (before == trace.hops.begin() + static_cast<ptrdiff_t>(i)) continue;
    problems.push_back(
        {"visited_twice",
         absl::StrCat(
             "the same request as hop ", before - trace.hops.begin() + 1,
             CookiesOf(before->request) == CookiesOf(request) ? "" : ", with other cookies"),
         i + 1});
    return;
  }
}

// From the Internet to a place that only this machine can reach.
void CheckPrivate(const Trace& trace, std::vector<ChainProblem>& problems) {
  for (size_t i = 0; i < trace.hops.size(); ++i) {
    if (!IsRedirect(trace.hops[i])) continue;
    const auto from = http::ParseUrl(trace.hops[i].request.url());
    const auto to = http::ParseUrl(trace.hops[i].follow.next().url());
    if (from && to && !http::IsNotPublic(*from) && http::IsNotPublic(*to)) {
      problems.push_back(
          {"private_target",
           "from a public host to " + std::string(to->get_hostname()) + ", which is not public",
           i + 1});
    }
  }
}

// Faults that each client tolerates in its own way.
void CheckSyntax(const Hop& hop, size_t number, std::vector<ChainProblem>& problems) {
  const v1::HttpResponse& response = hop.exchange.response;
  if (!hop.exchange.version.empty() && (response.status() < 100 || response.status() > 599)) {
    problems.push_back({"unknown_status",
                        absl::StrCat("HTTP has no status ", response.status(),
                                     ": clients take it for a 5xx [RFC 9110 §15]"),
                        number});
  }
  for (const auto& header : response.headers()) {
    if (IsFieldName(header.name())) continue;
    problems.push_back({"malformed_field",
                        absl::StrCat("\"", header.name(),
                                     "\" is not a field name: the field is ignored "
                                     "[RFC 9110 §5.1]"),
                        number});
  }
}

// What a person would see of a page that leads on. Nobody looks at the page of a redirect.
void CheckPage(const Hop& hop, size_t number, std::vector<ChainProblem>& problems) {
  if (!hop.follow.has_stop() || hop.follow.stop().error()) return;
  for (ChainProblem& problem : PageRedirects(hop)) {
    problem.hop = number;
    problems.push_back(std::move(problem));
  }
}

void CheckResult(const Trace& trace, std::vector<ChainProblem>& problems) {
  if (!trace.EndsInError()) return;
  const Exchange& last = trace.hops.back().exchange;
  const int status = last.response.status();
  problems.push_back(
      {status >= 400 && status < 500 ? "client_error" : "server_error",
       absl::StrCat("the chain ends in ", status, last.phrase.empty() ? "" : " ", last.phrase),
       trace.hops.size()});
}

}  // namespace

std::vector<ChainProblem> ProblemsOf(const Trace& trace) {
  std::vector<ChainProblem> problems;
  for (size_t i = 0; i < trace.hops.size(); ++i) {
    const v1::FollowResponse& follow = trace.hops[i].follow;
    CheckSyntax(trace.hops[i], i + 1, problems);
    for (const auto& warning : follow.warnings()) {
      problems.push_back({message::ShortEnumName(warning.code()), warning.message(), i + 1});
    }
    // Clients take a redirect without Location for a result, but its author did not mean one.
    if (follow.has_stop() &&
        (follow.stop().error() || follow.stop().reason() == v1::STOP_REASON_NO_LOCATION)) {
      problems.push_back(
          {message::ShortEnumName(follow.stop().reason()), follow.stop().message(), i + 1});
    }
    CheckPage(trace.hops[i], i + 1, problems);
  }
  CheckResult(trace, problems);
  CheckLength(trace, problems);
  CheckPermanence(trace, problems);
  CheckMethod(trace, problems);
  CheckVisitedTwice(trace, problems);
  CheckPrivate(trace, problems);
  return problems;
}

}  // namespace fingerpost::cli
