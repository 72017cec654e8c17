#include "core/follow/follow.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "core/follow/allowed_targets.h"
#include "core/follow/chain.h"
#include "core/follow/changes.h"
#include "core/follow/cookie_field.h"
#include "core/follow/cookie_jar.h"
#include "core/follow/credentials.h"
#include "core/follow/fetch_metadata.h"
#include "core/follow/hop.h"
#include "core/follow/location.h"
#include "core/follow/page.h"
#include "core/follow/profiles/profile.h"
#include "core/follow/question_faults.h"
#include "core/follow/referrer.h"
#include "core/follow/retry_after.h"
#include "core/follow/stop.h"
#include "core/follow/unsent.h"
#include "core/follow/userinfo.h"
#include "core/follow/warnings.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/omitted.h"

namespace fingerpost::follow {
namespace {

// --- The steps. Each returns the reason to stop, or kGoOn. ---

v1::StopReason CheckStatus(Hop& hop) {
  const v1::HttpResponse& response = hop.question.response();
  if (const auto reason = WhyUnreadable(response.headers(), hop.profile.location);
      reason != kGoOn) {
    hop.location.fails = true;
    return reason;
  }
  const int status = response.status();
  if (status < 300 || status > 399) return v1::STOP_REASON_FINAL_RESPONSE;
  hop.rule = RuleOf(hop.profile.statuses, status);
  if (hop.rule.keeps_replayable && hop.request.body() == v1::BODY_REPLAYABLE)
    hop.rule = {.followed = hop.rule.followed};
  if (hop.rule.followed == kNoMethod) return v1::STOP_REASON_STATUS_NOT_FOLLOWED;
  if (hop.profile.method_first && (hop.rule.followed & DecidingMethod(hop)) == 0)
    return v1::STOP_REASON_METHOD_NOT_FOLLOWED;
  return kGoOn;
}

v1::ChangeReason WhyGet(const Hop& hop) {
  const int status = hop.question.response().status();
  if (status == 303) return v1::CHANGE_REASON_SEE_OTHER;
  return status <= 302 && hop.method == kPost ? v1::CHANGE_REASON_POST_TO_GET
                                              : v1::CHANGE_REASON_CLIENT_HABIT;
}

// Adds to the rule of the status what holds for hops that leave the origin.
void AddRulesAcross(bool has_content, StatusRule& rule) {
  rule.to_get |= rule.to_get_across;
  rule.drop_content |= rule.to_get_across;
  if (!has_content) return;
  rule.drop_body |= rule.to_get_across | rule.drop_body_across;
  rule.drop_content |= rule.drop_body_across;
}

v1::StopReason MethodAndContent(Hop& hop) {
  hop.method = MethodBit(hop.request.method());
  if ((hop.rule.followed & DecidingMethod(hop)) == 0) return v1::STOP_REASON_METHOD_NOT_FOLLOWED;
  const v1::Body body = hop.request.body();
  const bool has_content = body == v1::BODY_REPLAYABLE || body == v1::BODY_ONE_SHOT;
  if (hop.crosses) AddRulesAcross(has_content, hop.rule);
  hop.changes_method = (hop.rule.to_get & hop.method) != 0 && hop.method != kGet &&
                       (has_content || !hop.rule.only_with_content);
  const bool stops = hop.question.options().stop_on_method_change();
  if (hop.changes_method && stops) return v1::STOP_REASON_METHOD_CHANGED;
  if (hop.changes_method) hop.changes.SetMethod("GET", WhyGet(hop));
  const bool keeps = (hop.rule.drop_body & hop.method) == 0;
  if (!has_content)
    return keeps && HadOneShot(hop.profile, hop.out.chain()) ? v1::STOP_REASON_BODY_NOT_REPLAYABLE
                                                             : kGoOn;
  const bool again = hop.profile.content_stays_dropped && hop.out.chain().content_dropped();
  bool dropped = again || !keeps;
  if (body == v1::BODY_ONE_SHOT && hop.profile.one_shot != OneShot::kReplayed) {
    const bool lost = !dropped && hop.profile.one_shot == OneShot::kLost;
    if ((!dropped && !lost) || (hop.rule.one_shot_stops & hop.method) != 0)
      return v1::STOP_REASON_BODY_NOT_REPLAYABLE;
    dropped = true;
    RememberOneShot(hop.profile, *hop.out.mutable_chain());
  }
  if (dropped && stops) return v1::STOP_REASON_METHOD_CHANGED;
  if (dropped)
    hop.changes.DropBody(hop.changes_method || again ? v1::CHANGE_REASON_CONTENT_DROPPED
                                                     : v1::CHANGE_REASON_CLIENT_HABIT);
  return kGoOn;
}

v1::StopReason CheckMixedContent(Hop& hop) {
  const MixedContent rule = hop.profile.mixed_content;
  const bool sends_form = hop.question.response().status() >= 307 && hop.method == kPost;
  if (rule == MixedContent::kFollowed || (rule == MixedContent::kFormStops && !sends_form))
    return kGoOn;
  return IsMixedContent(hop.question, hop.next, *hop.out.mutable_chain())
             ? v1::STOP_REASON_DOWNGRADE
             : kGoOn;
}

// Puts back the fields that the chain has set aside and that this hop may have, and sets aside
// others.
void Restore(Hop& hop, When when, int jars_cookie) {
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
    const bool computed = IsFetchMetadata(header.name()) || IsForReferer(header, hop.profile);
    if (computed || left_behind(rules.WhyDropped(header.name()))) {
      *still.Add() = std::move(header);
    } else if (hop.profile.jar != Jar::kNone && IsReadableCookie(header, hop.question.options())) {
      *hop.cookies_back.Add() = std::move(header);
    } else {
      hop.changes.Add(header, v1::CHANGE_REASON_RESTORED);
    }
  }
  for (int i = 0; i < hop.request.headers_size(); ++i) {
    if (hop.changes.IsDropped(i) && left_behind(hop.changes.ReasonOf(i)) && i != jars_cookie &&
        still.size() < http::kMaxHeaders)
      *still.Add() = hop.request.headers(i);
  }
  *chain.mutable_set_aside() = std::move(still);
}

v1::StopReason Fields(Hop& hop) {
  const When when = Facts(hop);
  v1::Chain& chain = *hop.out.mutable_chain();
  const bool derived = IsAuthorizationOfUrl(hop.profile, chain);
  const HopFacts facts{when, hop.question.options(), derived,
                       JarsCookie(hop.question, hop.url, hop.cookies, hop.profile)};
  if (!DropFields(hop.request, hop.profile, facts, hop.changes))
    return v1::STOP_REASON_CREDENTIALS_PRESENT;
  bool host_stays = false;
  for (int i = 0; i < hop.request.headers_size(); ++i) {
    const bool dropped = hop.changes.IsDropped(i);
    if (dropped && IsLeftBehind(hop.changes.ReasonOf(i))) chain.set_credentials_dropped(true);
    host_stays |= !dropped && http::EqualsIgnoreCase(hop.request.headers(i).name(), "Host");
  }
  if (!hop.host.empty() && !host_stays)
    hop.changes.Add("Host", hop.host, v1::CHANGE_REASON_CLIENT_HABIT);
  if (when & kContentDropped) chain.set_content_dropped(true);
  if (hop.profile.restores) Restore(hop, when, facts.jars_cookie);
  WriteFetchMetadata(hop.request, hop.url, hop.next, hop.profile, chain, hop.changes);
  const UserinfoInput userinfo{hop.request, hop.profile,       hop.written,
                               hop.next,    hop.location.text, facts};
  if (!WriteUserinfo(userinfo, chain, hop.changes)) return v1::STOP_REASON_USERINFO;

  const bool by_policy = hop.profile.referer.by_policy;
  if (by_policy) RememberReferrerPolicy(hop.question.response().headers(), chain);
  const RefererInput in{hop.question,
                        hop.url,
                        hop.next,
                        hop.crosses,
                        by_policy ? ReferrerPolicyOf(chain) : ReferrerPolicy::kUnsafeUrl,
                        hop.profile.location,
                        hop.location.text,
                        hop.location.zone};
  if (WriteOrigin(in, hop.profile, hop.changes)) chain.set_origin_tainted(true);
  if (WriteReferer(in, hop.profile.referer, chain, hop.changes)) RememberAdded("Referer", chain);
  return kGoOn;
}

v1::StopReason CookieField(Hop& hop) {
  const auto& sent = hop.question.chain().cookies();
  const auto& jar = hop.out.chain().cookies();
  if (sent.empty() && jar.empty() && hop.touched.empty() && hop.cookies_back.empty()) return kGoOn;
  if (hop.profile.jar == Jar::kNone ||
      (hop.profile.jar == Jar::kSameOrigin &&
       (hop.crosses || LeftItsOrigin(hop.question, hop.next, hop.out.chain())))) {
    return kGoOn;
  }
  const CookieFieldInput in{.request = hop.question,
                            .sent = sent,
                            .jar = jar,
                            .touched = hop.touched,
                            .url = hop.url,
                            .next = hop.next,
                            .next_method = hop.changes.method(),
                            .context = hop.cookies,
                            .restored = hop.cookies_back};
  WriteCookieField(in, *hop.out.mutable_chain(), hop.changes);
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
  const std::string written =
      hop.spelled.empty() ? std::string() : std::string(http::UpToPath(hop.next)) + hop.spelled;
  hop.changes.SetUrl(written.empty() ? hop.next.get_href() : std::string_view(written));
  hop.changes.Write(hop.out, !message::Omitted(hop.question.omit()).Has(v1::ANSWER_PART_TEXTS));

  v1::Chain& chain = *hop.out.mutable_chain();
  const bool again = hop.profile.loop == Loop::kAnsweredTwice &&
                     HasVisited(chain, hop.request.method(), http::WithoutFragment(hop.url),
                                CookieFingerprint(hop.request.headers(), hop.question.options()));
  AddVisit(hop.request, hop.url, hop.question.options(), chain);
  if (IsPolled(hop.question)) return kGoOn;
  if (again) return v1::STOP_REASON_LOOP;
  const std::string_view url = http::WithoutFragment(hop.next);
  if (hop.profile.loop == Loop::kSameRequest) {
    const uint64_t cookies = CookieFingerprint(hop.out.next().headers(), hop.question.options());
    return HasVisited(chain, hop.out.next().method(), url, cookies) ? v1::STOP_REASON_LOOP : kGoOn;
  }
  if (hop.profile.loop == Loop::kOwnText && hop.location.text == hop.request.url())
    return v1::STOP_REASON_LOOP;
  const uint32_t most = hop.profile.loop == Loop::kSameUrl ? 1 : hop.profile.visits_per_url;
  const bool first_counts = !hop.profile.first_is_no_visit || chain.visited(0).url() != url;
  const uint32_t visits = CountVisits(chain, url) - (first_counts ? 0 : 1);
  return most != 0 && visits >= most ? v1::STOP_REASON_LOOP : kGoOn;
}

constexpr std::array kSteps = {CheckStatus, ResolveLocation, MethodAndContent, CheckMixedContent,
                               Fields,      CookieField,     TargetAndLimit,   WriteNext};

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
  if (hop.location.fails) hop.out.mutable_stop()->set_error(true);
  const std::string_view scheme = hop.profile.handed_back_scheme;
  if (!scheme.empty() && reason == v1::STOP_REASON_SCHEME_NOT_ALLOWED &&
      http::EqualsIgnoreCase(hop.location.text.substr(0, hop.location.text.find(':')), scheme)) {
    hop.out.mutable_stop()->set_error(false);
  }
  hop.out.clear_changes();
  CookieJar jar;
  jar.Swap(hop.out.mutable_chain()->mutable_cookies());
  BeginChain(hop.question, hop.profile, hop.url, *hop.out.mutable_chain());
  jar.Swap(hop.out.mutable_chain()->mutable_cookies());
}

