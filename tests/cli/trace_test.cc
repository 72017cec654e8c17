// `fingerpost trace`: first the walk with a server made of a table, then the binary with a real
// one.
#include "trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/program.h"
#include "cli/site.h"
#include "core/fields.h"

namespace fingerpost {
namespace {

using cli::Exchange;
using cli::Journey;
using cli::Trace;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

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

Outcome RunTrace(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "trace");
  // Whatever proxy the machine has, it does not know this machine's loopback interface.
  return RunFingerpost(arguments, "", {{"no_proxy", "*"}});
}

TEST(Trace, SendsWhatFollowSays) {
  Site site({});
  site.Set("POST /orders",
           Redirect(303, site.other_origin() + "/done?x=1#y", "Set-Cookie: a=b\r\n"));
  site.Set("GET /done?x=1", Page());
  const Outcome outcome = RunTrace({site.origin() + "/orders", "-d", "item=1", "-H",
                                    "Authorization: Bearer s3cret", "-H", "X-Empty:"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::string port = site.origin().substr(site.origin().rfind(':'));
  EXPECT_THAT(
      site.requests(),
      ElementsAre(
          "POST /orders HTTP/1.1\r\nHost: 127.0.0.1" + port +
              "\r\nAuthorization: Bearer s3cret\r\nX-Empty:\r\nUser-Agent: fingerpost/0.1.0\r\n"
              "Accept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
              "Content-Length: 6\r\n\r\nitem=1",
          "GET /done?x=1 HTTP/1.1\r\nHost: localhost" + port +
              "\r\nX-Empty:\r\nUser-Agent: fingerpost/0.1.0\r\nAccept: */*\r\n\r\n"));
  EXPECT_THAT(outcome.out,
              StartsWith("1  POST " + site.origin() + "/orders\nHTTP/1.1 303 Moved  "));
  EXPECT_THAT(outcome.out, HasSubstr("\nmethod     POST -> GET"));
  EXPECT_THAT(outcome.out, HasSubstr("\ndropped    Authorization"));
  EXPECT_THAT(outcome.out,
              HasSubstr("\n2  GET " + site.other_origin() + "/done?x=1#y\nHTTP/1.1 200 OK  "));
  EXPECT_THAT(outcome.out, HasSubstr("\nDONE: the result, after 1 redirect ("));
  EXPECT_THAT(outcome.out, Not(HasSubstr("s3cret")));
}

TEST(Trace, IsReadByMachines) {
  Site site({{"HEAD /", Redirect(301, "/b")}, {"HEAD /b", "HTTP/1.1 200 OK\r\n\r\n"}});
  const Outcome outcome = RunTrace({site.origin() + "/", "-X", "HEAD", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  const auto trace = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(trace["hops"].size(), 2);
  EXPECT_EQ(trace["hops"][0]["request"]["url"], site.origin() + "/");
  EXPECT_EQ(trace["hops"][0]["version"], "HTTP/1.1");
  EXPECT_EQ(trace["hops"][0]["response"]["status"], 301);
  EXPECT_GT(trace["hops"][0]["milliseconds"], 0);
  EXPECT_EQ(trace["hops"][0]["follow"]["next"]["url"], site.origin() + "/b");
  EXPECT_EQ(trace["hops"][1]["follow"]["stop"]["reason"], "STOP_REASON_FINAL_RESPONSE");
  EXPECT_EQ(trace["complete"], true);
  EXPECT_EQ(trace["problems"][0]["code"], "permanent_without_freshness");
  EXPECT_EQ(trace["problems"][0]["hop"], 1);
}

TEST(Trace, ReportsABrokenChain) {
  Site site({{"GET /", Redirect(302, "/")}});
  const Outcome outcome = RunTrace({site.origin() + "/"});
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.out, HasSubstr("\nSTOP: loop after 0 redirects: "));
}

// What follows a redirect's fields is of no interest, be it late or endless.
TEST(Trace, DoesNotWaitForContent) {
  Site site({{"GET /", "HTTP/1.1 302 Found\r\nLocation: /stream\r\nContent-Length: 9\r\n\r\nx"},
             {"GET /stream", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ndata:"}});
  const Outcome outcome = RunTrace({site.origin() + "/", "--timeout", "60"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\nDONE: the result, after 1 redirect ("));
  EXPECT_THAT(site.requests(), testing::SizeIs(2));
}

TEST(Trace, KeepsADeclaredSecretOnItsOrigin) {
  Site site({});
  site.Set("GET /", Redirect(302, "/b"));
  site.Set("GET /b", Redirect(302, site.other_origin() + "/c"));
  const Outcome outcome =
      RunTrace({site.origin() + "/", "-H", "x-api-key: s3cret", "--secret", "X-Api-Key", "--json"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  ASSERT_THAT(site.requests(), testing::SizeIs(3));
  EXPECT_THAT(site.requests()[1], HasSubstr("x-api-key: s3cret\r\n"));
  EXPECT_THAT(site.requests()[2], Not(HasSubstr("s3cret")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("s3cret")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("undeclared_secret")));
}

TEST(Trace, TakesWhatServersSend) {
  const std::map<std::string, std::string> pages = {
      {"GET /early",
       "HTTP/1.1 103 Early Hints\r\nLocation: /wrong\r\n\r\n" + Redirect(302, "/end")},
      {"GET /folded", "HTTP/1.1 302 Found\r\nLocation:\r\n /end\r\nConnection: close\r\n\r\n"},
      {"GET /latin",
       "HTTP/1.1 302 F\xfcr\r\nX: \xff\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n"},
      {"GET /large", "HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 900000\r\n\r\n" +
                         std::string(900'000, 'x')},
      {"GET /trailer",
       "HTTP/1.1 302 Found\r\nLocation: /end\r\nTransfer-Encoding: chunked\r\n"
       "Connection: close\r\n\r\n0\r\nLocation: /wrong\r\n\r\n"},
      {"GET /bare", "HTTP/1.0 302 Found\nLocation: /end\n\n"},
      {"GET /end", Page(std::string(900'000, 'x'))}};
  Site site(pages);
  for (const auto& [page, response] : pages) {
    if (page == "GET /end") continue;
    const Outcome outcome = RunTrace({site.origin() + page.substr(4), "--json"});
    EXPECT_EQ(outcome.status, 0) << page << "\n" << outcome.out << outcome.err;
    EXPECT_EQ(nlohmann::json::parse(outcome.out)["hops"][1]["request"]["url"],
              site.origin() + "/end")
        << page;
  }
}

// A Location among the fields that are too many would be missed, and the redirect taken for a
// result.
TEST(Trace, CutsNoFieldsOff) {
  std::string fields;
  for (int i = 0; i < 300; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  Site site({{"GET /", "HTTP/1.1 302 Found\r\n" + fields + "Location: /end\r\n\r\n"}});
  const Outcome outcome = RunTrace({site.origin() + "/"});
  EXPECT_EQ(outcome.status, 3) << outcome.out;
  EXPECT_THAT(outcome.err, HasSubstr("response.headers: at most 256 fields"));
}

TEST(Trace, SaysWhyThereIsNoResponse) {
  Site site({{"GET /silent", ""}, {"GET /smtp", "220 mail.example ESMTP\r\n"}, {"GET /gone", "x"}});
  const auto failure = [](const std::vector<std::string>& arguments) {
    const Outcome outcome = RunTrace(arguments);
    EXPECT_EQ(outcome.status, 3) << outcome.out;
    EXPECT_THAT(outcome.out, HasSubstr("\nFAILED: "));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1);
    return outcome.err;
  };
  EXPECT_THAT(failure({"http://127.0.0.1:1/"}), HasSubstr("Failed to connect to 127.0.0.1 port 1"));
  EXPECT_THAT(failure({site.origin() + "/silent", "--timeout", "0.2"}), HasSubstr("timed out"));
  // The time that was waited in vain is a part of the whole.
  EXPECT_THAT(RunTrace({site.origin() + "/silent", "--timeout", "0.2"}).out,
              testing::ContainsRegex("received \\([1-9][0-9][0-9]+ ms in all\\)"));
  EXPECT_THAT(failure({site.origin() + "/smtp"}), HasSubstr("HTTP/0.9"));
}

TEST(Trace, NamesWhatIsWrongOnTheCommandLine) {
  const auto complaint = [](const std::vector<std::string>& arguments, int status) {
    const Outcome outcome = RunTrace(arguments);
    EXPECT_EQ(outcome.status, status);
    EXPECT_THAT(outcome.out, IsEmpty());
    return outcome.err;
  };
  EXPECT_EQ(complaint({}, 2), "fingerpost: URL is required (see fingerpost --help)\n");
  EXPECT_THAT(complaint({"http://127.0.0.1:1/", "--profile", "crul"}, 1),
              HasSubstr("options.profile: expected one of strict, "));
  EXPECT_EQ(complaint({"http://127.0.0.1:1/", "-H", "Authorization"}, 1),
            "fingerpost: request.headers[0]: expected a value: the field is sent\n");
  EXPECT_THAT(complaint({"http://127.0.0.1:1/", "--limit", "101"}, 1),
              HasSubstr("options.limit: "));
  EXPECT_THAT(complaint({"example.com"}, 1), HasSubstr("request.url: "));
  EXPECT_THAT(complaint({"ftp://example.com/"}, 1), HasSubstr("request.url: "));
  EXPECT_THAT(complaint({"http://127.0.0.1:1/", "-X", "A B"}, 1), HasSubstr("request.method: "));
}

}  // namespace
}  // namespace fingerpost
