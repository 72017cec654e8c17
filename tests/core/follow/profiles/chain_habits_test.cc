// The clients' habits that need a jar, a switch or more than one hop to show.
#include <gtest/gtest.h>

#include "core/follow/asking.h"

namespace fingerpost::follow {
namespace {

using testing::Ask;
using testing::ToText;
using testing::Walk;

struct Habit {
  v1::Profile profile;
  const char* request;
  const char* first;   // The fields of the first response, a 302.
  int status;          // Of the second one; 0: there is none.
  const char* second;  // Its fields.
  const char* expected;
  v1::ClientSwitch with = v1::CLIENT_SWITCH_UNSPECIFIED;
};
void PrintTo(const Habit& habit, std::ostream* out) {
  *out << v1::Profile_Name(habit.profile) << " " << habit.request << " " << habit.first;
}

class ChainHabitTable : public ::testing::TestWithParam<Habit> {};
TEST_P(ChainHabitTable, Habit) {
  const Habit& habit = GetParam();
  v1::FollowRequest question = Ask(habit.request, 302, habit.first);
  question.mutable_options()->set_profile(habit.profile);
  question.mutable_now()->set_seconds(1795000000);
  if (habit.with != v1::CLIENT_SWITCH_UNSPECIFIED)
    question.mutable_options()->add_switches(habit.with);
  EXPECT_EQ(ToText(habit.status == 0 ? Walk(question, {})
                                     : Walk(question, {{habit.status, habit.second}})),
            habit.expected);
}

constexpr Habit kHabits[] = {
    // Referer has the authority as it was written.
    {v1::PROFILE_GO, "GET http://A.test:80/1", "Location: 2", 302, "Location: /3",
     "GET http://a.test/3\nReferer: http://A.test:80/2"},
    {v1::PROFILE_GO, "GET http://a.test/1", "Location: //u@B.test:/2", 302, "Location: 3",
     "GET http://b.test/3\nAuthorization: Basic dTo=\nReferer: http://B.test:/2"},
    {v1::PROFILE_GO, "GET http://A.test/1", "Location: http://b.test/2", 302, "Location: 3",
     "GET http://b.test/3\nReferer: http://b.test/2"},
    {v1::PROFILE_CURL, "GET http://A.test:080/1", "Location: 2", 302, "Location: 3",
     "GET http://a.test/3\nReferer: http://A.test:80/2", v1::CLIENT_SWITCH_AUTO_REFERER},
    {v1::PROFILE_CURL, "GET http://A.test:/1", "Location: 2", 0, "",
     "GET http://a.test/2\nReferer: http://A.test/1", v1::CLIENT_SWITCH_AUTO_REFERER},
    // The first request's content counts ever after.
    {v1::PROFILE_GO, "POST http://a.test/ [once]", "Location: /x", 307, "Location: /y",
     "STOP BODY_NOT_REPLAYABLE"},
    {v1::PROFILE_GO, "POST http://a.test/ [body]", "Location: /x", 307, "Location: /y",
     "GET http://a.test/y\nReferer: http://a.test/x"},
    {v1::PROFILE_GO, "GET http://a.test/", "Location: http://:81/x", 0, "",
     "GET http://localhost:81/x\nHost: :81\nReferer: http://a.test/"},
    {v1::PROFILE_GO, "GET http://a.test/p?q", "Location: //", 0, "",
     "GET http://a.test/p?q\nReferer: http://a.test/p?q"},
    {v1::PROFILE_GO, "GET http://a.test/", "Location: http://2130706433/", 0, "",
     "STOP INVALID_LOCATION"},
    // LaxRedirectStrategy looks at the method of the first request.
    {v1::PROFILE_HTTPCLIENT5, "PUT http://a.test/", "Location: %", 0, "",
     "STOP METHOD_NOT_FOLLOWED", v1::CLIENT_SWITCH_LAX},
    {v1::PROFILE_HTTPCLIENT5, "POST http://a.test/ [body]", "Location: /x", 307, "Location: /y",
     "GET http://a.test/y", v1::CLIENT_SWITCH_LAX},
    {v1::PROFILE_HTTPCLIENT5, "GET http://a.test/\nAuthorization: t", "Location: http://b%2f.test/",
     0, "", "STOP CREDENTIALS_PRESENT"},
    {v1::PROFILE_HTTPCLIENT5, "GET http://a.test/", "Location: /a//../b", 0, "",
     "GET http://a.test/b"},
    // java.net.URI leaves too many "..".
    {v1::PROFILE_JDK, "GET http://a.test/d/p", "Location: ../../b", 302, "Location: c",
     "GET http://a.test/../c"},
    {v1::PROFILE_REACTOR_NETTY, "GET http://a.test/", "Location: /\\xE9", 0, "",
     "GET http://a.test/\xC3\xA9"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/", "Location: \\0/p", 0, "",
     "GET http://a.test/p"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/", "Location: https:///x", 0, "",
     "STOP SCHEME_NOT_ALLOWED"},
    {v1::PROFILE_HTTPCLIENT4, "GET http://a.test/", "Location: /a/b/%2e%2e", 0, "",
     "GET http://a.test/a"},
    {v1::PROFILE_HTTPCLIENT4, "GET http://a.test/a/b", "Location: .", 0, "",
     "GET http://a.test/a/"},
    {v1::PROFILE_JETTY, "GET http://a.test/", "Location: /a[b?c[", 0, "",
     "GET http://a.test/a%5Bb??c["},
    // A Referer has the zone that no URL has.
    {v1::PROFILE_GO, "GET http://a.test/", "Location: http://[::1%25l%6f]:8080/x", 302,
     "Location: y", "GET http://[::1]:8080/y\nReferer: http://[::1%25lo]:8080/x"},
    {v1::PROFILE_GO, "GET http://a.test/", "Location: http://[::1%25lo]/x", 302,
     "Location: http://a.test/y", "GET http://a.test/y\nReferer: http://[::1%25lo]/x"},
    // HttpClient 4 removes dots, decodes, and removes them again.
    {v1::PROFILE_HTTPCLIENT4, "GET http://a.test/a/%2e%2e/b/%2e/c?q", "Location: ../up", 0, "",
     "GET http://a.test/b/up"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/a/./b/../c%2e/d?q", "Location: ?x", 0, "",
     "GET http://a.test/a/./b/../c%2e/?x"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/a?x y", "Location: #f", 0, "",
     "GET http://a.test/a?x+y#f"},
    // The caller's own Host is dropped, and the zone's takes its place.
    {v1::PROFILE_JETTY, "GET http://a.test/\nHost: own.test", "Location: http://[::1%lo]/x", 0, "",
     "GET http://[::1]/x\nHost: [::1%lo]"},
    {v1::PROFILE_HTTPX, "GET http://a.test/\nHost: own.test", "Location: http://[::1%25]/x", 0, "",
     "GET http://[::1]/x\nHost: [::1%25]"},
    {v1::PROFILE_CURL, "GET http://a.test/\nHost: own.test", "Location: http://[::1%lo]/x", 0, "",
     "GET http://[::1]/x"},
    // yarl joins with the decoded directory.
    {v1::PROFILE_AIOHTTP, "GET http://a.test/a%2Fb c/d", "Location: ../e f", 0, "",
     "GET http://a.test/a/e%20f"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/a b/c", "Location: d", 0, "",
     "GET http://a.test/a b/d"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/a b/c/", "Location: d", 0, "",
     "GET http://a.test/a%20b/c/d"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/a%23b/c", "Location: d", 0, "",
     "GET http://a.test/a%23b/d"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/", "Location: http:/\\\\b.test/", 0, "",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/", "Location: /x?\\xE9", 0, "", "GET http://a.test/x"},
    {v1::PROFILE_URLLIB, "GET http://a.test/", "Location: /x\\x20", 0, "",
     "GET http://a.test/x%20"},
    // Cookies.
    {v1::PROFILE_JETTY, "GET https://a.test/", "Location: /\nSet-Cookie: s=\"1; Max-Age=-1", 0, "",
     "GET https://a.test/\nCookie: s=1"},
    {v1::PROFILE_JETTY, "GET https://a.test/", "Location: /\nSet-Cookie: s=1; Domain=.a.test", 0,
     "", "GET https://a.test/"},
    {v1::PROFILE_JETTY, "GET https://a.test/", "Location: /\nSet-Cookie: s=1; Secure=no", 0, "",
     "GET https://a.test/"},
    {v1::PROFILE_JETTY, "GET http://a.test/",
     "Location: https://a.test/\nSet-Cookie: __Secure-s=1; Secure", 0, "", "GET https://a.test/"},
    {v1::PROFILE_JETTY, "GET https://a.test/",
     "Location: /\nSet-Cookie: s=1; Max-Age=60; Expires=Wed, 09 Jun 2010 10:18:14 GMT", 0, "",
     "GET https://a.test/"},
    {v1::PROFILE_HTTPCLIENT4, "GET https://a.test/",
     "Location: /\nSet-Cookie: s=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT", 0, "",
     "GET https://a.test/"},
    {v1::PROFILE_HTTPCLIENT4, "GET https://a.test/",
     "Location: /\nSet-Cookie: s=1; Expires=Wed, 09-Jun-2100 10:18:14 GMT", 0, "",
     "GET https://a.test/\nCookie: s=1"},
    {v1::PROFILE_HTTPCLIENT4, "GET https://a.test/",
     "Location: https://s.a.test/\nSet-Cookie: s=1; Domain=.; Domain=b.test", 0, "",
     "GET https://s.a.test/\nCookie: s=1"},
    {v1::PROFILE_HTTPCLIENT5, "GET https://a.test/", "Location: /\nSet-Cookie: s=a \t b\\\\c", 0,
     "", "GET https://a.test/\nCookie: s=\"a b\\\\c\""},
};
INSTANTIATE_TEST_SUITE_P(Clients, ChainHabitTable, ::testing::ValuesIn(kHabits));

}  // namespace
}  // namespace fingerpost::follow
