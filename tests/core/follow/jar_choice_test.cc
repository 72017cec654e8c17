// Whose cookie jar the chain has (options.jar), and the rules of the clients' own.
#include <gtest/gtest.h>

#include "core/follow/asking.h"
#include "core/follow/profiles/profile.h"

namespace fingerpost::follow {
namespace {

using testing::Ask;
using testing::Next;
using testing::ToText;
using testing::Walk;

v1::FollowRequest With(v1::Profile profile, v1::CookieJar jar, std::string_view request,
                       std::string_view fields) {
  v1::FollowRequest question = Ask(request, 302, fields);
  question.mutable_options()->set_profile(profile);
  question.mutable_options()->set_jar(jar);
  question.mutable_now()->set_seconds(1795000000);
  return question;
}

struct Choice {
  v1::Profile profile;
  v1::CookieJar jar;
  const char* expected;
};
void PrintTo(const Choice& choice, std::ostream* out) {
  *out << v1::Profile_Name(choice.profile) << " " << v1::CookieJar_Name(choice.jar);
}

class ChoiceTable : public ::testing::TestWithParam<Choice> {};
TEST_P(ChoiceTable, Choice) {
  const Choice& choice = GetParam();
  EXPECT_EQ(Next(With(choice.profile, choice.jar, "GET https://a.test/",
                      "Location: /x\nSet-Cookie: s=1")),
            choice.expected);
}
constexpr const char* kWithout = "GET https://a.test/x";
constexpr const char* kSent = "GET https://a.test/x\nCookie: s=1";
constexpr Choice kChoices[] = {
    {v1::PROFILE_STRICT, v1::COOKIE_JAR_UNSPECIFIED, kSent},
    {v1::PROFILE_STRICT, v1::COOKIE_JAR_NONE, kWithout},
    {v1::PROFILE_STRICT, v1::COOKIE_JAR_CLIENT, kSent},
    {v1::PROFILE_STRICT, v1::COOKIE_JAR_BROWSER, kSent},
    {v1::PROFILE_REQUESTS, v1::COOKIE_JAR_UNSPECIFIED, kSent},
    {v1::PROFILE_REQUESTS, v1::COOKIE_JAR_NONE, kWithout},
    {v1::PROFILE_CURL, v1::COOKIE_JAR_UNSPECIFIED, kWithout},
    {v1::PROFILE_CURL, v1::COOKIE_JAR_CLIENT, kSent},
    {v1::PROFILE_CURL, v1::COOKIE_JAR_BROWSER, kSent},
    {v1::PROFILE_AXIOS, v1::COOKIE_JAR_BROWSER, kSent},
    {v1::PROFILE_AXIOS, v1::COOKIE_JAR_CLIENT, "INVALID options.jar"},
    {v1::PROFILE_CURL, static_cast<v1::CookieJar>(9), "INVALID options.jar"},
};
INSTANTIATE_TEST_SUITE_P(Jars, ChoiceTable, ::testing::ValuesIn(kChoices));

// A response's Set-Cookie and the request that follows, with the client's own jar.
struct Habit {
  v1::Profile profile;
  const char* request;
  const char* fields;
  const char* expected;
};
void PrintTo(const Habit& habit, std::ostream* out) {
  *out << v1::Profile_Name(habit.profile) << " " << habit.fields;
}

class JarHabitTable : public ::testing::TestWithParam<Habit> {};
TEST_P(JarHabitTable, Habit) {
  const Habit& habit = GetParam();
  EXPECT_EQ(Next(With(habit.profile, v1::COOKIE_JAR_CLIENT, habit.request, habit.fields)),
            habit.expected);
}

constexpr const char* kPage = "GET http://a.test/d/p";
constexpr Habit kHabits[] = {
    // What becomes of a hand-set Cookie.
    {v1::PROFILE_CURL, "GET http://a.test/\nCookie: s=hand", "Location: /x\nSet-Cookie: s=1",
     "GET http://a.test/x\nCookie: s=1\nCookie: s=hand"},
    {v1::PROFILE_WGET, "GET http://a.test/\nCookie: s=hand", "Location: /x\nSet-Cookie: t=1",
     "GET http://a.test/x\nCookie: s=hand"},
    {v1::PROFILE_GUZZLE, "GET http://a.test/\nCookie: s=hand",
     "Location: /x\nSet-Cookie: t=1; Path=/", "GET http://a.test/x\nCookie: t=1"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/\nCookie: z=1; s=hand; flag",
     "Location: /x\nSet-Cookie: s=1", "GET http://a.test/x\nCookie: flag=; s=1; z=1"},
    {v1::PROFILE_DOTNET, "GET http://a.test/\nCookie: s=hand",
     "Location: /x\nSet-Cookie: s=1; Path=/", "GET http://a.test/x\nCookie: s=hand; s=1"},
    {v1::PROFILE_GO, "GET http://a.test/\nCookie: z=1; s=hand; a=1", "Location: x\nSet-Cookie: s=1",
     "GET http://a.test/x\nCookie: a=1; z=1; s=1\nReferer: http://a.test/"},
    {v1::PROFILE_GO, "GET http://a.test/\nCookie: s=hand", "Location: x\nSet-Cookie: s=; Max-Age=0",
     "GET http://a.test/x\nCookie: \nReferer: http://a.test/"},
    // Domain.
    {v1::PROFILE_REQUESTS, kPage, "Location: http://sub.a.test/\nSet-Cookie: s=1; Path=/",
     "GET http://sub.a.test/\nCookie: s=1"},
    {v1::PROFILE_CURL, kPage, "Location: http://sub.a.test/\nSet-Cookie: s=1; Path=/",
     "GET http://sub.a.test/"},
    {v1::PROFILE_CURL, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Domain=b.test; Domain=a.test",
     "GET http://a.test/"},
    {v1::PROFILE_AIOHTTP, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Domain=A.test",
     "GET http://a.test/"},
    {v1::PROFILE_AIOHTTP, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Domain=b.test.",
     "GET http://a.test/\nCookie: s=1"},
    {v1::PROFILE_HTTPCLIENT5, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Domain=..a.test.",
     "GET http://a.test/\nCookie: s=1"},
    {v1::PROFILE_REQUESTS, kPage,
     "Location: /\nSet-Cookie: s=1; Path=/; Domain=", "GET http://a.test/"},
    // Path.
    {v1::PROFILE_WGET, kPage, "Location: /d\nSet-Cookie: s=1; Path=/x\nSet-Cookie: t=1; Path=/d",
     "GET http://a.test/d\nCookie: t=1"},
    {v1::PROFILE_JDK, "GET http://localhost/d/p",
     "Location: http://xlocalhost/\nSet-Cookie: s=1; Version=1; Path=/", "GET http://xlocalhost/"},
    {v1::PROFILE_JDK, "GET http://localhost/d/p",
     "Location: http://xlocalhost/\nSet-Cookie: s=1; Path=/", "GET http://xlocalhost/"},
    {v1::PROFILE_JDK, kPage, "Location: /directory\nSet-Cookie: s=1; Path=/d",
     "GET http://a.test/directory\nCookie: s=1"},
    {v1::PROFILE_DOTNET, kPage, "Location: /directory\nSet-Cookie: s=1; Path=/d",
     "GET http://a.test/directory"},
    {v1::PROFILE_DOTNET, kPage, "Location: /d\nSet-Cookie: s=1",
     "GET http://a.test/d\nCookie: s=1"},
    {v1::PROFILE_GUZZLE, kPage, "Location: /\nSet-Cookie: s=1", "GET http://a.test/\nCookie: s=1"},
    {v1::PROFILE_CURL, kPage, "Location: /\nSet-Cookie: s=1; Path=d",
     "GET http://a.test/\nCookie: s=1"},
    {v1::PROFILE_CURL, kPage, "Location: /d\nSet-Cookie: s=1; Path=/d/",
     "GET http://a.test/d\nCookie: s=1"},
    // Secure.
    {v1::PROFILE_AIOHTTP, kPage, "Location: https://a.test/\nSet-Cookie: s=1; Path=/; Secure",
     "GET https://a.test/\nCookie: s=1"},
    {v1::PROFILE_CURL, kPage, "Location: https://a.test/\nSet-Cookie: s=1; Path=/; Secure",
     "GET https://a.test/"},
    {v1::PROFILE_CURL, "GET http://localhost/", "Location: /\nSet-Cookie: s=1; Path=/; Secure",
     "GET http://localhost/\nCookie: s=1"},
    {v1::PROFILE_DOTNET, kPage, "Location: /d\nSet-Cookie: s=1; Path=/; Secure=no",
     "GET http://a.test/d\nCookie: s=1"},
    // Expiry.
    {v1::PROFILE_CURL, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Max-Age=soon",
     "GET http://a.test/"},
    {v1::PROFILE_REQUESTS, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Max-Age=soon",
     "GET http://a.test/"},
    {v1::PROFILE_REQUESTS, kPage,
     "Location: /\nSet-Cookie: s=1; Path=/; Expires=Wed Jun  9 10:18:14 2010",
     "GET http://a.test/\nCookie: s=1"},
    {v1::PROFILE_GUZZLE, kPage,
     "Location: /\nSet-Cookie: s=1; Path=/; Expires=2010-06-09T10:18:14Z", "GET http://a.test/"},
    {v1::PROFILE_WGET, kPage,
     "Location: /d\nSet-Cookie: s=1; Path=/; Max-Age=60; Expires=Wed, 09 Jun 2010 10:18:14 GMT",
     "GET http://a.test/d"},
    // Names, values and their quotes.
    {v1::PROFILE_DOTNET, kPage, "Location: /\nSet-Cookie: s=a,b; Path=/",
     "GET http://a.test/\nCookie: b="},
    {v1::PROFILE_GO, kPage, "Location: /\nSet-Cookie: s=a b; Path=/\nSet-Cookie: t=\"1\"; Path=/",
     "GET http://a.test/\nReferer: http://a.test/d/p\nCookie: s=\"a b\"; t=\"1\""},
    {v1::PROFILE_AIOHTTP, kPage,
     "Location: /\nSet-Cookie: s=a,\\\\; Path=/\nSet-Cookie: t=; Path=/",
     "GET http://a.test/\nCookie: s=\"a\\054\\\\\"; t=\"\""},
    {v1::PROFILE_HTTPCLIENT5, kPage, "Location: /\nSet-Cookie: s=\"1\"; Path=/",
     "GET http://a.test/\nCookie: s=1"},
    // The order.
    {v1::PROFILE_CURL, kPage, "Location: /\nSet-Cookie: a=1; Path=/\nSet-Cookie: b=1; Path=/",
     "GET http://a.test/\nCookie: b=1; a=1"},
    {v1::PROFILE_WGET, kPage, "Location: /d\nSet-Cookie: b=1; Path=/\nSet-Cookie: a=1; Path=/",
     "GET http://a.test/d\nCookie: a=1; b=1"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, kPage,
     "Location: /\nSet-Cookie: z=1; Path=/\nSet-Cookie: y=1; Path=/\nSet-Cookie: z=2; Path=/",
     "GET http://a.test/\nCookie: y=1; z=2"},
    {v1::PROFILE_FIREFOX_NAVIGATION, kPage,
     "Location: https://a.test/\nSet-Cookie: s=1; Path=/; SameSite=Strict",
     "GET https://a.test/\nCookie: s=1"},
    // WordPress knows the domain alone, and its jar displaces a hand-set Cookie for good.
    {v1::PROFILE_WORDPRESS_REQUESTS, "GET http://a.test/d/p\nCookie: s=hand",
     "Location: http://b.test/\nSet-Cookie: s=1; Path=/x; Secure", "GET http://b.test/"},
    {v1::PROFILE_WORDPRESS_REQUESTS, kPage,
     "Location: /\nSet-Cookie: s=1; Path=/x; Secure\nSet-Cookie: t=1\nSet-Cookie: s=2",
     "GET http://a.test/\nCookie: s=2; t=1"},
    {v1::PROFILE_WORDPRESS_REQUESTS, kPage,
     "Location: /\nSet-Cookie: s=1\nSet-Cookie: t=1\nSet-Cookie: s=; Max-Age=0\nSet-Cookie: s=2",
     "GET http://a.test/\nCookie: s=2; t=1"},
    {v1::PROFILE_WORDPRESS_REQUESTS, kPage, "Location: /\nSet-Cookie: s=1; Domain\nSet-Cookie: t",
     "GET http://a.test/\nCookie: =t"},
    // Wget2 looks at directories.
    {v1::PROFILE_WGET2, "GET http://a.test/d/p\nCookie: s=hand",
     "Location: /directory/\nSet-Cookie: s=1; Path=/d",
     "GET http://a.test/directory/\nCookie: s=1\nCookie: s=hand"},
    {v1::PROFILE_WGET2, kPage, "Location: /d\nSet-Cookie: s=1; Path=/d\nSet-Cookie: t=1; Path=/",
     "GET http://a.test/d\nCookie: t=1"},
    {v1::PROFILE_WGET2, kPage,
     "Location: http://sub.a.test/\nSet-Cookie: s=1; Path=/; Domain=a.test",
     "GET http://sub.a.test/"},
    {v1::PROFILE_WGET2, kPage, "Location: /\nSet-Cookie: s=1; Path=/; Domain=..a.test; Max-Age=0",
     "GET http://a.test/\nCookie: s=1"},
    {v1::PROFILE_WGET2, "GET http://localhost/", "Location: /x\nSet-Cookie: s=1",
     "GET http://localhost/x"},
    {v1::PROFILE_WGET2, "GET https://a.test/",
     "Location: /x\nSet-Cookie: __Host-s=1; Secure; Path=/", "GET https://a.test/x"},
    {v1::PROFILE_SYMFONY_HTTP_CLIENT, "GET http://a.test/\nCookie: s=hand",
     "Location: /x\nSet-Cookie: s=1", "GET http://a.test/x\nCookie: s=1\nCookie: s=hand"},
    // Ruby.
    {v1::PROFILE_HTTPARTY, "GET http://a.test/d/p\nCookie: x=1; s=hand; y",
     "Location: http://b.test/\n"
     "Set-Cookie: s=1; Max-Age=0; Path=/; Secure",
     "GET http://b.test/\nCookie: x=1; s=1; y=; Max-Age=0"},
    {v1::PROFILE_HTTPARTY, kPage, "Location: /\nSet-Cookie: s=1;Path=/\nSet-Cookie: =2",
     "GET http://a.test/\nCookie: s=1;Path=/; =2"},
    {v1::PROFILE_HTTPARTY, kPage, "Location: /\nSet-Cookie: ;e", "GET http://a.test/\nCookie: ;e="},
    {v1::PROFILE_HTTPARTY, kPage, "Location: /\nSet-Cookie: path=1",
     "GET http://a.test/\nCookie: "},
    {v1::PROFILE_REST_CLIENT, "GET http://a.test/d/p\nCookie: s=hand",
     "Location: /d/x\nSet-Cookie: b=\"x;\\\\\"y\"; Path=\"/\"\n"
     "Set-Cookie: a=1, c=2; Domain=a.test.:80",
     "GET http://a.test/d/x\nCookie: a=1; b=\"x;\\\"y\"; c=2"},
    {v1::PROFILE_REST_CLIENT, "GET http://a.test/d/p\nCookie: s=hand",
     "Location: /\nSet-Cookie: a=1\nSet-Cookie: b=1; Path=/; Secure",
     "GET http://a.test/\nCookie: s=hand"},
    {v1::PROFILE_HTTP_RB, "GET http://a.test/d/p\nCookie: h=1; h=2; flag",
     "Location: http://b.test/\nSet-Cookie: s=\"a b\"; Secure\nSet-Cookie: h=",
     "GET http://b.test/\nCookie: h=1; s=a b"},
};
INSTANTIATE_TEST_SUITE_P(Jars, JarHabitTable, ::testing::ValuesIn(kHabits));

TEST(JarHabits, AHandSetCookieComesBackWhenTheJarHasNone) {
  const auto question =
      With(v1::PROFILE_GUZZLE, v1::COOKIE_JAR_CLIENT, "GET http://a.test/\nCookie: s=hand",
           "Location: /x/1\nSet-Cookie: t=1; Path=/x");
  EXPECT_EQ(ToText(Walk(question, {{302, "Location: /y"}})), "GET http://a.test/y\nCookie: s=hand");
  EXPECT_EQ(ToText(Walk(question,
                        {{302, "Location: http://b.test/"}, {302, "Location: http://a.test/y"}})),
            "GET http://a.test/y")
      << "but not after it was dropped";
}

TEST(JarHabits, CurlPutsBackTheCallersCookieAndNotTheJars) {
  EXPECT_EQ(ToText(Walk(
                With(v1::PROFILE_CURL, v1::COOKIE_JAR_CLIENT, "GET http://a.test/\nCookie: s=hand",
                     "Location: /x\nSet-Cookie: t=1; Path=/"),
                {{302, "Location: http://b.test/"},
                 {302, "Location: http://a.test/y\nSet-Cookie: b=1"}})),
            "GET http://a.test/y\nCookie: t=1\nCookie: s=hand");
}

TEST(JarHabits, TheJarsCookieIsNoCredentialOfTheCaller) {
  EXPECT_EQ(ToText(Walk(With(v1::PROFILE_HTTPCLIENT5, v1::COOKIE_JAR_UNSPECIFIED,
                             "GET http://a.test/", "Location: /x\nSet-Cookie: s=1; Path=/"),
                        {{302, "Location: http://b.test/"}})),
            "GET http://b.test/");
}

// HttpClient 4 sends such cookies in fields of their own; a chain goes on with as many as fit.
TEST(JarChoice, FieldsOfCookiesStayWithinTheLimit) {
  v1::FollowRequest question =
      With(v1::PROFILE_HTTPCLIENT4, v1::COOKIE_JAR_CLIENT, "GET http://a.test/0", "Location: /1");
  for (int i = 0; i < 253; ++i) {
    v1::Header& header = *question.mutable_request()->add_headers();
    header.set_name("X-" + std::to_string(i));
    header.set_value("1");
  }
  for (int i = 0; i < 16; ++i) {
    v1::Cookie& cookie = *question.mutable_chain()->add_cookies();
    cookie.set_name("c" + std::to_string(i));
    cookie.set_value("1");
    cookie.set_domain("a.test");
    cookie.set_host_only(true);
    cookie.set_path("/");
    cookie.set_version("1");
  }
  v1::FollowResponse answer = testing::Answer(question);
  for (const char* location : {"Location: /2", "Location: /3", "Location: /4"}) {
    ASSERT_TRUE(answer.has_next());
    EXPECT_EQ(answer.next().headers_size(), 261);
    question = testing::Then(question, answer, 302, location);
    answer = testing::Answer(question);
  }
}

}  // namespace
}  // namespace fingerpost::follow
