// Client profiles: every client has its row, and what takes more than one hop. habits_test.cc has
// the single hops, and tests/profiles the real clients.
#include "core/follow/profiles/profile.h"

#include <gtest/gtest.h>

#include <set>

#include "core/follow/asking.h"
#include "core/follow/warnings.h"

namespace fingerpost::follow {
namespace {

using testing::Answer;
using testing::Ask;
using testing::Next;
using testing::Then;
using testing::ToText;
using testing::Walk;

v1::FollowRequest As(v1::Profile profile, v1::FollowRequest question) {
  question.mutable_options()->set_profile(profile);
  return question;
}

TEST(Profiles, EveryClientHasOneRow) {
  std::set<const Profile*> rows;
  for (int value = v1::Profile_MIN; value <= v1::Profile_MAX; ++value) {
    if (!v1::Profile_IsValid(value)) continue;
    const auto id = static_cast<v1::Profile>(value);
    const Profile* row = FindProfile(id);
    ASSERT_NE(row, nullptr) << v1::Profile_Name(id);
    EXPECT_EQ(row->id, id == v1::PROFILE_UNSPECIFIED ? v1::PROFILE_STRICT : id);
    EXPECT_FALSE(row->client.empty());
    EXPECT_LE(row->limit, 100U) << "a chain has at most 100 hops";
    rows.insert(row);
  }
  EXPECT_EQ(static_cast<int>(rows.size()), v1::Profile_descriptor()->value_count() - 1);
  EXPECT_EQ(FindProfile(static_cast<v1::Profile>(999)), nullptr);
}

TEST(Profiles, CurlRestoresOnTheWayBackToTheFirstOrigin) {
  const auto question = As(v1::PROFILE_CURL, Ask("GET https://a.test/\nAuthorization: t\nAccept: x",
                                                 302, "Location: https://b.test/"));
  const v1::FollowResponse away = Answer(question);
  EXPECT_EQ(ToText(away), "GET https://b.test/\nAccept: x");
  const v1::FollowResponse back = Answer(Then(question, away, 302, "Location: https://a.test/y"));
  EXPECT_EQ(ToText(back), "GET https://a.test/y\nAccept: x\nAuthorization: t");
  EXPECT_EQ(back.changes(1).reason(), v1::CHANGE_REASON_RESTORED);
  EXPECT_EQ(ToText(Walk(question,
                        {{302, "Location: https://b.test/2"}, {302, "Location: https://c.test/"}})),
            "GET https://c.test/\nAccept: x");
}

TEST(Profiles, AxiosBindsTheFirstUserinfoToItsOrigin) {
  const auto question =
      As(v1::PROFILE_AXIOS, Ask("GET https://u:p@a.test/", 302, "Location: https://b.a.test/"));
  EXPECT_EQ(ToText(Answer(question)), "GET https://b.a.test/");
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: https://a.test/y"}})),
            "GET https://a.test/y\nAuthorization: Basic dTpw");
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: https://a.test/y"},
                                   {302, "Location: https://c.test/"},
                                   {302, "Location: /z"}})),
            "GET https://c.test/z");
}

TEST(Profiles, JdkRemembersHowTheAuthorityIsWritten) {
  const auto question =
      As(v1::PROFILE_JDK, Ask("GET https://u:p@a.test/\nAuthorization: t", 302, "Location: /1"));
  EXPECT_EQ(ToText(Answer(question)), "GET https://a.test/1\nAuthorization: t");
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: https://a.test/2"}})), "GET https://a.test/2");
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: https://u:p@a.test/2"}})),
            "GET https://a.test/2\nAuthorization: t");
}

TEST(Profiles, AResponseIsUnreadableWhateverItsStatus) {
  const std::string location = "Location: /" + std::string(8200, 'n');
  for (const int status : {200, 302}) {
    EXPECT_EQ(Next(As(v1::PROFILE_AIOHTTP, Ask("GET https://a.test/", status, location))),
              "STOP LOCATION_TOO_LONG");
  }
  EXPECT_TRUE(Answer(As(v1::PROFILE_REQWEST, Ask("GET https://a.test/", 302, "Location: /\\x01")))
                  .stop()
                  .error());
  EXPECT_FALSE(Answer(As(v1::PROFILE_REQWEST, Ask("GET https://a.test/", 302, "Location: ///x")))
                   .stop()
                   .error());
}

