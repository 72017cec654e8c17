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
    {v1::PROFILE_CURL, "GET https://a.test/", 302, "Location: /a\"b'<c>\\\\d[e]%2f%zz?q='x'",
     "GET https://a.test/a\"b'<c>\\d[e]%2F%zz?q='x'"},
    {v1::PROFILE_CURL, "GET https://a.test/d'\"/p?q=\"%7e", 302, "Location: n",
     "GET https://a.test/d'\"/n"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/", 302, "Location: /a%7eb%2f[c]?q='x'&%5f|",
     "GET https://a.test/a~b%2F%5Bc%5D?q='x'&_%7C"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/", 302, "Location: https://b.test/a/../b/%2e/c",
     "GET https://b.test/a/../b/./c"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/", 302, "Location: /a/../b/%2e/c",
     "GET https://a.test/b/c"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/", 302, "Location: /%41%2f%?%41",
     "GET https://a.test/A%252F%25?A"},
    {v1::PROFILE_REQUESTS, "GET https://a.test/", 302, "Location: /%41%2f%zz?%41",
     "GET https://a.test/%2541%252f%25zz?%2541"},
    {v1::PROFILE_GO, "GET https://a.test/", 302, "Location: /it's%2fa?q=\"a b'%zz\\\\",
     "GET https://a.test/it's%2fa?q=\"a b'%zz\\\nReferer: https://a.test/"},
    {v1::PROFILE_GO, "GET https://a.test/", 302, "Location: /it's%2fa b",
     "GET https://a.test/it%27s/a%20b\nReferer: https://a.test/"},
    {v1::PROFILE_GO, "GET https://a.test/p?q='x'", 302, "Location: /a/%2e%2e/b",
     "GET https://a.test/a/%2e%2e/b\nReferer: https://a.test/p?q='x'"},
    {v1::PROFILE_URLLIB3, "GET https://a.test/", 302, "Location: /%7e%2f%?%2f",
     "GET https://a.test/%257E%252F%25?%2F"},
    {v1::PROFILE_HTTPX, "GET https://a.test/", 302, "Location: https://b.test/a^/b/..?'%2f",
     "GET https://b.test/a^?'%2f"},
    {v1::PROFILE_AIOHTTP, "GET https://a.test/", 302, "Location: /a%2f%3a[%?b%2f'%7c",
     "GET https://a.test/a%2F:%5B%25?b/'%7C"},
    {v1::PROFILE_URLLIB, "GET https://a.test/", 302, "Location: https://b.test/a/../\"%2e<?'",
     "GET https://b.test/a/../\"%2e<?'"},
    {v1::PROFILE_WGET, "GET https://a.test/", 302, "Location: /%7e%2f%7c%?{'%5b",
     "GET https://a.test/~%2f%7C%25?%7B'%5b"},
    {v1::PROFILE_OKHTTP, "GET https://a.test/", 302, "Location: /a|[b]?c|'",
     "GET https://a.test/a%7C[b]?c|%27"},
    {v1::PROFILE_JDK, "GET https://a.test/d/p", 302, "Location: /a/../b?'",
     "GET https://a.test/a/../b?'"},
    {v1::PROFILE_JDK, "GET https://a.test/d/p", 302, "Location: a/../b?'",
     "GET https://a.test/d/b?'"},
    {v1::PROFILE_JDK, "GET https://a.test/", 302, "Location: /a[1]", "STOP INVALID_LOCATION"},
    {v1::PROFILE_HTTPCLIENT5, "GET https://a.test/", 302, "Location: /a/%2e%2e/../../b?'[]",
     "GET https://a.test/b?'[]"},
    {v1::PROFILE_FARADAY, "GET https://a.test/", 302, "Location: https://b.test/a/../%7c^?'%4",
     "GET https://b.test/a/../%7c%5E?%27%4"},
    {v1::PROFILE_GUZZLE, "GET https://a.test/", 302, "Location: /%2f[%?%2f[%",
     "GET https://a.test/%2F%5B%25?%2f%5B%25"},
    {v1::PROFILE_REQWEST, "GET https://a.test/", 302, "Location: /a^b",
     "GET https://a.test/a^b\nReferer: https://a.test/"},
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
    // A page over https reaches nothing over http, apart from the device itself; Origin names it.
    {v1::PROFILE_CHROMIUM_FETCH, "GET https://a.test/", 302, "Location: http://a.test/",
     "STOP DOWNGRADE"},
    {v1::PROFILE_FIREFOX_FETCH, "PUT https://a.test/ [body]\nOrigin: https://a.test", 307,
     "Location: http://b.test/", "STOP DOWNGRADE"},
    {v1::PROFILE_CHROMIUM_FETCH, "GET https://a.test/", 302, "Location: http://localhost/",
     "GET http://localhost/\nOrigin: https://a.test"},
    {v1::PROFILE_FIREFOX_FETCH, "GET https://a.test/\nOrigin: http://b.test", 302,
     "Location: http://c.test/", "GET http://c.test/\nOrigin: null"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "POST https://a.test/ [body]\nOrigin: https://a.test", 307,
     "Location: http://a.test/", "STOP DOWNGRADE"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "POST https://a.test/ [body]\nOrigin: https://a.test", 302,
     "Location: http://a.test/", "GET http://a.test/"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "POST https://a.test/ [body]\nOrigin: http://a.test", 308,
     "Location: http://a.test/", "POST http://a.test/ [body]\nOrigin: null"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "POST https://a.test/ [body]\nOrigin: https://a.test", 307,
     "Location: http://a.test/", "POST http://a.test/ [body]\nOrigin: null"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "POST https://a.test/ [body]\nOrigin: https://a.test", 307,
     "Location: https://b.test/", "POST https://b.test/ [body]\nOrigin: https://a.test"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "POST https://a.test/ [body]\nOrigin: https://a.test", 307,
     "Location: /x\nReferrer-Policy: no-referrer", "POST https://a.test/x [body]\nOrigin: null"},
    {v1::PROFILE_CHROMIUM_FETCH, "GET https://a.test/", 200, "Location: /x\nLocation: /y",
     "STOP CONFLICTING_LOCATIONS"},
    // Another site learns no more than by default, and the device itself is no exception.
    {v1::PROFILE_FIREFOX_FETCH, "GET https://a.test/\nReferer: https://a.test/p", 302,
     "Location: https://b.test/\nReferrer-Policy: unsafe-url",
     "GET https://b.test/\nReferer: https://a.test/\nOrigin: https://a.test"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "GET https://a.test/\nReferer: https://a.test/p", 302,
     "Location: https://b.test/\nReferrer-Policy: unsafe-url",
     "GET https://b.test/\nReferer: https://a.test/p"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "GET https://a.test/\nReferer: https://a.test/p", 302,
     "Location: http://localhost/", "GET http://localhost/"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "GET http://localhost/\nReferer: http://localhost/p", 302,
     "Location: http://a.test/", "GET http://a.test/\nReferer: http://localhost/"},
    // Jars.
    {v1::PROFILE_CHROMIUM_NAVIGATION, "GET https://a.test/", 302,
     "Location: /x\nSet-Cookie: a=1\nSet-Cookie: b=1\nSet-Cookie: a=2",
     "GET https://a.test/x\nCookie: b=1; a=2"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "GET https://a.test/", 302,
     "Location: /x\nSet-Cookie: a=1\nSet-Cookie: b=1\nSet-Cookie: a=2",
     "GET https://a.test/x\nCookie: a=2; b=1"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "GET http://a.test/", 302,
     "Location: https://a.test/\nSet-Cookie: a=1; SameSite=Strict",
     "GET https://a.test/\nCookie: a=1"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "GET http://a.test/", 302,
     "Location: https://a.test/\nSet-Cookie: a=1; SameSite=Strict", "GET https://a.test/"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "POST http://a.test/ [body]", 307,
     "Location: https://a.test/\nSet-Cookie: a=1\nSet-Cookie: b=1; SameSite=Lax",
     "POST https://a.test/ [body]\nCookie: a=1"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "GET https://a.test/\nReferer: https://b.test/", 302,
     "Location: /x\nSet-Cookie: a=1; SameSite=Strict\nSet-Cookie: b=1",
     "GET https://a.test/x\nReferer: https://b.test/\nCookie: b=1"},
    {v1::PROFILE_CHROMIUM_NAVIGATION, "GET https://a.test/", 302,
     "Location: /x\nSet-Cookie: a=1; Max-Age=+0\nSet-Cookie: b=1; Max-Age=0; Max-Age=x\n"
     "Set-Cookie: c=1; Domain=.\nSet-Cookie: d=1; Partitioned\nSet-Cookie: __Http-e=1; Secure\n"
     "Set-Cookie: f=x\ty",
     "GET https://a.test/x\nCookie: b=1"},
    {v1::PROFILE_FIREFOX_NAVIGATION, "GET https://a.test/", 302,
     "Location: /x\nSet-Cookie: a=1; Max-Age=+0\nSet-Cookie: b=\\xe9\nSet-Cookie: f=x\ty",
     "GET https://a.test/x\nCookie: a=1; b=\xef\xbf\xbd; f=x\ty"},
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
    {v1::PROFILE_NODE_FETCH, "HEAD https://a.test/", 303, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_NODE_FETCH, "POST https://a.test/ [once]", 302, "Location: /x",
     "STOP BODY_NOT_REPLAYABLE"},
    {v1::PROFILE_NODE_FETCH, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://b.a.test:81/", "GET https://b.a.test:81/\nAuthorization: t"},
    {v1::PROFILE_NODE_FETCH, "GET https://a.test/\nAuthorization: t", 302,
     "Location: http://a.test/", "GET http://a.test/"},
    {v1::PROFILE_NODE_FETCH, "GET https://a.test/", 302, "Location: https://u@b.test/",
     "GET https://b.test/\nAuthorization: Basic dQ=="},
    // It compares the hosts before it ends them, so b.test gets a secret of a.test.
    {v1::PROFILE_NODE_FETCH, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://b.test;.a.test/x", "GET https://b.test/;.a.test/x\nAuthorization: t"},
    {v1::PROFILE_GOT, "POST https://a.test/ [body]", 302, "Location: /x",
     "POST https://a.test/x [body]"},
    {v1::PROFILE_GOT, "POST https://a.test/ [body]", 302, "Location: https://b.test/",
     "GET https://b.test/"},
    {v1::PROFILE_GOT, "PUT https://a.test/ [body]\nContent-Type: t", 302,
     "Location: https://b.test/", "PUT https://b.test/"},
    {v1::PROFILE_GOT, "PUT https://a.test/\nContent-Type: t", 302, "Location: https://b.test/",
     "PUT https://b.test/\nContent-Type: t"},
    {v1::PROFILE_GOT, "PUT https://a.test/ [body]", 307, "Location: https://b.test/",
     "PUT https://b.test/ [body]"},
    {v1::PROFILE_SUPERAGENT, "PUT https://a.test/ [body]\nContent-Language: l", 302, "Location: /x",
     "GET https://a.test/x\nContent-Language: l"},
    {v1::PROFILE_SUPERAGENT, "HEAD https://a.test/", 302, "Location: /x",
     "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_SUPERAGENT, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://u%40:p@a.test/x", "GET https://a.test/x\nAuthorization: Basic dSU0MDpw"},
    {v1::PROFILE_SUPERAGENT, "GET https://a.test/\nAuthorization: t", 305,
     "Location: https://b.test/", "GET https://b.test/\nAuthorization: t"},
    {v1::PROFILE_NEEDLE, "PUT https://a.test/ [body]\nContent-Type: t", 307, "Location: /x",
     "GET https://a.test/x\nContent-Type: t"},
    {v1::PROFILE_NEEDLE, "GET https://a.test/\nAuthorization: t", 302, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_NEEDLE, "GET https://a.test/\nAuthorization: t\nCookie: a=b", 302,
     "Location: https://u@A.test/x", "GET https://a.test/x\nAuthorization: t"},
    {v1::PROFILE_NEEDLE, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://a.test:443/x", "GET https://a.test/x"},
    {v1::PROFILE_NEEDLE, "GET https://a.test/x", 302, "Location: https://a.test/x", "STOP LOOP"},
    {v1::PROFILE_MAKE_FETCH_HAPPEN, "GET https://a.test/\nAuthorization: t", 302,
     "Location: http://a.test:81/", "GET http://a.test:81/\nAuthorization: t"},
    {v1::PROFILE_MAKE_FETCH_HAPPEN, "GET https://a.test/", 302, "Location: https://u%40@b.test/",
     "GET https://b.test/\nAuthorization: Basic dSU0MDo="},
    {v1::PROFILE_DENO, "GET https://a.test/#f", 302, "Location: /x#", "GET https://a.test/x#f"},
    {v1::PROFILE_DENO, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://u:p@a.test/x",
     "GET https://a.test/x\nAuthorization: t\nAuthorization: Basic dTpw"},
    {v1::PROFILE_BUN, "GET https://a.test/", 302, "Location: /x?to=http://b.test/",
     "STOP SCHEME_NOT_ALLOWED"},
    {v1::PROFILE_BUN, "GET https://a.test/", 302, "Location: https://b.test///x",
     "GET https://b.test/x"},
    {v1::PROFILE_BUN, "GET https://a.test/", 302, "Location: /x\nLocation: /y",
     "GET https://a.test/y"},
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
    {v1::PROFILE_HTTP_URL_CONNECTION, "PUT http://a.test/ [body]\nCookie: a=b\nX: 1", 303,
     "Location: http://b.test/", "PUT http://b.test/ [body]\nX: 1"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "POST http://a.test/ [body]\nX: 1", 302, "Location: /x",
     "GET http://a.test/x"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "POST http://a.test/ [once]", 302, "Location: /x",
     "STOP BODY_NOT_REPLAYABLE"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/", 302, "Location: https://a.test/",
     "STOP SCHEME_NOT_ALLOWED"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/", 302, "Location: ws://a.test/",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/", 308, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "POST http://a.test/p?q [body]\nAuthorization: t", 305,
     "Location: http://b.test:81/",
     "POST http://b.test:81/p?q [body]\nAuthorization: t\nHost: a.test"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/d/p?q", 302, "Location: ?r",
     "GET http://a.test/d/?r"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/d/p?q", 302,
     "Location:", "GET http://a.test/d/p?q"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/", 302,
     "Location: http://b.test\\\\@c.test/", "STOP INVALID_LOCATION"},
    {v1::PROFILE_HTTP_URL_CONNECTION, "GET http://a.test/d/", 302, "Location: \\\\b.test/",
     "GET http://a.test/d/\\b.test/"},
    {v1::PROFILE_HTTPCLIENT4, "GET https://a.test/\nAuthorization: t", 302,
     "Location: http://b.test//x", "GET http://b.test/x\nAuthorization: t"},
    {v1::PROFILE_HTTPCLIENT4, "POST https://a.test/ [body]", 307, "Location: a b",
     "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_HTTPCLIENT4, "POST https://a.test/ [body]\nContent-Type: t", 303, "Location: /x",
     "GET https://a.test/x\nContent-Type: t"},
    {v1::PROFILE_HTTPCLIENT4, "GET https://a.test/", 302, "Location: http://b.test%40c.test/",
     "GET http://c.test/"},
    {v1::PROFILE_REACTOR_NETTY, "POST https://a.test/ [body]", 302, "Location: /x",
     "POST https://a.test/x [body]"},
    {v1::PROFILE_REACTOR_NETTY, "POST https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x [body]"},
    {v1::PROFILE_REACTOR_NETTY, "GET https://a.test/\nHost: v\nCookie: a=b", 302,
     "Location: ws://b.test/", "GET http://b.test/\nHost: v"},
    {v1::PROFILE_HTTPCLIENT4, "GET https://a.test/", 302, "Location: http://u:a%40b@c.test/",
     "GET http://c.test/"},
    {v1::PROFILE_REACTOR_NETTY, "GET https://a.test/a|b", 302, "Location: /x",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_REACTOR_NETTY, "GET https://a.test/", 302, "Location: http://2130706433/",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_JETTY, "GET https://a.test/d/p\nAuthorization: t\nX: 1", 302, "Location: ?q",
     "GET https://a.test/?q\nX: 1"},
    {v1::PROFILE_JETTY, "GET https://a.test/", 302, "Location: //b.test/x", "GET https://a.test/x"},
    {v1::PROFILE_JETTY, "GET https://a.test/d/p", 302, "Location: ../x", "GET https://a.test/../x"},
    {v1::PROFILE_JETTY, "GET https://a.test/", 302, "Location: /a%20b c?d",
     "GET https://a.test/a%2520b%20c??d"},
    {v1::PROFILE_JETTY, "PUT https://a.test/ [body]", 303, "Location: /x", "GET https://a.test/x"},
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
    {v1::PROFILE_LWP, "GET https://a.test/\nAuthorization: t\nCookie: a=b", 302, "Location: /x",
     "GET https://a.test/x\nAuthorization: t"},
    {v1::PROFILE_LWP, "GET http://a.test/d/", 302, "Location: ,x:y", "GET http://a.test/,x:y"},
    {v1::PROFILE_LWP, "POST https://a.test/ [body]", 302, "Location: http://b.test/",
     "STOP DOWNGRADE"},
    {v1::PROFILE_HTTPARTY, "PUT https://a.test/ [body]\nAuthorization: t", 302,
     "Location: http://b.test/", "GET http://b.test/\nAuthorization: t"},
    {v1::PROFILE_HTTPARTY, "HEAD https://a.test/d/p", 302, "Location: #f",
     "HEAD https://a.test/#f"},
    {v1::PROFILE_HTTPARTY, "GET https://a.test/", 302, "Location: /a b", "STOP INVALID_LOCATION"},
    {v1::PROFILE_REST_CLIENT, "HEAD https://a.test/", 303, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_REST_CLIENT, "POST https://a.test/ [body]", 302, "Location: /x",
     "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_REST_CLIENT, "GET https://a.test/", 302, "Location: mailto:a@b.test",
     "GET http://b.test/"},
    {v1::PROFILE_HTTP_RB, "POST https://a.test/ [body]", 302, "Location: /x",
     "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_HTTP_RB, "PATCH https://a.test/ [body]", 302, "Location: /x",
     "PATCH https://a.test/x [body]"},
    {v1::PROFILE_SYMFONY_HTTP_CLIENT, "PUT https://a.test/ [body]\nHost: v", 302,
     "Location: //a.test/x", "PUT https://a.test/x"},
    {v1::PROFILE_SYMFONY_HTTP_CLIENT, "GET https://a.test/", 305, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_WORDPRESS_REQUESTS, "POST https://a.test/ [body]\nAuthorization: t", 303,
     "Location: http://b.test/", "GET http://b.test/ [body]\nAuthorization: t"},
    {v1::PROFILE_WORDPRESS_REQUESTS, "GET https://a.test/", 302, "Location: https:/b.test/",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_WGET2, "POST https://a.test/ [body]\nContent-Type: t", 302, "Location: /x",
     "GET https://a.test/x [body]\nContent-Type: t"},
    {v1::PROFILE_WGET2, "PUT https://a.test/ [body]", 303, "Location: /x",
     "PUT https://a.test/x [body]"},
    {v1::PROFILE_WGET2, "GET https://a.test/\nAuthorization: t", 302, "Location: http:b.test/",
     "GET http://b.test/\nAuthorization: t"},
    {v1::PROFILE_WGET2, "GET https://a.test/", 302, "Location: b.test?x:y",
     "GET http://b.test/?x:y"},
    {v1::PROFILE_WGET2, "GET https://a.test/", 302, "Location: https://a.test%40b.test:x/",
     "GET https://b.test/"},
    {v1::PROFILE_WGET2, "GET https://a.test/d/p", 302, "Location: #f", "GET https://a.test/d/#f"},
    {v1::PROFILE_DOTNET, "PUT https://a.test/ [body]", 303, "Location: /x", "GET https://a.test/x"},
    {v1::PROFILE_DOTNET, "GET http://a.test/", 302, "Location: ws://b.test/x",
     "GET http://b.test/x"},
    {v1::PROFILE_DOTNET, "GET http://a.test/", 302, "Location: /\\\\b.test/x",
     "GET http://a.test//b.test/x"},
    {v1::PROFILE_DOTNET, "GET http://a.test/", 302, "Location: http:///b.test/x",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_FOLLOW_REDIRECTS, "GET http://a.test/p/q\nHost: c.test:81\nAuthorization: t", 302,
     "Location: x", "GET http://c.test:81/p/x\nAuthorization: t"},
    {v1::PROFILE_AXIOS, "GET http://u:p@a.test/\nAuthorization: t", 302, "Location: /x",
     "GET http://a.test/x\nAuthorization: Basic dTpw"},
    {v1::PROFILE_AIOHTTP, "GET http://a.test/\nAuthorization: t", 302,
     "Location: http://a.test:80/x", "GET http://a.test/x"},
    {v1::PROFILE_FARADAY, "GET http://a.test/\nAuthorization: t", 302, "Location: http://A.test/x",
     "GET http://a.test/x"},
    {v1::PROFILE_FARADAY, "GET http://a.test/\nAuthorization: t", 302,
     "Location: http://a.test:80/x", "GET http://a.test/x\nAuthorization: t"},
    {v1::PROFILE_FARADAY, "GET https://a.test/ [body]", 302, "Location: /x",
     "GET https://a.test/x"},
    {v1::PROFILE_REQUESTS, "GET http://u@a.test/", 302, "Location: /x", "GET http://a.test/x"},
    {v1::PROFILE_REQUESTS, "GET http://%C3%A9:p@a.test/", 302, "Location: /x",
     "GET http://a.test/x\nAuthorization: Basic 6Tpw"},
    {v1::PROFILE_REQUESTS, "GET http://a.test/p", 302, "Location: //?q", "GET http://a.test/p?q"},
    {v1::PROFILE_HTTPX, "GET http://a.test/p", 302, "Location: http://u@:80/x",
     "GET http://a.test/x"},
    {v1::PROFILE_GO, "GET http://a.test/", 302, "Location: http://@b.test/",
     "GET http://b.test/\nAuthorization: Basic Og==\nReferer: http://a.test/"},
    {v1::PROFILE_GO, "GET https://a.test/", 200, "Location: /\\x01", "STOP INVALID_LOCATION"},
    {v1::PROFILE_CURL, "GET https://a.test/", 200, "Location: /x\nLocation: /y",
     "STOP CONFLICTING_LOCATIONS"},
    {v1::PROFILE_CURL, "GET https://a.test/", 302, "Location: /x\\x01", "GET https://a.test/x%01"},
    {v1::PROFILE_REQWEST, "GET https://a.test/", 302, "Location: data:text/plain,x",
     "STOP INVALID_LOCATION"},
    {v1::PROFILE_HTTPCLIENT5, "GET https://a.test/\nCookie: a=b", 302,
     "Location: https://u@b.test/", "STOP CREDENTIALS_PRESENT"},
    {v1::PROFILE_WGET, "GET https://a.test/ [body]", 303, "Location: /x", "GET https://a.test/x"},
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

TEST(Profiles, UnverifiedOnesSaySo) {
  const v1::FollowResponse answer =
      Answer(As(v1::PROFILE_DOTNET, Ask("GET https://a.test/", 302, "Location: /x")));
  ASSERT_EQ(answer.warnings_size(), 1);
  EXPECT_EQ(answer.warnings(0).code(), v1::WARNING_CODE_PROFILE_UNVERIFIED);
  EXPECT_EQ(answer.profile(), v1::PROFILE_DOTNET);
}

}  // namespace
}  // namespace fingerpost::follow
