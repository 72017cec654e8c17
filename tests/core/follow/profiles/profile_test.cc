// Client profiles: every client has its row, and the habits that distinguish them. tests/profiles
// has the real clients' behaviour.
#include "core/follow/profiles/profile.h"

#include <gtest/gtest.h>

#include <set>

#include "core/follow/asking.h"

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

struct Habit {
  v1::Profile profile;
  const char* request;
  int status;
  const char* fields;
  const char* expected;
};
void PrintTo(const Habit& habit, std::ostream* out) {
  *out << v1::Profile_Name(habit.profile) << " " << habit.request << " " << habit.status;
}

class HabitTable : public ::testing::TestWithParam<Habit> {};
TEST_P(HabitTable, Habit) {
  const Habit& habit = GetParam();
  EXPECT_EQ(Next(As(habit.profile, Ask(habit.request, habit.status, habit.fields))),
            habit.expected);
}

constexpr Habit kHabits[] = {
    {v1::PROFILE_FETCH, "POST https://a.test/ [once]", 302, "Location: /x",
     "STOP BODY_NOT_REPLAYABLE"},
    {v1::PROFILE_FETCH, "POST https://a.test/ [once]", 303, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_FETCH, "GET https://a.test/", 302, "Location: /x\nLocation: /x",
     "STOP CONFLICTING_LOCATIONS"},
    {v1::PROFILE_FETCH, "GET https://a.test/p", 302, "Location:", "GET https://a.test/p"},
    {v1::PROFILE_FETCH, "GET https://a.test/\nX-Api-Key: k\nAuthorization: t", 302,
     "Location: http://b.test/", "GET http://b.test/\nX-Api-Key: k\nOrigin: https://a.test"},
    {v1::PROFILE_FETCH, "POST https://a.test/ [body]\nOrigin: https://a.test", 303, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_CHROMIUM_FETCH, "GET https://a.test/", 302, "Location: /x\nLocation: /y",
     "STOP CONFLICTING_LOCATIONS"},
    {v1::PROFILE_FIREFOX_FETCH, "GET https://a.test/", 302, "Location: /x\ty",
     "GET https://a.test/x%09y"},
    {v1::PROFILE_CURL_FOLLOW, "PUT https://a.test/ [body]", 302, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_CURL_FOLLOW, "PUT https://a.test/", 302, "Location: /x", "PUT https://a.test/x"},
    {v1::PROFILE_CURL, "GET https://a.test/", 302, "Location: https:/b.test/x?a b",
     "GET https://b.test/x?a+b"},
    {v1::PROFILE_REQUESTS, "PUT https://a.test/ [once]", 307, "Location: /x",
     "PUT https://a.test/x"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/", 302, "Location: ///b.test/x",
     "GET https://a.test/b.test/x"},
    {v1::PROFILE_GO, "GET https://a.test/", 302, "Location: https:x", "STOP INVALID_LOCATION"},
    {v1::PROFILE_JDK, "GET https://a.test/d/p", 302, "Location: ?q", "GET https://a.test/d/?q"},
    {v1::PROFILE_HTTPCLIENT5, "GET https://a.test/d/p", 302, "Location: ?q",
     "GET https://a.test/?q"},
    {v1::PROFILE_AXIOS, "GET https://a.test/\nProxy-Authorization: t", 302, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_CURL, "GET https://a.test/", 305, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_CURL, "GET https://a.test/", 302, "Location: ftp://a.test/",
     "STOP SCHEME_NOT_ALLOWED"},
    {v1::PROFILE_CURL, "GET https://a.test/", 302, "Location: https://u:p%40@b.test/",
     "GET https://b.test/\nAuthorization: Basic dTpwQA=="},
    {v1::PROFILE_CURL_X, "POST https://a.test/ [body]\nContent-Length: 1", 302, "Location: /x",
     "POST https://a.test/x"},
    {v1::PROFILE_CURL_FOLLOW, "PUT https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_GO, "DELETE https://a.test/", 302, "Location: /x",
     "GET https://a.test/x\nReferer: https://a.test/"},
    {v1::PROFILE_GO, "GET https://a.test/\nAuthorization: t", 302, "Location: http://b.a.test:81/",
     "GET http://b.a.test:81/\nAuthorization: t"},
    {v1::PROFILE_GO, "GET https://a.test/\nHost: v", 302, "Location: /x",
     "GET https://a.test/x\nHost: v\nReferer: https://a.test/"},
    {v1::PROFILE_GO, "GET https://a.test/\nHost: v", 302, "Location: https://a.test/x",
     "GET https://a.test/x\nReferer: https://a.test/"},
    {v1::PROFILE_REQUESTS, "PUT https://a.test/ [body]", 301, "Location: /x",
     "PUT https://a.test/x"},
    {v1::PROFILE_REQUESTS, "PUT https://a.test/ [body]", 302, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_REQUESTS, "GET http://a.test/\nAuthorization: t", 302, "Location: https://a.test/",
     "GET https://a.test/\nAuthorization: t"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/\nCookie: a=b", 302, "Location: /x\nSet-Cookie: c=d",
     "GET https://a.test/x\nCookie: c=d"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/#f", 302, "Location: /x#", "GET https://a.test/x#f"},
    {v1::PROFILE_URLLIB3, "POST https://a.test/ [body]", 302, "Location: /x",
     "POST https://a.test/x [body]"},
    {v1::PROFILE_URLLIB3, "HEAD https://a.test/", 303, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_URLLIB3, "GET https://a.test/", 302, "Location: /\\xc3\\xa9",
     "GET https://a.test/%C3%83%C2%A9"},
    {v1::PROFILE_HTTPX, "PATCH https://a.test/ [body]\nContent-Type: t", 302, "Location: /x",
     "GET https://a.test/x\nContent-Type: t"},
    {v1::PROFILE_AIOHTTP, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://u:p@b.test/", "GET https://b.test/\nAuthorization: Basic dTpw"},
    {v1::PROFILE_AIOHTTP, "GET https://a.test/", 302, "URI: /x", "GET https://a.test/x"},
    {v1::PROFILE_URLLIB, "PUT https://a.test/ [body]", 302, "Location: /x",
     "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_URLLIB, "GET https://a.test/\nAuthorization: t", 302, "Location: https://b.test/",
     "GET https://b.test/\nAuthorization: t"},
    {v1::PROFILE_UNDICI_FETCH, "GET https://a.test/", 302, "Location: /\\xe9",
     "GET https://a.test/%EF%BF%BD"},
    {v1::PROFILE_UNDICI_REDIRECT, "GET https://a.test/", 300, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_UNDICI_REDIRECT, "POST https://a.test/x", 307, "Location: /x", "STOP LOOP"},
    {v1::PROFILE_FOLLOW_REDIRECTS, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://b.a.test/", "GET https://b.a.test/\nAuthorization: t"},
    {v1::PROFILE_FOLLOW_REDIRECTS, "GET https://a.test/\nAuthorization: t", 302,
     "Location: http://a.test/", "GET http://a.test/"},
    {v1::PROFILE_OKHTTP, "PROPFIND https://a.test/ [body]", 303, "Location: /x",
     "PROPFIND https://a.test/x [body]"},
    {v1::PROFILE_OKHTTP, "PUT https://a.test/ [body]", 301, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_OKHTTP, "GET https://a.test/", 302, "Location: /x\nLocation: /y",
     "GET https://a.test/y"},
    {v1::PROFILE_HTTPCLIENT5, "GET https://a.test/\nCookie: a=b", 302, "Location: https://b.test/",
     "STOP CREDENTIALS_PRESENT"},
    {v1::PROFILE_HTTPCLIENT5, "POST https://a.test/ [body]\nX: 1", 302, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_HTTPCLIENT5, "GET https://a.test/", 302, "Location: /a b",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_JDK, "GET https://a.test/", 302, "Location: http://a.test/", "STOP DOWNGRADE"},
    {v1::PROFILE_JDK, "GET https://a.test/\nAuthorization: t", 302, "Location: https://a.test:443/",
     "GET https://a.test/"},
    {v1::PROFILE_REQWEST, "GET https://u@a.test/p?q#f", 302, "Location: https://b.test/",
     "GET https://b.test/\nReferer: https://a.test/p?q"},
    {v1::PROFILE_REQWEST, "GET https://a.test/", 302, "Location: ///x", "STOP INVALID_LOCATION"},
    {v1::PROFILE_WGET, "GET https://a.test/\nAuthorization: t", 302, "Location: http://b.test/",
     "GET http://b.test/\nAuthorization: t"},
    {v1::PROFILE_FARADAY, "GET https://a.test/\nAuthorization: t", 302, "Location: //evil.test/",
     "GET https://evil.test/\nAuthorization: t"},
    {v1::PROFILE_FARADAY, "QUERY https://a.test/", 302, "Location: /x", "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_GUZZLE, "POST https://a.test/ [body]\nContent-Type: t\nReferer: r", 302,
     "Location: /x", "GET https://a.test/x\nContent-Type: t"},
    {v1::PROFILE_GUZZLE, "GET https://a.test/", 300, "Location: /x", "STOP STATUS_NOT_FOLLOWED"},
    {v1::PROFILE_DOTNET, "GET https://a.test/\nAuthorization: t\nCookie: a=b", 302, "Location: /x",
     "GET https://a.test/x\nCookie: a=b"},
    {v1::PROFILE_DOTNET, "GET https://a.test/", 302, "Location: http://a.test/", "STOP DOWNGRADE"},
};
INSTANTIATE_TEST_SUITE_P(Clients, HabitTable, ::testing::ValuesIn(kHabits));

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

TEST(Profiles, UnverifiedOnesSaySo) {
  const v1::FollowResponse answer =
      Answer(As(v1::PROFILE_DOTNET, Ask("GET https://a.test/", 302, "Location: /x")));
  ASSERT_EQ(answer.warnings_size(), 1);
  EXPECT_EQ(answer.warnings(0).code(), v1::WARNING_CODE_PROFILE_UNVERIFIED);
  EXPECT_EQ(answer.profile(), v1::PROFILE_DOTNET);
}

}  // namespace
}  // namespace fingerpost::follow
