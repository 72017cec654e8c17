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

TEST(Walk, ShowsNoUserinfo) {
  std::vector<v1::HttpRequest> sent;
  const Trace trace = WalkThrough(JourneyTo("https://user:password@a.example/"), {}, &sent);
  EXPECT_EQ(sent[0].url(), "https://user:password@a.example/");
  EXPECT_EQ(trace.hops[0].request.url(), "https://a.example/");
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
