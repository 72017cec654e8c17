#include "core/follow/follow.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/follow/allowed_targets.h"
#include "core/follow/chain.h"
#include "core/follow/changes.h"
#include "core/follow/cookie_field.h"
#include "core/follow/cookie_jar.h"
#include "core/follow/credentials.h"
#include "core/follow/fetch_metadata.h"
#include "core/follow/location.h"
#include "core/follow/profiles/profile.h"
#include "core/follow/question_faults.h"
#include "core/follow/referrer.h"
#include "core/follow/retry_after.h"
#include "core/follow/stop.h"
#include "core/follow/unsent.h"
#include "core/follow/warnings.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/omitted.h"

namespace fingerpost::follow {
namespace {

constexpr v1::StopReason kGoOn = v1::STOP_REASON_UNSPECIFIED;

// One hop on its way from question to answer. The steps below fill it in, in order.
struct Hop {
  const v1::FollowRequest& question;
  const v1::HttpRequest& request;
  const Profile& profile;    // With the caller's options.
  const http::Url& url;      // The request's, without userinfo.
  const http::Url& written;  // The same with userinfo.
  CookieContext cookies;
  v1::FollowResponse& out;
  Changes changes;

  std::vector<std::string> touched = {};  // Names of cookies that the response set.
  StatusRule rule = {};
  Location location = {};
  http::Url next = {};
  Methods method = kNoMethod;
  bool changes_method = false;
  bool crosses = false;  // Whether `next` has another origin than `url`.
};

// --- The steps. Each returns the reason to stop, or kGoOn. ---

v1::StopReason CheckStatus(Hop& hop) {
  const int status = hop.question.response().status();
  if (status < 300 || status > 399) return v1::STOP_REASON_FINAL_RESPONSE;
  hop.rule = RuleOf(hop.profile.statuses, status);
  if (hop.rule.followed == kNoMethod) return v1::STOP_REASON_STATUS_NOT_FOLLOWED;
  return kGoOn;
}

// RFC 9110 §10.2.2: a Location without a fragment inherits the request's, even an empty one. Some
// clients treat an empty fragment as missing.
void InheritFragment(Hop& hop) {
  const std::string_view fragment = hop.url.get_hash();  // With its "#", unless it is empty.
  switch (hop.profile.fragment) {
    case Inherit::kNever:
      return;
    case Inherit::kIfMissing:
      if (hop.next.has_hash() || !hop.url.has_hash()) return;
      break;
    case Inherit::kIfMissingOrEmpty:
      if (!hop.next.get_hash().empty() || fragment.empty()) return;
      break;
  }
  hop.next.set_hash(fragment.empty() ? "#" : fragment);  // set_hash("") would remove it.
}

v1::StopReason ResolveLocation(Hop& hop) {
  ReadLocation(hop.question.response().headers(), hop.profile.location, hop.location);
  if (hop.location.stop == kGoOn) Reinterpret(hop.url, hop.profile.location, hop.location);
  if (hop.location.stop != kGoOn) return hop.location.stop;
  if (!http::ParseUrl(hop.location.text, &hop.url, hop.next))
    return v1::STOP_REASON_INVALID_LOCATION;
  if (!http::IsHttp(hop.next)) return v1::STOP_REASON_SCHEME_NOT_ALLOWED;
  Rewrite(hop.location, hop.profile.location, hop.next);
  InheritFragment(hop);
  hop.crosses = !http::SameOrigin(hop.url, hop.next);
  if (hop.next.get_href().size() > http::kMaxUrl) return v1::STOP_REASON_LOCATION_TOO_LONG;
  if (!hop.profile.downgrade && http::IsHttps(hop.url) && !http::IsHttps(hop.next))
    return v1::STOP_REASON_DOWNGRADE;
  const bool stops = hop.profile.userinfo == Userinfo::kStop ||
                     (hop.profile.userinfo == Userinfo::kStopAcross && hop.crosses);
  if (stops && http::HasUserinfo(hop.next)) return v1::STOP_REASON_USERINFO;
  return kGoOn;
}

v1::ChangeReason WhyGet(const Hop& hop) {
  const int status = hop.question.response().status();
  if (status == 303) return v1::CHANGE_REASON_SEE_OTHER;
  return status <= 302 && hop.method == kPost ? v1::CHANGE_REASON_POST_TO_GET
                                              : v1::CHANGE_REASON_CLIENT_HABIT;
}

v1::StopReason MethodAndContent(Hop& hop) {
  hop.method = MethodBit(hop.request.method());
  if ((hop.rule.followed & hop.method) == 0) return v1::STOP_REASON_METHOD_NOT_FOLLOWED;
  const v1::Body body = hop.request.body();
  const bool has_content = body == v1::BODY_REPLAYABLE || body == v1::BODY_ONE_SHOT;
  hop.changes_method = (hop.rule.to_get & hop.method) != 0 && hop.method != kGet &&
                       (has_content || !hop.rule.only_with_content);
  const bool stops = hop.question.options().stop_on_method_change();
  if (hop.changes_method && stops) return v1::STOP_REASON_METHOD_CHANGED;
  if (hop.changes_method) hop.changes.SetMethod("GET", WhyGet(hop));
  if (!has_content) return kGoOn;
  const bool again = hop.profile.content_stays_dropped && hop.out.chain().content_dropped();
  bool dropped = again || (hop.rule.drop_body & hop.method) != 0;
  if (body == v1::BODY_ONE_SHOT && hop.profile.one_shot != OneShot::kReplayed) {
    const bool lost = !dropped && hop.profile.one_shot == OneShot::kLost;
    if ((!dropped && !lost) || (hop.rule.one_shot_stops & hop.method) != 0)
      return v1::STOP_REASON_BODY_NOT_REPLAYABLE;
    dropped = true;
  }
  if (dropped && stops) return v1::STOP_REASON_METHOD_CHANGED;
  if (dropped)
    hop.changes.DropBody(hop.changes_method || again ? v1::CHANGE_REASON_CONTENT_DROPPED
                                                     : v1::CHANGE_REASON_CLIENT_HABIT);
  return kGoOn;
}

// Whether the hop leaves the place that credentials are for.
bool LeavesCredentials(const Hop& hop) {
  const Profile& profile = hop.profile;
  // Most clients compare origins.
  if (!profile.from_first && profile.crossing == kTuple && !hop.crosses) return false;
  const std::string& first_url = hop.out.chain().first_url();
  const std::optional<http::Url> first =
      profile.from_first ? http::ParseUrl(first_url) : std::nullopt;
  const http::Url& from = first ? *first : hop.url;
  const std::string_view raw_from = first ? first_url : hop.request.url();
  return Crosses(profile.crossing, from, hop.next, raw_from, hop.location.text) &&
         !BothTrusted(hop.question.options(), from, hop.next);
}

When Facts(const Hop& hop) {
  When when = kEveryHop;
  if (LeavesCredentials(hop)) when |= kCredentialsStay;
  if (hop.crosses) when |= kOriginChanges;
  const bool again = hop.profile.content_stays_dropped && hop.out.chain().content_dropped();
  if (again || (hop.rule.drop_content & hop.method) != 0) when |= kContentDropped;
  if (http::WithoutFragment(hop.url) != http::WithoutFragment(hop.next)) when |= kUrlChanges;
  if (hop.changes_method) when |= kMethodChanges;
  if (IsAbsoluteReference(hop.location.text)) when |= kAbsoluteLocation;
  return when;
}

// Puts back the fields that the chain has set aside and that this hop may have, and sets aside
// others.
void Restore(Hop& hop, When when) {
  const auto left_behind = [&hop](v1::ChangeReason reason) {
    return IsLeftBehind(reason) ||
           (hop.profile.restores_content && reason == v1::CHANGE_REASON_CONTENT_DROPPED);
  };
  v1::Chain& chain = *hop.out.mutable_chain();
  // The restored fields are the first request's, so its method decides.
  if ((hop.rule.drop_content & MethodBit(chain.first_method())) != 0) when |= kContentDropped;
  const HopFacts facts{when, hop.question.options()};
  const FieldRules rules(hop.profile, facts);
  http::Headers still;
  for (v1::Header& header : *chain.mutable_set_aside()) {
    if (IsFetchMetadata(header.name()) || left_behind(rules.WhyDropped(header.name()))) {
      *still.Add() = std::move(header);
    } else {
      hop.changes.Add(header, v1::CHANGE_REASON_RESTORED);
    }
  }
  for (int i = 0; i < hop.request.headers_size(); ++i) {
    if (hop.changes.IsDropped(i) && left_behind(hop.changes.ReasonOf(i)) &&
        still.size() < http::kMaxHeaders)
      *still.Add() = hop.request.headers(i);
  }
  *chain.mutable_set_aside() = std::move(still);
}

v1::StopReason Fields(Hop& hop) {
  const When when = Facts(hop);
  v1::Chain& chain = *hop.out.mutable_chain();
  // The chain may be forged: if userinfo never becomes Authorization, none was derived.
  const bool derives = hop.profile.userinfo == Userinfo::kAuthorizeIfAbsent ||
                       hop.profile.userinfo == Userinfo::kAuthorizeUnlessGiven;
  const bool derived = derives && WasAdded("Authorization", chain);
  // Only fields that were added before depend on it.
  const bool names_authority = !chain.added_fields().empty() && NamesAuthority(hop.location.text);
  const HopFacts facts{when, hop.question.options(), derived, names_authority};
  if (!DropFields(hop.request, hop.profile, facts, hop.changes))
    return v1::STOP_REASON_CREDENTIALS_PRESENT;
  for (int i = 0; i < hop.request.headers_size(); ++i) {
    if (hop.changes.IsDropped(i) && IsLeftBehind(hop.changes.ReasonOf(i)))
      chain.set_credentials_dropped(true);
  }
  const bool overridden =
      hop.profile.userinfo == Userinfo::kAuthorizeOrStop && http::HasUserinfo(hop.next);
  if (overridden && KeepsAuthorization(hop.request.headers(), hop.changes))
    return v1::STOP_REASON_USERINFO;
  if (when & kContentDropped) chain.set_content_dropped(true);
  if (hop.profile.restores) Restore(hop, when);
  WriteFetchMetadata(hop.request, hop.url, hop.next, hop.profile.fetch_metadata, chain,
                     hop.changes);
  if (names_authority) ForgetAdded("Authorization", chain);
  const bool given = derives && (HasAuthorization(chain.set_aside()) ||
                                 (!derived && HasAuthorization(hop.request.headers())));
  const bool inherits = hop.profile.request_userinfo == RequestUserinfo::kInherited &&
                        !NamesAuthority(hop.location.text);
  if (AuthorizeByUserinfo(inherits ? hop.written : hop.next, hop.profile.userinfo, given,
                          hop.request.headers(), hop.changes)) {
    RememberAdded("Authorization", chain);
  }
  if (hop.profile.request_userinfo == RequestUserinfo::kAuthorization && !overridden)
    AuthorizeByRequest(hop.written, hop.request.headers(), hop.profile, facts, hop.changes);

  const RefererInput in{hop.question, hop.url, hop.next, hop.crosses};
  if (WriteOrigin(in, hop.profile.origin, hop.changes)) chain.set_origin_tainted(true);
  if (WriteReferer(in, hop.profile.referer, hop.changes)) RememberAdded("Referer", chain);
  return kGoOn;
}

bool HasSeveralOrigins(const Hop& hop) {
  const auto& visited = hop.out.chain().visited();
  return hop.crosses || std::any_of(visited.begin(), visited.end(), [&hop](const v1::Visit& visit) {
           const auto earlier = http::ParseUrl(visit.url());
           return !earlier || !http::SameOrigin(*earlier, hop.next);
         });
}

v1::StopReason CookieField(Hop& hop) {
  const auto& sent = hop.question.chain().cookies();
  const auto& jar = hop.out.chain().cookies();
  if (sent.empty() && jar.empty() && hop.touched.empty()) return kGoOn;
  if (hop.profile.jar == Jar::kNone ||
      (hop.profile.jar == Jar::kSameOrigin && HasSeveralOrigins(hop))) {
    return kGoOn;
  }
  const CookieFieldInput in{.request = hop.question,
                            .sent = sent,
                            .jar = jar,
                            .touched = hop.touched,
                            .url = hop.url,
                            .next = hop.next,
                            .next_method = hop.changes.method(),
                            .context = hop.cookies};
  WriteCookieField(in, hop.changes);
  return kGoOn;
}

v1::StopReason TargetAndLimit(Hop& hop) {
  if (hop.question.options().has_targets() &&
      !IsAllowedTarget(hop.next, hop.question.options().targets())) {
    return v1::STOP_REASON_TARGET_NOT_ALLOWED;
  }
  return hop.out.chain().count() >= std::min(hop.profile.limit, kMaxHops) ? v1::STOP_REASON_LIMIT
                                                                          : kGoOn;
}

// Whether an operation is polled: its answer says when to ask again (RFC 9110 §10.2.3).
bool IsPolled(const v1::FollowRequest& question) {
  return question.options().allow_polling() &&
         ReadRetryAfter(question.response().headers(), question.now().seconds());
}

// Writes the next request, and compares it with the earlier ones.
v1::StopReason WriteNext(Hop& hop) {
  if (http::HasUserinfo(hop.next)) {
    http::StripUserinfo(hop.next);
    Warn(v1::WARNING_CODE_USERINFO_STRIPPED, hop.out);
  }
  hop.changes.SetUrl(hop.next.get_href());
  hop.changes.Write(hop.out, !message::Omitted(hop.question.omit()).Has(v1::ANSWER_PART_TEXTS));

  v1::Chain& chain = *hop.out.mutable_chain();
  AddVisit(hop.request, hop.url, hop.question.options(), chain);
  if (IsPolled(hop.question)) return kGoOn;
  const std::string_view url = http::WithoutFragment(hop.next);
  if (hop.profile.loop == Loop::kSameRequest) {
    const uint64_t cookies = CookieFingerprint(hop.out.next().headers(), hop.question.options());
    return HasVisited(chain, hop.out.next().method(), url, cookies) ? v1::STOP_REASON_LOOP : kGoOn;
  }
  const uint32_t most = hop.profile.loop == Loop::kSameUrl ? 1 : hop.profile.visits_per_url;
  const bool first_counts = !hop.profile.first_is_no_visit || chain.visited(0).url() != url;
  const uint32_t visits = CountVisits(chain, url) - (first_counts ? 0 : 1);
  return most != 0 && visits >= most ? v1::STOP_REASON_LOOP : kGoOn;
}

constexpr std::array kSteps = {CheckStatus, ResolveLocation, MethodAndContent, Fields,
                               CookieField, TargetAndLimit,  WriteNext};

// --- The answer ---

// The chain before this hop, with the response's cookies.
void BeginChain(const v1::FollowRequest& question, const Profile& profile, const http::Url& url,
                v1::Chain& chain) {
  chain.Clear();
  if (question.chain().count() > 0) {
    chain = question.chain();
  } else {
    *chain.mutable_cookies() = question.chain().cookies();
    StartChain(question.request(), url, profile, chain);
  }
}

void AnswerStop(v1::StopReason reason, const Hop& hop) {
  WriteStop(reason, hop.question.response().status(), hop.profile, hop.out);
  hop.out.clear_changes();
  CookieJar jar;
  jar.Swap(hop.out.mutable_chain()->mutable_cookies());
  BeginChain(hop.question, hop.profile, hop.url, *hop.out.mutable_chain());
  jar.Swap(hop.out.mutable_chain()->mutable_cookies());
}

void AnswerNext(const Hop& hop) {
  if (hop.location.repaired) Warn(v1::WARNING_CODE_LOCATION_REPAIRED, hop.out);
  WarnOfNext(hop.question, hop.profile, hop.url, hop.next, hop.crosses, hop.out);
  if (const auto seconds =
          ReadRetryAfter(hop.question.response().headers(), hop.question.now().seconds())) {
    hop.out.mutable_wait()->set_seconds(*seconds);
  }
}

void Answer(const v1::FollowRequest& question, const Profile& profile, const http::Url& url,
            const http::Url& written, v1::FollowResponse& out) {
  BeginChain(question, profile, url, *out.mutable_chain());
  const std::optional<http::Url> first =
      out.chain().count() == 0 ? std::nullopt : http::ParseUrl(out.chain().first_url());
  Hop hop{.question = question,
          .request = question.request(),
          .profile = profile,
          .url = url,
          .written = written,
          .cookies = {first ? *first : url, question.now().seconds(), profile.same_site,
                      profile.loopback_is_secure},
          .out = out,
          .changes = Changes(question.request())};
  if (profile.jar != Jar::kNone) {
    StoreCookies(question.response().headers(), url, hop.cookies,
                 *out.mutable_chain()->mutable_cookies(), hop.touched, *out.mutable_warnings());
  }
  for (const auto step : kSteps) {
    const v1::StopReason reason = step(hop);
    if (reason != kGoOn) return AnswerStop(reason, hop);
  }
  AnswerNext(hop);
}

// Drops what was needed to make the answer, and is omitted.
void Omit(const message::Omitted& omitted, v1::FollowResponse& out) {
  if (omitted.Has(v1::ANSWER_PART_CHANGES)) out.clear_changes();
  if (!omitted.Has(v1::ANSWER_PART_TEXTS)) return;
  message::DropTexts(*out.mutable_warnings());
  if (!out.has_stop()) return;
  out.mutable_stop()->clear_message();
  out.mutable_stop()->clear_citations();
}

}  // namespace

message::Done Follow(const v1::FollowRequest& question, v1::FollowResponse& out,
                     const http::RequestLimits& limits) {
  out.Clear();
  const Profile* row = FindProfile(question.options().profile());
  message::Faults faults;
  const http::Request request = ReadFollow(question, row, limits, faults);
  if (!faults.empty()) return message::Unexpected(ToError(faults));

  out.set_profile(row->id);
  const http::Url& written = *request.url();
  std::optional<http::Url> stripped;
  if (http::HasUserinfo(written)) {
    http::StripUserinfo(stripped.emplace(written));
    Warn(v1::WARNING_CODE_USERINFO_STRIPPED, out);
  }
  const http::Url& url = stripped ? *stripped : written;
  if (question.unsent()) {
    AnswerUnsent(question, *row, url, out);
  } else if (question.has_options()) {
    Answer(question, WithOptions(*row, question.options()), url, written, out);
  } else {
    Answer(question, *row, url, written, out);
  }
  Omit(message::Omitted(question.omit()), out);
  return {};
}

}  // namespace fingerpost::follow
