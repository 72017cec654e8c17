// The walk of `fingerpost trace`, with a server made of a table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "core/fields.h"
#include "trace.h"

namespace fingerpost {
namespace {

using cli::Exchange;
using cli::Journey;
using cli::Trace;
using testing::ElementsAre;
using testing::IsEmpty;

struct Reply {
  int status;
  std::string location;
  std::map<std::string, std::string> fields = {};
};
using Table = std::map<std::string, Reply>;  // by URL; 200 otherwise

Journey JourneyTo(const std::string& url, const std::string& method = "GET") {
  Journey journey;
  journey.request.set_method(method);
  journey.request.set_url(url);
  return journey;
}

// Walks through the table; `sent` gets every request as it was sent.
Trace WalkThrough(const Journey& journey, const Table& table,
                  std::vector<v1::HttpRequest>* sent = nullptr) {
  const cli::Sender send = [&](const v1::HttpRequest& request, std::chrono::milliseconds,
                               Exchange& out, std::string&) {
    if (sent != nullptr) sent->push_back(request);
    const auto found = table.find(request.url());
    const Reply reply = found == table.end() ? Reply{200, ""} : found->second;
    out.version = "HTTP/1.1";
    out.response.set_status(reply.status);
    const auto add = [&](const std::string& name, const std::string& value) {
      v1::Header& header = *out.response.add_headers();
      header.set_name(name);
      header.set_value(value);
    };
    if (!reply.location.empty()) add("Location", reply.location);
    for (const auto& [name, value] : reply.fields) add(name, value);
    return true;
  };
  Trace trace;
  v1::Error error;
  EXPECT_TRUE(cli::Walk(journey, send, trace, error)) << error.ShortDebugString();
  return trace;
}

// "too_long", "2 downgrade" for hop 2.
std::vector<std::string> Problems(const Trace& trace) {
  std::vector<std::string> problems;
  for (const auto& problem : trace.problems) {
    problems.push_back((problem.hop == 0 ? "" : std::to_string(problem.hop) + " ") + problem.code);
  }
  return problems;
}

TEST(Walk, GoesToTheEnd) {
  const Trace trace = WalkThrough(
      JourneyTo("http://a.example/"),
      {{"http://a.example/", {302, "https://a.example/"}}, {"https://a.example/", {302, "/home"}}});
  ASSERT_EQ(trace.hops.size(), 3);
  EXPECT_EQ(trace.hops[2].request.url(), "https://a.example/home");
  EXPECT_TRUE(trace.Complete());
  EXPECT_THAT(Problems(trace), IsEmpty());
}

TEST(Walk, KeepsSecretsToItself) {
  Journey journey = JourneyTo("https://a.example/");
  for (const char* value : {"Bearer one", "Bearer two"}) {
    v1::Header& header = *journey.request.add_headers();
    header.set_name("Authorization");
    header.set_value(value);
  }
  std::vector<v1::HttpRequest> sent;
  const Trace trace = WalkThrough(
      journey,
      {{"https://a.example/", {307, "/b"}}, {"https://a.example/b", {307, "https://c.example/"}}},
      &sent);
  ASSERT_EQ(sent.size(), 3);
  for (const size_t same_origin : {0U, 1U}) {
    ASSERT_EQ(sent[same_origin].headers_size(), 2);
    EXPECT_EQ(sent[same_origin].headers(0).value(), "Bearer one");
    EXPECT_EQ(sent[same_origin].headers(1).value(), "Bearer two");
    EXPECT_TRUE(IsWithheld(trace.hops[same_origin].request.headers(0)));
  }
  EXPECT_EQ(sent[2].headers_size(), 0);
}

TEST(Walk, CarriesCookies) {
  std::vector<v1::HttpRequest> sent;
  (void)WalkThrough(JourneyTo("https://a.example/"),
                    {{"https://a.example/", {302, "/b", {{"Set-Cookie", "id=7"}}}}}, &sent);
  ASSERT_EQ(sent.size(), 2);
  EXPECT_EQ(FieldValue(sent[1].headers(), "cookie"), "id=7");
}

TEST(Walk, EndsALoop) {
  const Trace trace =
      WalkThrough(JourneyTo("https://a.example/"),
                  {{"https://a.example/", {302, "/b"}}, {"https://a.example/b", {302, "/"}}});
  EXPECT_FALSE(trace.Complete());
  EXPECT_EQ(trace.hops.back().follow.stop().reason(), v1::STOP_REASON_LOOP);
  EXPECT_THAT(Problems(trace), ElementsAre("2 loop"));
}

TEST(Walk, PollsWhenTold) {
  const auto walk = [](const std::string& retry_after, bool allow) {
    Journey journey = JourneyTo("https://a.example/");
    journey.options.set_allow_polling(allow);
    journey.options.set_limit(3);
    return WalkThrough(journey,
                       {{"https://a.example/", {303, "/", {{"Retry-After", retry_after}}}}});
  };
  EXPECT_EQ(walk("0", false).hops.size(), 1) << "a loop";
  const Trace polled = walk("0", true);
  EXPECT_EQ(polled.hops.size(), 4);
  EXPECT_EQ(polled.hops.back().follow.stop().reason(), v1::STOP_REASON_LIMIT);
  EXPECT_EQ(walk("3600", true).failure,
            "the response asks to wait 3600 s, and the time is over before");
}

TEST(Walk, EndsAtTheLimit) {
  Table table;
  for (int i = 0; i < 200; ++i) {
    table["https://a.example/" + std::to_string(i)] = {302, "/" + std::to_string(i + 1)};
  }
  Journey journey = JourneyTo("https://a.example/0");
  EXPECT_EQ(WalkThrough(journey, table).hops.size(), 21);
  journey.options.set_limit(5);
  EXPECT_EQ(WalkThrough(journey, table).hops.size(), 6);
  EXPECT_THAT(Problems(WalkThrough(journey, table)), ElementsAre("6 limit", "too_long"));
  journey.options.set_limit(100);
  EXPECT_EQ(WalkThrough(journey, table).hops.size(), 101);
}

TEST(Walk, EndsWhenTheTimeIsOver) {
  Journey journey = JourneyTo("https://a.example/");
  journey.timeout = std::chrono::milliseconds(0);
  const Trace trace = WalkThrough(journey, {});
  EXPECT_EQ(trace.failure, "the time is over");
  EXPECT_FALSE(trace.Complete());
}

TEST(Walk, SendsNothingWhenTheRequestIsWrong) {
  const cli::Sender send = [](const v1::HttpRequest&, std::chrono::milliseconds, Exchange&,
                              std::string&) {
    ADD_FAILURE() << "sent";
    return false;
  };
  Trace trace;
  v1::Error error;
  EXPECT_FALSE(cli::Walk(JourneyTo("ftp://a.example/"), send, trace, error));
  EXPECT_EQ(error.violations(0).field(), "request.url");
}

// Userinfo is Basic for the first origin (RFC 7617), whatever the profile's client does with an
// Authorization that its caller wrote, and does not come back with the origin.
TEST(Walk, UserinfoIsForTheFirstOrigin) {
  const Table table = {{"https://a.example/", {302, "/b"}},
                       {"https://a.example/b", {302, "https://sub.a.example/"}},
                       {"https://sub.a.example/", {302, "https://a.example/c"}}};
  for (const auto profile : {v1::PROFILE_STRICT, v1::PROFILE_CURL, v1::PROFILE_GO,
                             v1::PROFILE_URLLIB, v1::PROFILE_REQUESTS, v1::PROFILE_HTTPX}) {
    Journey journey = JourneyTo("https://us%65r:p%40ss@a.example/");
    journey.options.set_profile(profile);
    std::vector<v1::HttpRequest> sent;
    const Trace trace = WalkThrough(journey, table, &sent);
    ASSERT_EQ(sent.size(), 4) << profile;
    for (const size_t hop : {0U, 1U}) {
      EXPECT_EQ(FieldValue(sent[hop].headers(), "Authorization"), "Basic dXNlcjpwQHNz") << profile;
      EXPECT_TRUE(IsWithheld(*FindField(trace.hops[hop].request.headers(), "Authorization")));
    }
    EXPECT_EQ(FindField(sent[2].headers(), "Authorization"), nullptr) << profile;
    EXPECT_EQ(sent[0].url(), "https://a.example/");
    EXPECT_EQ(trace.hops[0].request.url(), "https://a.example/");
  }
}

TEST(Walk, UserinfoGivesWayToAnAuthorization) {
  Journey journey = JourneyTo("https://user:password@a.example/");
  v1::Header& header = *journey.request.add_headers();
  header.set_name("authorization");
  header.set_value("Bearer x");
  std::vector<v1::HttpRequest> sent;
  (void)WalkThrough(journey, {}, &sent);
  ASSERT_EQ(sent[0].headers_size(), 1);
  EXPECT_EQ(sent[0].headers(0).value(), "Bearer x");
}

// RFC 9110 §15: a status that HTTP does not have is a 5xx to every client.
TEST(Walk, SurvivesAnyStatus) {
  for (const int status : {1, 99, 600, 999}) {
    const Trace trace =
        WalkThrough(JourneyTo("https://a.example/"), {{"https://a.example/", {status, "/b"}}});
    EXPECT_TRUE(trace.Complete()) << status;
    EXPECT_TRUE(trace.EndsInError()) << status;
    EXPECT_EQ(trace.hops[0].exchange.response.status(), status);
    EXPECT_THAT(Problems(trace), ElementsAre("1 unknown_status", "1 server_error")) << status;
  }
}

TEST(Walk, SurvivesFieldsThatAreNone) {
  const std::string longest(300, 'x');
  const Trace trace =
      WalkThrough(JourneyTo("https://a.example/"),
                  {{"https://a.example/",
                    {302, "/b", {{"Bad Name", "1"}, {"", "2"}, {longest, "3"}, {"L\xf6", "4"}}}}});
  EXPECT_TRUE(trace.Complete());
  EXPECT_EQ(trace.hops[1].request.url(), "https://a.example/b");
  EXPECT_THAT(Problems(trace), ElementsAre("1 malformed_field", "1 malformed_field",
                                           "1 malformed_field", "1 malformed_field"));
}

TEST(Walk, SaysWhereAStopWouldHaveLed) {
  const auto leads_to = [](int status, const std::string& location,
                           v1::Profile profile = v1::PROFILE_STRICT) {
    Journey journey = JourneyTo("https://a.example/x/");
    journey.options.set_profile(profile);
    return WalkThrough(journey, {{"https://a.example/x/", {status, location}}}).hops[0].leads_to;
  };
  EXPECT_EQ(leads_to(302, "http://a.example/down"), "http://a.example/down");
  EXPECT_EQ(leads_to(302, "."), "https://a.example/x/");  // a loop
  EXPECT_EQ(leads_to(302, "mailto:x@a.example"), "mailto:(withheld)@a.example");
  EXPECT_EQ(leads_to(302, "//user:PASSWORD@b.example/"), "https://b.example/");
  EXPECT_EQ(leads_to(302, "https:\\\\user:PASSWORD@b.example/"), "https://b.example/");
  EXPECT_EQ(leads_to(302, "blob:https://user:PASSWORD@b.example/"),
            "blob:https://(withheld)@b.example/");
  EXPECT_EQ(leads_to(300, "y"), "https://a.example/x/y");
  EXPECT_EQ(leads_to(201, "y"), "") << "no redirect";
  EXPECT_EQ(leads_to(302, "https://[/"), "") << "no URL";
  EXPECT_EQ(leads_to(302, ""), "");
  EXPECT_EQ(leads_to(302, "y"), "") << "followed";
}

// Every spelling of userinfo that the URL parser takes.
TEST(Walk, ShowsNoUserinfoOfALocation) {
  const std::pair<const char*, const char*> spellings[] = {
      {"https://u:PW@b.example/", "https://(withheld)@b.example/"},
      {"https://u:PW:PW@PW@b.example/a@b", "https://(withheld)@b.example/a@b"},
      {"//PW@b.example", "//(withheld)@b.example"},
      {"http:u:PW@b.example", "http:(withheld)@b.example"},
      {"hTTps:\\/\\u:PW@b.example", "hTTps:\\/\\(withheld)@b.example"},
      {"\x01https://u:PW@b.example", "\x01https://(withheld)@b.example"},
      {"ht\ttps:/\t/u:PW@b.example", "ht\ttps:/\t/(withheld)@b.example"},
      {"/\t\\u:PW@b.example", "/\t\\(withheld)@b.example"},
      {"view-source:https://u:PW@b.example", "view-source:https://(withheld)@b.example"},
      {"/a//b@c", "/a//b@c"},
      {"/@b", "/@b"},
      {"?next=https://b@c/", "?next=https://(withheld)@c/"},
  };
  for (const auto& [location, shown] : spellings) {
    const Trace trace =
        WalkThrough(JourneyTo("https://a.example/"), {{"https://a.example/", {302, location}}});
    EXPECT_EQ(FieldValue(trace.hops[0].exchange.response.headers(), "Location"), shown);
    for (const auto& hop : trace.hops) {
      const std::string all = hop.request.DebugString() + hop.exchange.response.DebugString() +
                              hop.follow.DebugString() + hop.leads_to;
      EXPECT_EQ(all.find("PW"), all.npos) << all;
    }
  }
}

// HEAD, and GET where servers refuse HEAD alone.
TEST(Walk, AsksAgainWithGet) {
  const auto methods = [](int status, bool head_first) {
    Journey journey = JourneyTo("https://a.example/", "HEAD");
    journey.head_first = head_first;
    std::vector<v1::HttpRequest> sent;
    const Trace trace = WalkThrough(journey,
                                    {{"https://a.example/", {302, "/b", {{"Set-Cookie", "a=b"}}}},
                                     {"https://a.example/b", {status, ""}}},
                                    &sent);
    EXPECT_EQ(trace.Redirects(), 1);
    std::vector<std::string> out;
    for (const auto& request : sent) out.push_back(request.method());
    EXPECT_EQ(FieldValue(sent.back().headers(), "Cookie"), "a=b");
    return out;
  };
  for (const int status : {400, 403, 404, 405, 500, 501}) {
    EXPECT_THAT(methods(status, true), ElementsAre("HEAD", "HEAD", "GET")) << status;
    EXPECT_THAT(methods(status, false), ElementsAre("HEAD", "HEAD")) << status;
  }
  for (const int status : {200, 401, 410, 429, 503}) {
    EXPECT_THAT(methods(status, true), ElementsAre("HEAD", "HEAD")) << status;
  }
}

TEST(Walk, GoesOnAfterTheGet) {
  Journey journey = JourneyTo("https://a.example/", "HEAD");
  journey.head_first = true;
  int asked = 0;
  const cli::Sender send = [&](const v1::HttpRequest& request, std::chrono::milliseconds,
                               Exchange& out, std::string&) {
    out.version = "HTTP/1.1";
    ++asked;
    if (request.method() == "HEAD") {
      out.response.set_status(405);
    } else if (request.url() == "https://a.example/") {
      out.response.set_status(302);
      v1::Header& header = *out.response.add_headers();
      header.set_name("Location");
      header.set_value("/b");
    } else {
      out.response.set_status(200);
    }
    return true;
  };
  Trace trace;
  v1::Error error;
  ASSERT_TRUE(cli::Walk(journey, send, trace, error));
  EXPECT_EQ(asked, 3);
  EXPECT_TRUE(trace.Complete());
  EXPECT_TRUE(trace.hops[0].asked_again);
  EXPECT_EQ(trace.Redirects(), 1);
  EXPECT_THAT(Problems(trace), IsEmpty());
}

TEST(Walk, ShowsNoValueOfASecret) {
  Journey journey = JourneyTo("https://a.example/");
  journey.options.set_profile(v1::PROFILE_CURL);
  journey.options.add_secret_fields("X-Key");
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"Cookie", "c1=HUSHED; c2=HUSHED;HUSHED"}, {"X-Key", "HUSHED"}}) {
    v1::Header& header = *journey.request.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  const Trace trace = WalkThrough(
      journey,
      {{"https://a.example/",
        {302, "https://u:HUSHED@b.example/", {{"Set-Cookie", "a=HUSHED; Path=/"}}}},
       {"https://b.example/",
        {302, "/c", {{"X-Key", "HUSHED"}, {"Refresh", "0;https://HUSHED@x/"}}}},
       {"https://b.example/c", {302, "https://HUSHED@c.example", {{"set-cookie", "HUSHED"}}}}});
  ASSERT_EQ(trace.hops.size(), 4);
  for (const auto& hop : trace.hops) {
    const std::string all = hop.request.DebugString() + hop.exchange.response.DebugString() +
                            hop.follow.DebugString() + hop.leads_to;
    EXPECT_EQ(all.find("HUSHED"), all.npos) << all;
    EXPECT_EQ(all.find("dTpIVVNIRUQ"), all.npos) << "u:HUSHED in base64";
  }
  EXPECT_EQ(FieldValue(trace.hops[0].request.headers(), "Cookie"),
            "c1=(withheld); c2=(withheld); (withheld)");
  EXPECT_EQ(FieldValue(trace.hops[0].exchange.response.headers(), "Set-Cookie"),
            "a=(withheld); Path=/");
  EXPECT_EQ(FieldValue(trace.hops[0].exchange.response.headers(), "Location"),
            "https://(withheld)@b.example/");
}

