// `fingerpost trace`: the binary with a real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/program.h"
#include "cli/site.h"

namespace fingerpost {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

Outcome RunTrace(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "trace");
  // A proxy of the machine could not reach the loopback interface.
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

// The content of a redirect is ignored, even if it is late or endless.
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
  site.Set("GET /c", Page());
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

// A Location among surplus fields would be missed, and the redirect taken for a result.
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
  // The time of a futile wait counts.
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
  for (const char* url : {"", "/path", "//host/", "http://", "[", "mailto:me"}) {
    EXPECT_THAT(complaint({url}, 1), HasSubstr("request.url: ")) << url;
  }
  EXPECT_THAT(complaint({"ftp://example.com/"}, 1), HasSubstr("request.url: "));
  EXPECT_THAT(complaint({"http://127.0.0.1:1/", "-X", "A B"}, 1), HasSubstr("request.method: "));
}

}  // namespace
}  // namespace fingerpost
