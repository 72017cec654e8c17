#include "core/follow/stop.h"

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace fingerpost::follow {
namespace {

struct Sentence {
  v1::StopReason reason;
  std::string_view message;
  std::array<std::string_view, 2> citations;
};

constexpr std::array<Sentence, 16> kSentences = {{
    {v1::STOP_REASON_FINAL_RESPONSE,
     "The response is not a redirect: it is the result.",
     {"RFC 9110 §15"}},
    {v1::STOP_REASON_NO_LOCATION,
     "The redirect has no Location, or an empty one: it is the result.",
     {"RFC 9110 §10.2.2", "RFC 9110 §15.4"}},
    {v1::STOP_REASON_CONFLICTING_LOCATIONS,
     "The response has several Locations; the field has one value.",
     {"RFC 9110 §10.2.2", "Fetch, location URL"}},
    {v1::STOP_REASON_INVALID_LOCATION,
     "Location is not a URL reference.",
     {"RFC 9110 §10.2.2", "WHATWG URL §4.4"}},
    {v1::STOP_REASON_LOCATION_TOO_LONG,
     "The next URL is longer than 65536 octets; it is never cut.",
     {"RFC 9110 §4.1"}},
    {v1::STOP_REASON_SCHEME_NOT_ALLOWED,
     "The next URL is neither http nor https.",
     {"Fetch, HTTP-redirect fetch"}},
    {v1::STOP_REASON_DOWNGRADE,
     "The next URL is http where the request's, or its page's, is https.",
     {"RFC 9110 §17.2", "Mixed Content §4.4"}},
    {v1::STOP_REASON_USERINFO, "Location has a user name or a password.", {"RFC 9110 §4.2.4"}},
    {v1::STOP_REASON_LIMIT,
     "The limit of redirects is reached.",
     {"RFC 9110 §15.4", "Fetch, HTTP-redirect fetch"}},
    {v1::STOP_REASON_LOOP, "The chain would repeat a request: it is a loop.", {"RFC 9110 §15.4"}},
    {v1::STOP_REASON_BODY_NOT_REPLAYABLE,
     "The content would have to be sent again, and can be sent once only.",
     {"RFC 9110 §15.4", "Fetch, HTTP-redirect fetch"}},
    {v1::STOP_REASON_TARGET_NOT_ALLOWED,
     "options.targets does not allow the URL's host, address or port.",
     {"RFC 9110 §17.1"}},
    {v1::STOP_REASON_STATUS_NOT_FOLLOWED, "This status is not followed.", {"RFC 9110 §15.4"}},
    {v1::STOP_REASON_METHOD_NOT_FOLLOWED,
     "This client does not follow such a redirect of this method.",
     {}},
    {v1::STOP_REASON_CREDENTIALS_PRESENT,
     "This client does not follow to another origin with credentials in the request.",
     {}},
    {v1::STOP_REASON_METHOD_CHANGED,
     "The next request would have another method, or lack the content.",
     {"RFC 9110 §15.4"}},
}};

// The table is in the order of the enum, so a reason is an index.
static_assert([] {
  for (size_t i = 0; i < kSentences.size(); ++i) {
    if (static_cast<size_t>(kSentences[i].reason) != i + 1) return false;
  }
  return kSentences.size() == static_cast<size_t>(v1::StopReason_MAX);
}());

}  // namespace

void WriteStop(v1::StopReason reason, int status, const Profile& profile, v1::FollowResponse& out) {
  const Sentence& sentence = kSentences[static_cast<size_t>(reason) - 1];
  std::string message(sentence.message);
  if (reason == v1::STOP_REASON_LIMIT)
    message = "The limit of " + std::to_string(profile.limit) + " redirects is reached.";
  if (reason == v1::STOP_REASON_SCHEME_NOT_ALLOWED && !profile.upgrade)
    message = "The next URL has another scheme than the request's.";
  if (reason == v1::STOP_REASON_STATUS_NOT_FOLLOWED)
    message = "A " + std::to_string(status) + " is not followed.";
  // Allocated before it is a member: mutable_stop() without memory would leave a wild pointer.
  if (!out.has_stop()) out.set_allocated_stop(std::make_unique<v1::Stop>().release());
  v1::Stop& stop = *out.mutable_stop();
  stop.set_reason(reason);
  stop.set_message(message);
  for (const std::string_view citation : sentence.citations) {
    if (!citation.empty()) stop.add_citations(citation.data(), citation.size());
  }
  const bool fails =
      (reason == v1::STOP_REASON_STATUS_NOT_FOLLOWED && RuleOf(profile.statuses, status).fails) ||
      (reason == v1::STOP_REASON_NO_LOCATION && RuleOf(profile.statuses, status).needs_location);
  stop.set_error(fails || (profile.handed_back & StopBit(reason)) == 0);
}

}  // namespace fingerpost::follow
