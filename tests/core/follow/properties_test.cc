// Properties of every answer, over generated chains.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <vector>

#include "core/decide/asking.h"
#include "core/follow/asking.h"
#include "core/follow/follow.h"
#include "core/follow/profiles/profile.h"
#include "core/follow/random.h"
#include "core/follow/spelling.h"
#include "core/http/fields.h"
#include "core/http/url.h"
#include "done.h"

namespace fingerpost::follow {
namespace {

using testing::FillResponse;
using testing::FirstQuestion;
using testing::Generator;
using testing::kMethods;
using testing::kSecret;
using testing::kSecretFields;

constexpr int kCases = 100000;

std::string Origin(const std::string& url) {
  return std::string(http::ParseUrl(url)->get_origin());
}

bool IsSecretName(std::string_view name) {
  return std::any_of(std::begin(kSecretFields), std::end(kSecretFields),
                     [name](const char* secret) { return http::EqualsIgnoreCase(secret, name); });
}

bool HasField(const v1::HttpRequest& request, std::string_view name) {
  return http::FindField(request.headers(), name) != nullptr;
}

std::string Describe(const v1::FollowRequest& question, const v1::FollowResponse& answer) {
  return question.DebugString() + "\n=>\n" + answer.DebugString();
}

// The comment of v1.Change, word by word, independent of the code.
v1::HttpRequest Apply(const v1::HttpRequest& request,
                      const google::protobuf::RepeatedPtrField<v1::Change>& changes) {
  v1::HttpRequest next = request;
  std::vector<std::optional<v1::Header>> fields(request.headers().begin(), request.headers().end());
  for (const v1::Change& change : changes) {
    if (change.kind() == v1::CHANGE_KIND_METHOD) next.set_method(change.value());
    if (change.kind() == v1::CHANGE_KIND_URL) next.set_url(change.value());
    if (change.kind() == v1::CHANGE_KIND_BODY_DROPPED) next.set_body(v1::BODY_NONE);
    if (change.kind() == v1::CHANGE_KIND_FIELD_DROPPED) fields.at(change.index()).reset();
    if (change.kind() == v1::CHANGE_KIND_FIELD_REWRITTEN)
      fields.at(change.index()) = change.field();
    if (change.kind() == v1::CHANGE_KIND_FIELD_ADDED) fields.emplace_back(change.field());
  }
  next.clear_headers();
  for (const auto& field : fields) {
    if (field) *next.add_headers() = *field;
  }
  return next;
}

// Kinds in their order, indexes ascending, a sentence in each, and no value of a dropped field.
bool ChangesAreInOrder(const v1::FollowResponse& answer) {
  static constexpr int kRank[] = {0, 2, 1, 3, 4, 4, 5};
  std::pair<int, uint32_t> last{0, 0};
  for (const v1::Change& change : answer.changes()) {
    const std::pair<int, uint32_t> rank{kRank[change.kind()], change.index()};
    const bool ascends = last.first < rank.first ||
                         (last.first == rank.first &&
                          (rank.first == 5 || last.second < rank.second || last.first == 0));
    if (!ascends || change.message().empty() || change.reason() == v1::CHANGE_REASON_UNSPECIFIED)
      return false;
    if (change.kind() == v1::CHANGE_KIND_FIELD_DROPPED && !http::IsWithheld(change.field()))
      return false;
    last = rank;
  }
  return true;
}

// The written URL is the one that was decided about, and is read again as it was written.
const char* SpellingFault(const v1::FollowRequest& question, const v1::FollowResponse& answer) {
  const Profile& profile = *FindProfile(question.options().profile());
  const std::string& written = answer.next().url();
  const auto url = http::ParseUrl(written);
  if (profile.location.spelling == nullptr)
    return url->get_href() == written ? nullptr : "next.url is not the parser's own spelling";
  if (!written.starts_with(http::UpToPath(*url)))
    return "next.url has another scheme or authority than the parser's";
  // These read their own writing otherwise: as Latin-1, or without what they had decoded.
  const bool latin1 =
      profile.location.octets == Octets::kLatin1 && profile.location.spelling->path.raw_octets;
  if (latin1 || profile.location.spelling->joins_decoded) return nullptr;
  v1::FollowRequest again = question;
  again.clear_chain();
  *again.mutable_request() = answer.next();
  again.mutable_response()->set_status(307);
  again.mutable_response()->clear_headers();
  v1::Header& location = *again.mutable_response()->add_headers();
  location.set_name("Location");
  location.set_value(written);
  const v1::FollowResponse same = testing::Answer(again);
  return same.has_stop() || same.next().url() == written ? nullptr
                                                         : "next.url is written otherwise again";
}

// The request target is what the next URL says, with octets in place of escapes, or without a
// slash.
const char* TargetFault(const v1::FollowResponse& answer) {
  const std::string& target = answer.request_target();
  if (target.empty()) return nullptr;
  if (answer.profile() == v1::PROFILE_STRICT) return "STRICT sends what no URL has";
  if (target.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    return "the request target has a line break";
  const std::string path = (target.starts_with('/') ? "" : "/") + AsUrl(target);
  const std::string_view url = answer.next().url();
  return url.substr(0, url.find('#')).ends_with(path) ? nullptr
                                                      : "next.url is another one than its target";
}

// nullptr: no fault. Otherwise the answer's fault, whatever the profile. `used` has held other
// answers, none of which may show in the next one.
const char* Fault(const v1::FollowRequest& question, const v1::FollowResponse& answer,
                  v1::FollowResponse& used) {
  if (answer.result_case() == v1::FollowResponse::RESULT_NOT_SET) return "neither next nor stop";
  v1::Error error;
  if (!IsDone(Follow(question, used), error) ||
      used.SerializeAsString() != answer.SerializeAsString())
    return "not deterministic";
  if (answer.has_stop()) {
    if (answer.stop().message().empty()) return "a stop without a sentence";
    if (!answer.request_target().empty()) return "a request target on a stop";
    return answer.changes_size() == 0 ? nullptr : "changes on a stop";
  }
  const v1::HttpRequest& next = answer.next();
  const auto url = http::ParseUrl(next.url());
  if (!url || !http::IsHttp(*url)) return "next.url is no http(s) URL";
  if (http::HasControl(next.url()) || next.url().size() > http::kMaxUrl)
    return "next.url has controls or is too long";
  if (const char* fault = SpellingFault(question, answer)) return fault;
  if (const char* fault = TargetFault(answer)) return fault;
  if (http::HasUserinfo(*url)) return "next.url has userinfo";
  if (Apply(question.request(), answer.changes()).SerializeAsString() != next.SerializeAsString())
    return "request + changes is not next";
  if (!ChangesAreInOrder(answer)) return "changes are out of order, or one says nothing";
  if (question.options().stop_on_method_change() &&
      (next.method() != question.request().method() ||
       (next.body() <= v1::BODY_NONE) != (question.request().body() <= v1::BODY_NONE)))
    return "the method or the content changes, and the caller wanted to stop";
  if (answer.profile() == v1::PROFILE_STRICT && HasField(next, "If-Range") &&
      HasField(question.request(), "Range") && !HasField(next, "Range"))
    return "If-Range goes on without its Range";
  if (answer.profile() == v1::PROFILE_STRICT && HasField(question.request(), "If-Range") &&
      !HasField(next, "If-Range") && HasField(next, "Range"))
    return "Range goes on without its If-Range";
  if (answer.chain().count() != static_cast<uint32_t>(answer.chain().visited_size()))
    return "the chain contradicts itself";
  v1::FollowRequest then = question;
  *then.mutable_request() = next;
  *then.mutable_chain() = answer.chain();
  return IsDone(Follow(then, used), error) ? nullptr : "the next hop is refused";
}

TEST(Property, ASecretNeverCrossesAnOriginUnderStrict) {
  Generator g;
  v1::FollowResponse used;
  int hops = 0;
  int crossed = 0;
  while (hops < kCases) {
    v1::FollowRequest question = FirstQuestion(g);
    const bool has_secret = question.DebugString().find(kSecret) != std::string::npos;
    const std::string home = Origin(question.request().url());
    bool left = false;
    for (int hop = 0; hop < 8; ++hop) {
      ++hops;
      v1::FollowResponse answer;
      v1::Error error;
      // A tampered chain may contradict itself.
      if (!IsDone(Follow(question, answer), error)) break;
      const char* fault = Fault(question, answer, used);
      ASSERT_EQ(fault, nullptr) << Describe(question, answer);
      if (answer.has_stop()) break;
      left = left || Origin(answer.next().url()) != home;
      if (left) {
        crossed += has_secret ? 1 : 0;
        ASSERT_EQ(answer.SerializeAsString().find(kSecret), std::string::npos)
            << Describe(question, answer);
        for (const v1::Header& header : answer.next().headers()) {
          const bool jar =
              http::EqualsIgnoreCase(header.name(), "Cookie") && !http::IsWithheld(header);
          ASSERT_TRUE(jar || !IsSecretName(header.name())) << Describe(question, answer);
        }
      }
      *question.mutable_request() = answer.next();
      *question.mutable_chain() = answer.chain();
      if (g.OneIn(3)) testing::Tamper(g, *question.mutable_chain());
      FillResponse(g, *question.mutable_response());
    }
  }
  EXPECT_GT(crossed, kCases / 10) << "the generator takes too few secrets across an origin";
  std::cout << hops << " hops, " << crossed << " after a secret left its origin" << std::endl;
}

TEST(Property, EveryProfileAccountsForWhatItChanges) {
  Generator g;
  v1::FollowResponse used;
  int hops = 0;
  int followed = 0;
  while (hops < kCases) {
    v1::FollowRequest question = FirstQuestion(g);
    const auto profile = static_cast<v1::Profile>(1 + g.Below(v1::Profile_MAX));
    question.mutable_options()->set_profile(profile);
    if (g.OneIn(3) && HasEngine(*FindProfile(profile)))
      question.mutable_options()->set_jar(v1::COOKIE_JAR_CLIENT);
    for (int hop = 0; hop < 5; ++hop) {
      ++hops;
      v1::FollowResponse answer;
      v1::Error error;
      ASSERT_TRUE(IsDone(Follow(question, answer), error))
          << error.DebugString() << question.DebugString();
      const char* fault = Fault(question, answer, used);
      ASSERT_EQ(fault, nullptr) << Describe(question, answer);
      if (answer.has_stop()) break;
      ++followed;
      *question.mutable_request() = answer.next();
      *question.mutable_chain() = answer.chain();
      FillResponse(g, *question.mutable_response());
    }
  }
  EXPECT_GT(followed, kCases / 4) << "the generator makes too few redirects that are followed";
  std::cout << hops << " hops, " << followed << " followed" << std::endl;
}

struct Goal {
  v1::Purpose purpose;
  bool keeps_method;
};
constexpr Goal kWishes[] = {
    {v1::PURPOSE_FORM_RESULT, false},    {v1::PURPOSE_TEMPORARY_MOVE, true},
    {v1::PURPOSE_PERMANENT_MOVE, true},  {v1::PURPOSE_REROUTE, true},
    {v1::PURPOSE_CANONICAL_URL, true},   {v1::PURPOSE_DESCRIBES, false},
    {v1::PURPOSE_LOGIN_REQUIRED, false}, {v1::PURPOSE_AUTHORIZATION_RESPONSE, false}};
constexpr const char* kTargets[] = {"/t",
                                    "/t?q=1#f",
                                    "t",
                                    "?q",
                                    "https://b.test/",
                                    "https://shop.test:8443/x",
                                    "/a b",
                                    "/\xC3\xA9",
                                    "https://B\u00FCcher.test/",
                                    "/../x",
                                    "#f",
                                    "https:/y"};

TEST(Property, FollowAfterDecideReachesTheTarget) {
  Generator g;
  int redirects = 0;
  const v1::Defaults defaults;
  for (int i = 0; i < kCases; ++i) {
    const Goal wish = g.Pick(kWishes);
    v1::DecideRequest wanted;
    wanted.mutable_request()->set_method(g.Pick(kMethods));
    wanted.mutable_request()->set_url("https://shop.test/orders/" + std::to_string(g.Below(3)));
    wanted.mutable_request()->set_body(g.OneIn(2) ? v1::BODY_REPLAYABLE : v1::BODY_NONE);
    wanted.mutable_now()->set_seconds(1700000000);
    v1::Intent& intent = *wanted.mutable_intent();
    intent.set_purpose(wish.purpose);
    intent.set_target(g.Pick(kTargets));
    intent.set_trust(v1::TRUST_CALLER);
    intent.set_client(v1::CLIENT_KIND_BROWSER);
    v1::DecideResponse decided;
    v1::Error error;
    if (!decide::AskCore(wanted, defaults, decided, error) ||
        decided.outcome() != v1::OUTCOME_REDIRECT)
      continue;

    v1::FollowRequest question;
    *question.mutable_request() = wanted.request();
    question.mutable_response()->set_status(decided.status());
    *question.mutable_response()->mutable_headers() = decided.headers();
    const v1::FollowResponse answer = testing::Answer(question);
    if (answer.has_stop() && answer.stop().reason() == v1::STOP_REASON_LOOP)
      continue;  // The target is the request itself.
    ASSERT_TRUE(answer.has_next())
        << wanted.DebugString() << decided.DebugString() << answer.DebugString();
    const auto base = http::ParseUrl(wanted.request().url());
    ASSERT_EQ(answer.next().url(), http::ParseUrl(intent.target(), &*base)->get_href())
        << wanted.DebugString() << decided.DebugString();
    const std::string& method = wanted.request().method();
    const std::string expected = wish.keeps_method || method == "HEAD" ? method : "GET";
    ASSERT_EQ(answer.next().method(), expected) << wanted.DebugString() << decided.DebugString();
    ++redirects;
  }
  EXPECT_GT(redirects, kCases / 4) << "too few wishes became redirects";
  std::cout << redirects << " redirects" << std::endl;
}

}  // namespace
}  // namespace fingerpost::follow