TEST(Profiles, StrictAndGoNeverRestore) {
  for (const v1::Profile profile : {v1::PROFILE_STRICT, v1::PROFILE_GO}) {
    auto question =
        As(profile, Ask("GET https://a.test/\nAuthorization: t\nReferer: https://a.test/", 302,
                        "Location: https://b.test/"));
    const v1::FollowResponse back =
        Walk(question, {{302, "Location: https://a.test/y"}, {302, "Location: /z"}});
    EXPECT_TRUE(back.chain().credentials_dropped());
    EXPECT_EQ(ToText(back).find("Authorization"), std::string::npos) << ToText(back);
  }
}

TEST(Profiles, GoTellsItsOwnRefererFromTheCallers) {
  const auto own = As(v1::PROFILE_GO, Ask("GET https://a.test/1", 302, "Location: /2"));
  EXPECT_EQ(ToText(Walk(own, {{302, "Location: /3"}})),
            "GET https://a.test/3\nReferer: https://a.test/2");
  EXPECT_EQ(ToText(Walk(own, {{302, "Location: http://a.test/3"}})), "GET http://a.test/3");
  const auto callers = As(
      v1::PROFILE_GO, Ask("GET https://a.test/1\nReferer: https://r.test/", 302, "Location: /2"));
  EXPECT_EQ(ToText(Walk(callers, {{302, "Location: /3"}})),
            "GET https://a.test/3\nReferer: https://r.test/");
}

TEST(Profiles, LimitsCountAsTheClientsDo) {
  struct Limit {
    v1::Profile profile;
    uint32_t followed;
    bool error;
  };
  for (const Limit& limit :
       {Limit{v1::PROFILE_STRICT, 20, true}, Limit{v1::PROFILE_GO, 9, true},
        Limit{v1::PROFILE_JDK, 4, false}, Limit{v1::PROFILE_URLLIB3, 3, true}}) {
    auto question = As(limit.profile, Ask("GET https://a.test/0", 302, "Location: /1"));
    v1::FollowResponse answer = Answer(question);
    uint32_t followed = 0;
    while (answer.has_next()) {
      ++followed;
      question = Then(question, answer, 302, "Location: /" + std::to_string(followed + 1));
      answer = Answer(question);
    }
    EXPECT_EQ(followed, limit.followed) << v1::Profile_Name(limit.profile);
    EXPECT_EQ(ToText(answer), "STOP LIMIT");
    EXPECT_EQ(answer.stop().error(), limit.error);
  }
}

TEST(Profiles, UrllibIsSentToAUrlFourTimes) {
  auto question = As(v1::PROFILE_URLLIB, Ask("GET https://a.test/x", 302, "Location: /x"));
  const std::pair<int, std::string_view> again = {302, "Location: /x"};
  EXPECT_EQ(ToText(Walk(question, {again, again, again})), "GET https://a.test/x");
  EXPECT_EQ(ToText(Walk(question, {again, again, again, again})), "STOP LOOP");
}

TEST(Profiles, TheChainRemembersThePageThatAsks) {
  const auto clear =
      As(v1::PROFILE_CHROMIUM_FETCH,
         Ask("GET https://a.test/\nOrigin: http://a.test", 302, "Location: https://b.test/"));
  EXPECT_EQ(ToText(Walk(clear, {{302, "Location: http://c.test/"}})),
            "GET http://c.test/\nOrigin: null");
  const auto secure =
      As(v1::PROFILE_CHROMIUM_FETCH,
         Ask("GET http://localhost/\nOrigin: https://a.test", 302, "Location: https://b.test/"));
  EXPECT_EQ(ToText(Walk(secure, {{302, "Location: http://c.test/"}})), "STOP DOWNGRADE");
}

TEST(Profiles, OneBrowserCountsEveryUrlForSameSite) {
  const auto walk = [](v1::Profile profile) {
    const auto question = As(profile, Ask("GET https://a.test/", 302,
                                          "Location: https://b.test/\nSet-Cookie: a=1; "
                                          "SameSite=Strict\nSet-Cookie: b=1; SameSite=Lax"));
    return ToText(Walk(question, {{302, "Location: https://a.test/x"}}));
  };
  EXPECT_EQ(walk(v1::PROFILE_CHROMIUM_NAVIGATION), "GET https://a.test/x\nCookie: a=1; b=1");
  EXPECT_EQ(walk(v1::PROFILE_FIREFOX_NAVIGATION), "GET https://a.test/x\nCookie: b=1");
}