// The host that its client ended early goes on in the URL that it resolves with.
void RememberBase(const Hop& hop) {
  v1::Chain& chain = *hop.out.mutable_chain();
  chain.clear_base();
  if (!hop.location.drops_first_slash) return;
  http::Url base = *hop.location.compared;
  http::StripUserinfo(base);
  if (base.get_href().size() <= http::kMaxUrl) chain.mutable_base()->assign(base.get_href());
}

void AnswerNext(const Hop& hop) {
  if (!hop.target.empty()) hop.out.set_request_target(hop.target);
  RememberBase(hop);
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
  const std::optional<http::Url> page =
      profile.site.of_page ? FindReferrer(question, url) : std::nullopt;
  Hop hop{.question = question,
          .request = question.request(),
          .profile = profile,
          .url = url,
          .written = written,
          .cookies = {.first_url = first ? *first : url,
                      .now = question.now().seconds(),
                      .same_site = profile.same_site,
                      .loopback_is_secure = profile.loopback_is_secure,
                      .jar = JarOf(profile),
                      .site = profile.site,
                      .answered = &url,
                      .visited = &question.chain().visited(),
                      .page = page ? &*page : nullptr},
          .out = out,
          .changes = Changes(question.request())};
  if (profile.jar != Jar::kNone) {
    if (hop.cookies.jar.hand_set == HandSet::kStored && question.chain().count() == 0) {
      for (const v1::Header& header : question.request().headers()) {
        if (IsReadableCookie(header, question.options()))
          StoreHandSet(http::ValueOf(header), url, hop.cookies,
                       *out.mutable_chain()->mutable_cookies());
      }
    }
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
