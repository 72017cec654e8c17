// The walk of `fingerpost trace`, with a server made of a table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/http/fields.h"
#include "done.h"
#include "trace_table.h"

namespace fingerpost {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Walk, GoesToTheEnd) {
  const Trace trace = WalkThrough(
      JourneyTo("http://a.example/"),
      {{"http://a.example/", {302, "https://a.example/"}}, {"https://a.example/", {302, "/home"}}});
  ASSERT_EQ(trace.hops.size(), 3);
  EXPECT_EQ(trace.hops[2].request.url(), "https://a.example/home");
  EXPECT_TRUE(trace.Complete());
  EXPECT_THAT(Problems(trace), IsEmpty());
}

TEST(Walk, CarriesCookies) {
  std::vector<v1::HttpRequest> sent;
  (void)WalkThrough(JourneyTo("https://a.example/"),
                    {{"https://a.example/", {302, "/b", {{"Set-Cookie", "id=7"}}}}}, &sent);
  ASSERT_EQ(sent.size(), 2);
  EXPECT_EQ(http::FieldValue(sent[1].headers(), "cookie"), "id=7");
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
  const cli::Sender send = [](const v1::HttpRequest&, std::chrono::milliseconds, Exchange&) {
    ADD_FAILURE() << "sent";
    return message::Result<void>();
  };
  Trace trace;
  v1::Error error;
  EXPECT_FALSE(IsDone(cli::Walk(JourneyTo("ftp://a.example/"), send, trace), error));
  EXPECT_EQ(error.violations(0).field(), "request.url");
}

// RFC 9110 §15: clients treat an invalid status as a 5xx.
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

// HEAD, then GET if a server refuses only HEAD.
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
    EXPECT_EQ(http::FieldValue(sent.back().headers(), "Cookie"), "a=b");
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
                               Exchange& out) -> message::Result<void> {
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
    return {};
  };
  Trace trace;
  v1::Error error;
  ASSERT_TRUE(IsDone(cli::Walk(journey, send, trace), error));
  EXPECT_EQ(asked, 3);
  EXPECT_TRUE(trace.Complete());
  EXPECT_TRUE(trace.hops[0].asked_again);
  EXPECT_EQ(trace.Redirects(), 1);
  EXPECT_THAT(Problems(trace), IsEmpty());
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

}  // namespace
}  // namespace fingerpost
