// What is true of a hop, for the rules of fields.
#include "core/follow/credentials.h"
#include "core/follow/hop.h"
#include "core/follow/location.h"

namespace fingerpost::follow {
namespace {

// Whether the hop leaves the place that credentials are for.
bool LeavesCredentials(const Hop& hop, uint64_t written) {
  const Profile& profile = hop.profile;
  const bool by_reading = hop.location.compared && !(profile.crossing & kWrittenHost);
  const http::Url& to = by_reading ? *hop.location.compared : hop.next;
  if (hop.rule.to_proxy) return false;
  if (hop.location.other_name) return !BothTrusted(hop.question.options(), hop.url, hop.next);
  // Most clients compare origins.
  if (!profile.from_first && !hop.base && profile.crossing == kTuple && !hop.crosses && !by_reading)
    return false;
  const std::optional<http::Url> first =
      profile.from_first ? http::ParseUrl(hop.out.chain().first_url()) : hop.base;
  const http::Url& from = first ? *first : hop.url;
  return Crosses(profile.crossing, from, to, written, hop.location.text) &&
         !BothTrusted(hop.question.options(), from, hop.next);
}

// The same, for a client that compares authorities as they are written; the chain remembers the
// next one.
bool LeavesCredentials(const Hop& hop) {
  const Crossing rule = hop.profile.crossing;
  if (rule & kWrittenHost) return LeavesCredentials(hop, WrittenAuthority(rule, hop.request.url()));
  if (!ComparesText(rule)) return LeavesCredentials(hop, 0);
  v1::Chain& chain = *hop.out.mutable_chain();
  if (chain.authority() == 0) chain.set_authority(WrittenAuthority(rule, hop.request.url()));
  const bool leaves = LeavesCredentials(hop, chain.authority());
  const uint64_t next = WrittenAuthority(rule, hop.location.text);
  if (rule & kWrittenUserinfo) {
    const bool again = (hop.rule.drop_content & hop.method) != 0;
    return leaves || (next == 0 && !again && !chain.set_aside().empty());
  }
  if (next != 0) chain.set_authority(next);
  return leaves;
}

}  // namespace

When Facts(const Hop& hop) {
  When when = kEveryHop;
  if (LeavesCredentials(hop)) when |= kCredentialsStay;
  if (hop.crosses) when |= kOriginChanges;
  const bool again = hop.profile.content_stays_dropped && hop.out.chain().content_dropped();
  if (again || (hop.rule.drop_content & hop.method) != 0) when |= kContentDropped;
  if (http::WithoutFragment(hop.url) != http::WithoutFragment(hop.next)) when |= kUrlChanges;
  if (hop.changes_method) when |= kMethodChanges;
  if (IsAbsoluteReference(hop.location.text)) when |= kAbsoluteLocation;
  if (hop.question.response().status() == 305) when |= kUseProxy;
  if (NamesAuthority(hop.location.text)) when |= kNewAuthority;
  return when;
}

}  // namespace fingerpost::follow