TEST(Walk, DoesAsTheClientDoes) {
  Journey journey = JourneyTo("https://a.example/", "POST");
  const Table table = {{"https://a.example/", {301, "/b"}}};
  for (const auto& [profile, method] :
       {std::pair{v1::PROFILE_CURL, "GET"}, std::pair{v1::PROFILE_CURL_X, "POST"}}) {
    journey.options.set_profile(profile);
    const Trace trace = WalkThrough(journey, table);
    ASSERT_EQ(trace.hops.size(), 2);
    EXPECT_EQ(trace.hops[1].request.method(), method);
  }
}

struct Flaw {
  const char* name;
  Table table;
  std::vector<std::string> problems;
};

TEST(Problems, AreFound) {
  const std::map<std::string, std::string> fresh = {{"Cache-Control", "max-age=60"}};
  const Flaw flaws[] = {
      {"none", {{"https://a.example/", {301, "/b", fresh}}}, {}},
      {"three redirects are enough",
       {{"https://a.example/", {302, "/1"}},
        {"https://a.example/1", {302, "/2"}},
        {"https://a.example/2", {302, "/3"}}},
       {}},
      {"four are too many",
       {{"https://a.example/", {302, "/1"}},
        {"https://a.example/1", {302, "/2"}},
        {"https://a.example/2", {302, "/3"}},
        {"https://a.example/3", {302, "/4"}}},
       {"too_long"}},
      {"permanent, then temporary",
       {{"https://a.example/", {308, "/b", fresh}}, {"https://a.example/b", {307, "/c"}}},
       {"mixed_codes"}},
      {"downgrade", {{"https://a.example/", {302, "http://a.example/"}}}, {"1 downgrade"}},
      {"no freshness", {{"https://a.example/", {301, "/b"}}}, {"1 permanent_without_freshness"}},
      {"a secret in a URL",
       {{"https://a.example/", {302, "/b?access_token=x"}}},
       {"1 secret_in_url"}},
      {"the same request with another cookie",
       {{"https://a.example/", {302, "/b", {{"Set-Cookie", "a=b"}}}},
        {"https://a.example/b", {302, "/"}}},
       {"3 loop", "3 visited_twice"}},
      {"inside", {{"https://a.example/", {302, "https://10.0.0.1/"}}}, {"1 private_target"}},
      {"a redirect to nowhere", {{"https://a.example/", {302, ""}}}, {"1 no_location"}},
      {"not found", {{"https://a.example/", {404, ""}}}, {"1 client_error"}},
      {"an error behind a redirect",
       {{"https://a.example/", {302, "/b"}}, {"https://a.example/b", {503, ""}}},
       {"2 server_error"}},
  };
  for (const Flaw& flaw : flaws) {
    const Trace trace = WalkThrough(JourneyTo("https://a.example/"), flaw.table);
    EXPECT_EQ(Problems(trace), flaw.problems) << flaw.name;
  }
}

// "with other cookies" only where they are other ones.
TEST(Problems, TheSameRequestTwice) {
  const auto message = [](v1::Profile profile, const Table& table) {
    Journey journey = JourneyTo("https://a.example/");
    journey.options.set_profile(profile);
    journey.options.set_limit(2);
    for (const auto& problem : WalkThrough(journey, table).problems) {
      if (problem.code == "visited_twice") return problem.message;
    }
    return std::string();
  };
  EXPECT_EQ(message(v1::PROFILE_GO, {{"https://a.example/", {302, "/"}}}),
            "the same request as hop 1");
  EXPECT_EQ(
      message(v1::PROFILE_STRICT, {{"https://a.example/", {302, "/", {{"Set-Cookie", "a=b"}}}}}),
      "the same request as hop 1, with other cookies");
}

TEST(Problems, MethodsThatAreKeptAndThenGivenUp) {
  const Trace trace =
      WalkThrough(JourneyTo("https://a.example/", "POST"),
                  {{"https://a.example/", {307, "/b"}}, {"https://a.example/b", {303, "/c"}}});
  EXPECT_THAT(Problems(trace), ElementsAre("2 mixed_methods"));
}

}  // namespace
}  // namespace fingerpost
