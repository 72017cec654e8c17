// STRICT, one hop at a time: the rules of RFC 9110 §15.4 and Fetch, in a table.
#include <gtest/gtest.h>

#include "core/follow/asking.h"

namespace fingerpost::follow {
namespace {

using testing::Answer;
using testing::Ask;
using testing::Next;

struct Row {
  const char* name;
  const char* citation;
  const char* request;
  int status;
  const char* fields;
  const char* expected;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name << " (" << row.citation << ")"; }

class StrictTable : public ::testing::TestWithParam<Row> {};

TEST_P(StrictTable, Row) {
  const Row& row = GetParam();
  EXPECT_EQ(Next(Ask(row.request, row.status, row.fields)), row.expected)
      << row.name << ", " << row.citation;
}

constexpr Row kStatuses[] = {
    {"200 is final", "RFC 9110 §15.3.1", "GET https://a.test/", 200, "Location: /x",
     "STOP FINAL_RESPONSE"},
    {"404 is final", "RFC 9110 §15.5.5", "GET https://a.test/", 404, "", "STOP FINAL_RESPONSE"},
    {"201 has a Location, and is final", "RFC 9110 §15.3.2", "POST https://a.test/", 201,
     "Location: /x", "STOP FINAL_RESPONSE"},
    {"300 is not followed", "RFC 9110 §15.4.1", "GET https://a.test/", 300, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
    {"304 is not followed", "RFC 9110 §15.4.5", "GET https://a.test/", 304, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
    {"305 is not followed", "RFC 9110 §15.4.6", "GET https://a.test/", 305, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
    {"306 is not followed", "RFC 9110 §15.4.7", "GET https://a.test/", 306, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
    {"309 is not registered", "RFC 9110 §15.4", "GET https://a.test/", 309, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
    {"399 is not registered", "RFC 9110 §15.4", "GET https://a.test/", 399, "Location: /x",
     "STOP STATUS_NOT_FOLLOWED"},
};
INSTANTIATE_TEST_SUITE_P(Statuses, StrictTable, ::testing::ValuesIn(kStatuses));

constexpr Row kMethods[] = {
    {"301 GET", "RFC 9110 §15.4.2", "GET https://a.test/", 301, "Location: /x",
     "GET https://a.test/x"},
    {"301 HEAD", "RFC 9110 §15.4.2", "HEAD https://a.test/", 301, "Location: /x",
     "HEAD https://a.test/x"},
    {"301 POST", "RFC 9110 §15.4.2", "POST https://a.test/ [body]", 301, "Location: /x",
     "GET https://a.test/x"},
    {"302 POST", "RFC 9110 §15.4.3", "POST https://a.test/ [body]", 302, "Location: /x",
     "GET https://a.test/x"},
    {"301 PUT", "Fetch, HTTP-redirect fetch", "PUT https://a.test/ [body]", 301, "Location: /x",
     "PUT https://a.test/x [body]"},
    {"302 DELETE", "Fetch, HTTP-redirect fetch", "DELETE https://a.test/", 302, "Location: /x",
     "DELETE https://a.test/x"},
    {"302 PATCH", "Fetch, HTTP-redirect fetch", "PATCH https://a.test/ [body]", 302, "Location: /x",
     "PATCH https://a.test/x [body]"},
    {"302 QUERY", "RFC 10008 §2.5", "QUERY https://a.test/ [body]", 302, "Location: /x",
     "QUERY https://a.test/x [body]"},
    {"301 PROPFIND", "RFC 9110 §15.4.2", "PROPFIND https://a.test/ [body]", 301, "Location: /x",
     "PROPFIND https://a.test/x [body]"},
    {"301 post in lower case is a method of its own", "RFC 9110 §9.1",
     "post https://a.test/ [body]", 301, "Location: /x", "post https://a.test/x [body]"},
    {"303 GET", "RFC 9110 §15.4.4", "GET https://a.test/", 303, "Location: /x",
     "GET https://a.test/x"},
    {"303 HEAD", "Fetch, HTTP-redirect fetch", "HEAD https://a.test/", 303, "Location: /x",
     "HEAD https://a.test/x"},
    {"303 POST", "RFC 9110 §15.4.4", "POST https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x"},
    {"303 PUT", "RFC 9110 §15.4.4", "PUT https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x"},
    {"303 QUERY", "RFC 10008 §2.5", "QUERY https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x"},
    {"303 PROPFIND", "RFC 9110 §15.4.4", "PROPFIND https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x"},
    {"303 a method of its own", "RFC 9110 §15.4.4", "BREW https://a.test/ [body]", 303,
     "Location: /x", "GET https://a.test/x"},
    {"307 POST", "RFC 9110 §15.4.8", "POST https://a.test/ [body]", 307, "Location: /x",
     "POST https://a.test/x [body]"},
    {"308 POST", "RFC 9110 §15.4.9", "POST https://a.test/ [body]", 308, "Location: /x",
     "POST https://a.test/x [body]"},
    {"307 content once only", "RFC 9110 §15.4.8", "POST https://a.test/ [once]", 307,
     "Location: /x", "STOP BODY_NOT_REPLAYABLE"},
    {"302 PUT content once only", "RFC 9110 §15.4.3", "PUT https://a.test/ [once]", 302,
     "Location: /x", "STOP BODY_NOT_REPLAYABLE"},
    {"303 drops what could not be sent again", "RFC 9110 §15.4.4", "POST https://a.test/ [once]",
     303, "Location: /x", "GET https://a.test/x"},
};
INSTANTIATE_TEST_SUITE_P(Methods, StrictTable, ::testing::ValuesIn(kMethods));

constexpr Row kContent[] = {
    {"a change to GET drops what describes content", "RFC 9110 §15.4",
     "POST https://a.test/ [body]\nContent-Type: a/b\ncontent-length: 3\nContent-Encoding: "
     "gzip\nContent-Digest: x\nTransfer-Encoding: chunked\n"
     "Expect: 100-continue\nDigest: d\nLast-Modified: m\nAccept: */*",
     303, "Location: /x", "GET https://a.test/x\nAccept: */*"},
    {"content that is kept keeps its fields", "RFC 9110 §15.4.8",
     "POST https://a.test/ [body]\nContent-Type: a/b\nContent-Length: 3\nExpect: 100-continue", 308,
     "Location: /x",
     "POST https://a.test/x [body]\nContent-Type: a/b\nContent-Length: 3\nExpect: 100-continue"},
};
INSTANTIATE_TEST_SUITE_P(Content, StrictTable, ::testing::ValuesIn(kContent));

constexpr Row kFields[] = {
    {"same origin keeps credentials", "RFC 9110 §15.4",
     "GET https://a.test/\nAuthorization: t\nCookie: s=1\nHost: a.test", 302,
     "Location: https://A.test:443/x",
     "GET https://a.test/x\nAuthorization: t\nCookie: s=1\nHost: a.test"},
    {"another host drops credentials, in any case, every instance",
     "RFC 9110 §15.4, CVE-2018-25091",
     "GET https://a.test/\nauthorization: t\nAUTHORIZATION: u\nCookie: s=1\nCookie: t=1\nCookie2: "
     "$Version\nWWW-Authenticate: x\nProxy-Authenticate: x\nHost: a.test\nAccept: */*",
     302, "Location: https://b.test/", "GET https://b.test/\nAccept: */*"},
    {"another port drops credentials", "CVE-2022-27776", "GET https://a.test/\nAuthorization: t",
     301, "Location: https://a.test:8443/", "GET https://a.test:8443/"},
    {"another scheme drops credentials", "CVE-2018-18074", "GET http://a.test/\nAuthorization: t",
     308, "Location: https://a.test/", "GET https://a.test/"},
    {"a subdomain is another origin", "RFC 9110 §4.3.1", "GET https://a.test/\nAuthorization: t",
     307, "Location: https://b.a.test/", "GET https://b.a.test/"},
    {"a final dot is another host", "RFC 9110 §4.3.1", "GET https://a.test/\nAuthorization: t", 307,
     "Location: https://a.test./", "GET https://a.test./"},
    {"two slashes are another host", "CVE-2026-54603", "GET http://a.test/u\nAuthorization: t", 302,
     "Location: //evil.test/leak", "GET http://evil.test/leak"},
    {"withheld is kept withheld", "design.md §2", "GET https://a.test/\nAuthorization: (withheld)",
     302, "Location: /x", "GET https://a.test/x\nAuthorization: (withheld)"},
    {"withheld is dropped", "design.md §2", "GET https://a.test/\nAuthorization: (withheld)", 302,
     "Location: https://b.test/", "GET https://b.test/"},
    {"a field that nobody declared crosses", "RFC 9110 §15.4", "GET https://a.test/\nX-Api-Key: k",
     302, "Location: https://b.test/", "GET https://b.test/\nX-Api-Key: k"},
    {"fields of the connection go", "RFC 9110 §7.6.1",
     "GET https://a.test/\nConnection: close, X-Mine\nKeep-Alive: 5\nTE: trailers\nUpgrade: "
     "h2c\nHTTP2-Settings: A\nx-mine: 1\nX-Yours: 2",
     302, "Location: /x", "GET https://a.test/x\nX-Yours: 2"},
    {"fields of the proxy go", "RFC 9110 §11.7",
     "GET https://a.test/\nProxy-Authorization: p\nProxy-Connection: close", 302, "Location: /x",
     "GET https://a.test/x"},
    {"preconditions go with the URL", "RFC 9110 §13.1",
     "GET https://a.test/\nIf-None-Match: e\nIf-Modified-Since: d\nIf-Range: r\nIf: t\nRange: "
     "bytes=0-1",
     302, "Location: /x", "GET https://a.test/x"},
    {"preconditions stay for the same URL", "RFC 9110 §13.1", "POST https://a.test/x\nIf-Match: e",
     302, "Location: #f", "GET https://a.test/x#f\nIf-Match: e"},
    {"Origin stays when its own origin is left", "Fetch, redirect-taint",
     "POST https://a.test/ [body]\nOrigin: https://a.test", 307, "Location: https://b.test/",
     "POST https://b.test/ [body]\nOrigin: https://a.test"},
    {"Origin is null when another origin is left", "Fetch, redirect-taint",
     "POST https://b.test/ [body]\nOrigin: https://a.test", 307, "Location: https://c.test/",
     "POST https://c.test/ [body]\nOrigin: null"},
    {"Origin is null when an origin comes back to its own over another", "Fetch, redirect-taint",
     "POST https://b.test/\nOrigin: https://a.test", 307, "Location: https://a.test/",
     "POST https://a.test/\nOrigin: null"},
    {"Referer keeps its path on its own origin", "Referrer Policy §8.3",
     "GET https://a.test/\nReferer: https://u:p@a.test/p?q#f", 302, "Location: /x",
     "GET https://a.test/x\nReferer: https://a.test/p?q"},
    {"Referer is its origin elsewhere", "Referrer Policy §8.3",
     "GET https://a.test/\nReferer: https://a.test/p?q#f", 302, "Location: https://b.test/",
     "GET https://b.test/\nReferer: https://a.test/"},
    {"Referrer-Policy of the redirect", "Referrer Policy §8.2",
     "GET https://a.test/\nReferer: https://a.test/p", 302,
     "Location: https://b.test/\nReferrer-Policy: unsafe-url, no-referrer, x",
     "GET https://b.test/"},
    {"Referer is never added", "design.md §4", "GET https://a.test/p", 302,
     "Location: https://b.test/\nReferrer-Policy: unsafe-url", "GET https://b.test/"},
};
INSTANTIATE_TEST_SUITE_P(Fields, StrictTable, ::testing::ValuesIn(kFields));

constexpr Row kLocations[] = {
    {"no Location", "RFC 9110 §10.2.2", "GET https://a.test/", 302, "", "STOP NO_LOCATION"},
    {"an empty Location", "curl test 54", "GET https://a.test/", 302,
     "Location:", "STOP NO_LOCATION"},
    {"the same twice", "RFC 9110 §10.2.2", "GET https://a.test/", 302, "Location: /x\nlocation: /x",
     "GET https://a.test/x"},
    {"two that differ", "Fetch, location URL", "GET https://a.test/", 302,
     "Location: /x\nLocation: /y", "STOP CONFLICTING_LOCATIONS"},
    {"one empty, one not", "RFC 9110 §10.2.2", "GET https://a.test/", 302,
     "Location:\nLocation: /y", "STOP CONFLICTING_LOCATIONS"},
    {"a fragment of its own", "RFC 9110 §10.2.2", "GET https://a.test/#f", 302, "Location: /x#g",
     "GET https://a.test/x#g"},
    {"the request's fragment", "RFC 9110 §10.2.2", "GET https://a.test/#f", 302, "Location: /x",
     "GET https://a.test/x#f"},
    {"an empty fragment of its own", "Fetch, HTTP-redirect fetch", "GET https://a.test/#f", 302,
     "Location: /x#", "GET https://a.test/x#"},
    {"across origins", "RFC 9110 §10.2.2", "GET https://a.test/#f", 302,
     "Location: https://b.test/", "GET https://b.test/#f"},
    {"dot segments", "WHATWG URL §4.4", "GET https://a.test/a/b/c", 302, "Location: ../d/./e",
     "GET https://a.test/a/d/e"},
    {"query only", "RFC 3986 §5.2", "GET https://a.test/a/b?c", 302, "Location: ?d",
     "GET https://a.test/a/b?d"},
    {"spaces", "WHATWG URL §4.4", "GET https://a.test/", 302, "Location: /a b?c d",
     "GET https://a.test/a%20b?c%20d"},
    {"a tab is removed", "WHATWG URL §4.4", "GET https://a.test/", 302, "Location: /a\tb",
     "GET https://a.test/ab"},
    {"a backslash is a slash", "WHATWG URL §4.4", "GET https://a.test/", 302,
     "Location: /\\\\evil.test/x", "GET https://evil.test/x"},
    {"UTF-8", "Fetch, location URL", "GET https://a.test/", 302,
     "Location: /\\xc3\\xa9?\\xe2\\x82\\xac", "GET https://a.test/%C3%A9?%E2%82%AC"},
    {"Latin-1 octets stay octets", "Fetch, location URL", "GET https://a.test/", 302,
     "Location: /\\xe9?\\xe9", "GET https://a.test/%E9?%E9"},
    {"UTF-8 in the host", "WHATWG URL §4.4", "GET https://a.test/", 302,
     "Location: https://b\\xc3\\xbccher.test/", "GET https://xn--bcher-kva.test/"},
    {"CR LF", "RFC 9110 §5.5", "GET https://a.test/", 302, "Location: /x\\r\\nSet-Cookie: a=b",
     "STOP INVALID_LOCATION"},
    {"NUL", "RFC 9110 §5.5", "GET https://a.test/", 302, "Location: /x\\0",
     "STOP INVALID_LOCATION"},
    {"no URL", "WHATWG URL §4.4", "GET https://a.test/", 302, "Location: http://[localhost]/",
     "STOP INVALID_LOCATION"},
    {"an IPv6 zone", "CVE-2023-45289", "GET http://a.test/", 302,
     "Location: http://[::1%25.a.test]/", "STOP INVALID_LOCATION"},
    {"ftp", "Fetch, HTTP-redirect fetch", "GET https://a.test/", 302, "Location: ftp://a.test/",
     "STOP SCHEME_NOT_ALLOWED"},
    {"file", "CVE-2009-0037", "GET https://a.test/", 302, "Location: file:///etc/passwd",
     "STOP SCHEME_NOT_ALLOWED"},
    {"javascript behind a line feed is no URL to look at", "CVE-2015-0220", "GET https://a.test/",
     302, "Location: java\tscript:alert(1)", "STOP SCHEME_NOT_ALLOWED"},
    {"downgrade", "CVE-2012-2125", "GET https://a.test/", 301, "Location: http://a.test/",
     "STOP DOWNGRADE"},
    {"userinfo", "RFC 9110 §4.2.4", "GET https://a.test/", 302, "Location: https://u:p@a.test/",
     "STOP USERINFO"},
    {"a user name alone", "RFC 9110 §4.2.4", "GET https://a.test/", 302,
     "Location: https://u@a.test/", "STOP USERINFO"},
    {"an at sign behind a hash", "CVE-2016-8624", "GET http://a.test/x", 302,
     "Location: http://a.test#@evil.test/", "GET http://a.test/#@evil.test/"},
    {"the request's userinfo is not carried on", "CVE-2020-8169",
     "GET http://dan:passw%40rd@a.test/x", 302, "Location: /y", "GET http://a.test/y"},
    {"the same request again", "RFC 9110 §15.4", "GET https://a.test/x", 302, "Location: /x",
     "STOP LOOP"},
    {"another method is no loop", "RFC 9110 §15.4.4", "POST https://a.test/x", 303, "Location: /x",
     "GET https://a.test/x"},
    {"a scheme of the same kind is relative", "WHATWG URL §4.4", "GET https://a.test/dir/", 302,
     "Location: https:evil.test", "GET https://a.test/dir/evil.test"},
};
INSTANTIATE_TEST_SUITE_P(Locations, StrictTable, ::testing::ValuesIn(kLocations));

TEST(Strict, LocationIsNeverCut) {
  const std::string path = "/" + std::string(9000, 'a') + "end";
  EXPECT_EQ(Next(Ask("GET https://a.test/", 302, "Location: " + path)),
            "GET https://a.test" + path);
  EXPECT_EQ(Next(Ask("GET https://a.test/", 302, "Location: /" + std::string(65536, 'a'))),
            "STOP LOCATION_TOO_LONG");
  // Percent-encoding makes it longer than a URL may be.
  EXPECT_EQ(Next(Ask("GET https://a.test/", 302,
                     "Location: /" + std::string(30000, '|') + std::string(30000, ' ') + "x")),
            "STOP LOCATION_TOO_LONG");
}

// Referrer Policy §8.3: a Referer of more than 4096 octets is reduced to its origin.
TEST(Strict, ALongReferrerIsCut) {
  for (const size_t more : {size_t{0}, size_t{1}}) {
    const std::string base = "https://a.test/";
    const std::string referrer = base + std::string(4096 + more - base.size(), 'r');
    EXPECT_EQ(Next(Ask("GET https://a.test/\nReferer: " + referrer, 302, "Location: /x")),
              "GET https://a.test/x\nReferer: " + (more == 0 ? referrer : base));
  }
}

TEST(Strict, WarningsAndErrorFlag) {
  const auto warned = [](const v1::FollowRequest& question) {
    std::string names;
    const v1::FollowResponse answer = Answer(question);
    for (const v1::Warning& warning : answer.warnings()) {
      EXPECT_FALSE(warning.message().empty());
      names += v1::WarningCode_Name(warning.code()).substr(sizeof("WARNING_CODE_") - 1) + " ";
    }
    return names;
  };
  EXPECT_EQ(warned(Ask("GET https://a.test/", 302, "Location: /x")), "");
  EXPECT_EQ(warned(Ask("GET https://a.test/", 301, "Location: /x")),
            "PERMANENT_WITHOUT_FRESHNESS ");
  EXPECT_EQ(warned(Ask("GET https://a.test/", 301, "Location: /x\nCache-Control: no-store")), "");
  EXPECT_EQ(warned(Ask("POST https://a.test/", 308, "Location: /x")), "");
  EXPECT_EQ(warned(Ask("GET https://u@a.test/", 302, "Location: /x")), "USERINFO_STRIPPED ");
  EXPECT_EQ(warned(Ask("GET https://a.test/", 302, "Location: /x y")), "LOCATION_REPAIRED ");
  EXPECT_EQ(warned(Ask("POST https://a.test/ [body]", 307, "Location: https://b.test/")),
            "CONTENT_CROSSES_ORIGIN ");
  EXPECT_EQ(warned(Ask("GET https://a.test/", 302, "Location: /x?a=1&access_token=t")),
            "SECRET_IN_URL ");
  EXPECT_EQ(warned(Ask("GET https://a.test/\nX-Api-Key: k", 302, "Location: https://b.test/")),
            "UNDECLARED_SECRET ");

  EXPECT_FALSE(Answer(Ask("GET https://a.test/", 200, "")).stop().error());
  EXPECT_FALSE(Answer(Ask("GET https://a.test/", 302, "")).stop().error());
  EXPECT_FALSE(Answer(Ask("GET https://a.test/", 304, "")).stop().error());
  EXPECT_TRUE(Answer(Ask("GET https://a.test/x", 302, "Location: /x")).stop().error());
}

TEST(Strict, MalformedQuestionsNameEveryField) {
  EXPECT_EQ(Next({}), "INVALID request response");
  v1::FollowRequest question = Ask("GE T a.test", 700, "B ad: x");
  question.mutable_request()->add_headers()->set_name("a b");
  question.mutable_request()->add_headers()->set_name("X");
  question.mutable_request()->mutable_headers(1)->set_value("a\r\nb");
  question.mutable_options()->set_limit(101);
  question.mutable_options()->add_trusted_origins("https://a.test/x");
  question.mutable_options()->add_secret_fields("a b");
  question.mutable_options()->mutable_targets()->add_allowed_hosts("https://a.test");
  question.mutable_options()->mutable_targets()->add_allowed_ports(0);
  question.mutable_options()->set_profile(static_cast<v1::Profile>(999));
  EXPECT_EQ(Next(question),
            "INVALID request.url request.headers[0].name request.headers[1].value response.status "
            "response.headers[0].name options.profile options.limit "
            "options.trusted_origins[0] options.secret_fields[0] options.targets.allowed_hosts[0] "
            "options.targets.allowed_ports[0]");
  EXPECT_EQ(Next(Ask("GET ftp://a.test/", 302, "")), "INVALID request.url");
  EXPECT_EQ(Next(Ask("GET /x", 302, "")), "INVALID request.url");
  EXPECT_EQ(Next(Ask("GET https://a.test/", 302, "Location: (withheld)")),
            "INVALID response.headers[0].value");
  EXPECT_EQ(Next(Ask("GET https://a.test/", 99, "")), "INVALID response.status");
  EXPECT_EQ(Next(Ask("GET https://a.test/", 0, "")), "INVALID response.status");
}

}  // namespace
}  // namespace fingerpost::follow