TEST(Profiles, AReferrerPolicyHoldsForLaterHops) {
  const auto walk = [](v1::Profile profile, const std::string& first, std::string_view second) {
    const auto question = As(profile, Ask("GET https://a.test/\nReferer: https://a.test/p", 302,
                                          "Location: https://b.test/\nReferrer-Policy: " + first));
    return ToText(Walk(question, {{302, second}}));
  };
  EXPECT_EQ(walk(v1::PROFILE_STRICT, "unsafe-url", "Location: https://c.test/"),
            "GET https://c.test/\nReferer: https://a.test/p");
  EXPECT_EQ(walk(v1::PROFILE_STRICT, "no-referrer", "Location: https://a.test/x"),
            "GET https://a.test/x");
  // The one that a hop has ignored counts for the next one.
  EXPECT_EQ(walk(v1::PROFILE_FIREFOX_FETCH, "unsafe-url", "Location: https://a.test/"),
            "GET https://a.test/\nReferer: https://a.test/p\nOrigin: null");
  EXPECT_EQ(walk(v1::PROFILE_FIREFOX_FETCH, "origin",
                 "Location: https://a.test/\nReferrer-Policy: unsafe-url"),
            "GET https://a.test/\nReferer: https://a.test/\nOrigin: null");
}

// Measured: the fields of the first request return as soon as a hop stays on its origin.
TEST(Profiles, TwoClientsSendASecretToTheSecondUrlOfAnotherOrigin) {
  for (const v1::Profile profile : {v1::PROFILE_REQWEST, v1::PROFILE_FIREFOX_FETCH}) {
    auto question = As(
        profile, Ask("GET https://a.test/\nAuthorization: t", 302, "Location: https://b.test/1"));
    EXPECT_EQ(Next(question).find("Authorization"), std::string::npos);
    const std::string second = ToText(Walk(question, {{302, "Location: /2"}}));
    EXPECT_NE(second.find("Authorization: t"), std::string::npos) << second;
  }
}

// The field that a client makes from a URL's userinfo stays with that authority.
TEST(Profiles, UserinfoStaysWithItsAuthority) {
  auto question =
      As(v1::PROFILE_GO, Ask("GET https://a.test/", 302, "Location: https://u:p@b.test/"));
  EXPECT_NE(ToText(Walk(question, {{302, "Location: /2"}})).find("Authorization: Basic dTpw"),
            std::string::npos);
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: //b.test/2"}})).find("Authorization"),
            std::string::npos);
}

// The service cannot tell whether it had a password. The package that withheld it fills in the
// value.
TEST(Profiles, WithheldUserinfoIsAWithheldAuthorization) {
  for (const v1::Profile profile : {v1::PROFILE_CURL, v1::PROFILE_GUZZLE, v1::PROFILE_REQUESTS,
                                    v1::PROFILE_HTTPX, v1::PROFILE_AIOHTTP, v1::PROFILE_AXIOS}) {
    const v1::FollowResponse answer =
        Answer(As(profile, Ask("GET https://-@a.test/", 302, "Location: /y")));
    ASSERT_EQ(answer.next().headers_size(), 1) << v1::Profile_Name(profile);
    EXPECT_EQ(answer.next().headers(0).name(), "Authorization");
    EXPECT_EQ(answer.next().headers(0).content_case(), v1::Header::CONTENT_NOT_SET);
  }
}

TEST(Profiles, UnverifiedOnesSaySo) {
  Profile profile = *FindProfile(v1::PROFILE_CURL);
  profile.verified = false;
  const http::Url url = *http::ParseUrl("https://a.test/");
  v1::FollowResponse answer;
  WarnOfNext(Ask("GET https://a.test/", 302, "Location: /x"), profile, url, url, false, answer);
  ASSERT_EQ(answer.warnings_size(), 1);
  EXPECT_EQ(answer.warnings(0).code(), v1::WARNING_CODE_PROFILE_UNVERIFIED);
}

}  // namespace
}  // namespace fingerpost::follow
