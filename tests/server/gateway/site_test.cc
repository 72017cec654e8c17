// --redirect-listen: a site that answers web clients itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "server/daemon.h"
#include "server/gateway/served_policy.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kPolicy[] = R"yaml(
defaults: {allowed_hosts: [new.example], hsts: {max_age: 300s}}
rules:
  - {id: gone, match: {hosts: [old.example], path: /gone}, intent: {purpose: gone}}
  - {id: beta, match: {hosts: [old.example], path: /beta, fields: [{name: X-Beta}]}, intent: {purpose: gone}}
  - {id: hook, match: {hosts: [old.example], path: /hook}, intent: {purpose: reroute, target: /v2, client: webhook_sender}}
  - {id: go, match: {hosts: [old.example], path_regex: "/go/(?P<to>.*)"}, intent: {purpose: temporary_move, target: "/{to}"}}
  - {id: all, match: {hosts: [retired.example], path_prefix: /}, intent: {purpose: permanent_move, target: "https://new.example{rest}"}}
)yaml";

constexpr char kOld[] = "Host: old.example\r\n";
constexpr char kRetired[] = "Host: retired.example\r\n";

class Site : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TestDirectory>();
    fs::create_directory(directory_->Path("acme"));
    (void)directory_->Write("acme/Token_1-x", "Token_1-x.thumbprint");
    (void)directory_->Write("acme/large", std::string(1025, 'a'));
    (void)directory_->Write("acme/dot.txt", "no token");
    (void)directory_->Write("secret", "secret");
    fs::create_symlink(directory_->Path("secret"), directory_->Path("acme/link"));
    fs::create_directory(directory_->Path("acme/directory"));
    mkfifo(directory_->Path("acme/pipe").c_str(), 0600);
    daemon_ = Serve({"--redirect-acme", directory_->Path("acme")});
  }
  static void TearDownTestSuite() {
    daemon_.reset();
    directory_.reset();
  }

  static std::unique_ptr<Daemon> Serve(const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {
        "--policy",          directory_->Write("policy.yaml", kPolicy),
        "--redirect-listen", "127.0.0.1:0",
        "--admin-listen",    "127.0.0.1:0"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return std::make_unique<Daemon>(arguments);
  }
  static HttpResponse Ask(const std::string& line, const std::string& fields,
                          const std::string& content = "") {
    return Exchange(daemon_->site_address(), Request(line, fields, content));
  }
  static double Count(const std::string& outcome) {
    return Metric(*daemon_,
                  R"(fingerpost_gateway_requests_total{door="site",outcome=")" + outcome + "\"}");
  }

  static inline std::unique_ptr<TestDirectory> directory_;
  static inline std::unique_ptr<Daemon> daemon_;
};

struct Row {
  std::string name;
  std::string citation;
  std::string line;
  std::string fields;
  int status;
  std::string location = "(absent)";
};

std::vector<Row> Rows() {
  const std::string challenge = "GET /.well-known/acme-challenge/";
  return {
      {"ARetiredDomain", "RFC 9110 §15.4.9", "GET /a%2Fb//c?x=1", kRetired, 308,
       "https://new.example/a%2Fb//c?x=1"},
      {"AnyMethod", "RFC 9110 §15.4.9", "PUT /a", std::string(kRetired) + "Content-Length: 9\r\n",
       308, "https://new.example/a"},
      {"APostWithoutLength", "RFC 9112 §6.3", "POST /a", kRetired, 308, "https://new.example/a"},
      {"Gone", "RFC 9110 §15.5.11", "GET /gone", kOld, 410},
      {"NoRule", "RFC 9110 §15.5.5", "GET /none", kOld, 404},
      {"NoRuleForThatHost", "RFC 9110 §15.5.5", "GET /gone", "Host: other.example\r\n", 404},
      {"Forward", "RFC 9110 §15.5.5", "POST /hook", kOld, 404},
      {"Refuse", "RFC 9110 §15.5.5", "GET /go//evil.example", kOld, 404},
      {"AWebSocketIsNeverRedirected", "RFC 6455 §4.2.2", "GET /a",
       std::string(kRetired) + "Upgrade: websocket\r\n", 404},
      {"APreflightIsNeverRedirected", "", "OPTIONS /a",
       std::string(kRetired) + "Origin: https://a.example\r\n"
                               "Access-Control-Request-Method: PUT\r\n",
       404},
      {"AbsoluteForm", "RFC 9112 §3.2.2", "GET http://retired.example/a", kOld, 308,
       "https://new.example/a"},
      {"AbsoluteFormWithoutPath", "RFC 9112 §3.2.2", "GET http://retired.example", kOld, 308,
       "https://new.example/"},
      {"AbsoluteFormWithAQueryOnly", "RFC 9112 §3.2.2", "GET http://retired.example?x=1", kOld, 308,
       "https://new.example/?x=1"},
      {"AbsoluteFormWithAnEmptyQuery", "RFC 3986 §3.4", "GET http://retired.example/a?", kOld, 308,
       "https://new.example/a?"},
      {"ABackslash", "RFC 9112 §3.2.1", "GET /\\a", kRetired, 400},
      {"AFragment", "RFC 9112 §3.2.1", "GET /a#b", kRetired, 400},
      {"ALineOf20KiB", "RFC 9112 §3", "GET /a?" + std::string(20 << 10, 'a'), kRetired, 431},
      {"AnotherScheme", "RFC 9110 §7.4", "GET https://retired.example/a", kRetired, 421},
      {"TheServerItself", "RFC 9110 §9.3.7", "OPTIONS *", kOld, 204},
      {"AStarThatIsNoMethod", "RFC 9112 §3.2.4", "GET *", kOld, 400},
      {"ATunnel", "RFC 9110 §9.3.6", "CONNECT retired.example:443", kRetired, 405},
      {"ATrace", "RFC 9110 §9.3.8", "TRACE /a", kRetired, 405},
      {"NoHost", "RFC 9112 §3.2", "GET /a", "", 400},
      {"TwoHosts", "RFC 9112 §3.2", "GET /a", std::string(kRetired) + kOld, 400},
      {"AHostWithUserinfo", "RFC 9110 §7.2", "GET /a", "Host: a@retired.example\r\n", 400},
      {"AHostThatIsAList", "RFC 9110 §7.2", "GET /a", "Host: a, retired.example\r\n", 400},
      {"AnEmptyHost", "RFC 9110 §7.2", "GET /a", "Host:\r\n", 400},
      {"UserinfoInTheTarget", "RFC 9110 §4.2.4", "GET http://a@retired.example/a", kOld, 400},
      {"APathThatIsNone", "RFC 9112 §3.2", "GET a", kRetired, 400},
      {"AFieldOf64KiB", "RFC 6585 §5", "GET /a",
       kRetired + ("X: " + std::string(64 << 10, 'a') + "\r\n"), 431},
      {"TwoLengths", "RFC 9112 §6.3", "POST /a",
       std::string(kRetired) + "Content-Length: 0\r\nContent-Length: 5\r\n", 400},
      {"AnUnknownCoding", "RFC 9112 §6.1", "POST /a",
       std::string(kRetired) + "Transfer-Encoding: gzip\r\n", 400},
      // What is believed at /v1/gateway is nothing here.
      {"ForwardedFieldsAreNothing", "", "GET /none",
       std::string(kOld) + "X-Forwarded-Host: retired.example\r\nX-Forwarded-Uri: /gone\r\n"
                           "X-Original-URL: https://retired.example/a\r\nX-Original-URI: /gone\r\n",
       404},
      {"TheEndpointIsAPathAsOthers", "", "GET /v1/gateway/gone", kOld, 404},
      {"TheJsonSideIsElsewhere", "", "POST /v1/decide", kOld, 404},
      // RFC 8555 §8.3.
      {"AChallenge", "RFC 8555 §8.3", challenge + "Token_1-x", kRetired, 200},
      {"AHeadOfAChallenge", "RFC 9110 §9.3.2", "HEAD /.well-known/acme-challenge/Token_1-x",
       kRetired, 200},
      {"APostToAChallenge", "RFC 9110 §15.5.6", "POST /.well-known/acme-challenge/Token_1-x",
       kRetired, 405},
      {"NoSuchChallenge", "", challenge + "other", kRetired, 404},
      {"ATraversal", "", challenge + "../secret", kRetired, 404},
      {"AnEncodedTraversal", "", challenge + "..%2Fsecret", kRetired, 404},
      {"ALink", "", challenge + "link", kRetired, 404},
      {"ADirectory", "", challenge + "directory", kRetired, 404},
      {"APipe", "", challenge + "pipe", kRetired, 404},
      {"ALargeFile", "", challenge + "large", kRetired, 404},
      {"ANameThatIsNoToken", "", challenge + "dot.txt", kRetired, 404},
      {"NoToken", "", challenge, kRetired, 404},
      {"BesideTheChallenges", "", "GET /.well-known/acme-challenge", kRetired, 308,
       "https://new.example/.well-known/acme-challenge"},
  };
}

class SiteRows : public Site, public ::testing::WithParamInterface<Row> {};

TEST_P(SiteRows, AreAnsweredSo) {
  const Row& row = GetParam();
  const HttpResponse response = Ask(row.line, row.fields);
  EXPECT_EQ(response.status, row.status) << row.citation << response.fields << response.body;
  EXPECT_EQ(FieldOf(response, "Location"), row.location);
  EXPECT_EQ(FieldOf(response, "Strict-Transport-Security"), "(absent)") << "RFC 6797 §7.2";
}

INSTANTIATE_TEST_SUITE_P(Rows, SiteRows, ::testing::ValuesIn(Rows()),
                         [](const auto& row) { return row.param.name; });

// Who may visit the site may not choose what is traced, nor write into the log's trace_id.
TEST_F(Site, AVisitorsTraceparentIsNoParent) {
  const Daemon daemon({"--redirect-listen", "127.0.0.1:0", "--access-log", "all"});
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  (void)Exchange(daemon.site_address(),
                 Request("GET /a", std::string(kRetired) + "traceparent: 00-" + trace +
                                       "-00f067aa0ba902b7-01\r\n"));
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (daemon.Errors().find("\"transport\":\"site\"") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience) << daemon.Errors();
    std::this_thread::yield();
  }
  EXPECT_THAT(daemon.Errors(), ::testing::Not(HasSubstr(trace)));
}

TEST_F(Site, WhatNoRuleKnowsIsAShortPage) {
  const HttpResponse html = Ask("GET /none", std::string(kOld) + "Accept: text/html\r\n");
  EXPECT_EQ(FieldOf(html, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(FieldOf(html, "Cache-Control"), "no-cache") << "a rule may come at any time";
  EXPECT_THAT(html.body, HasSubstr("404 Not Found"));
  EXPECT_EQ(Ask("GET /none", std::string(kOld) + "Accept: application/json\r\n").body,
            R"({"status":404})");
  EXPECT_EQ(Ask("GET /none", std::string(kOld) + "Accept: text/plain\r\n").body, "404 Not Found\n");
  const HttpResponse head = Ask("HEAD /none", std::string(kOld) + "Accept: text/html\r\n");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(LinesOf(head), LinesOf(html));
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(FieldOf(Ask("POST /none", kOld), "Cache-Control"), "no-store");
  EXPECT_THAT(Ask("GET /beta", kOld).fields, HasSubstr("Vary: X-Beta\r\n"));
}

TEST_F(Site, AnOldClientGetsWhatItKnows) {
  const HttpResponse old =
      Exchange(daemon_->site_address(), "GET /a HTTP/1.0\r\nHost: retired.example\r\n\r\n");
  EXPECT_EQ(old.status, 301) << "RFC 1945 has no 308";
  EXPECT_EQ(Exchange(daemon_->site_address(), "GET /a HTTP/1.0\r\n\r\n").status, 400)
      << "nobody knows of which host";
}

TEST_F(Site, AChallengeIsServedAsItIs) {
  const HttpResponse file = Ask("GET /.well-known/acme-challenge/Token_1-x", kRetired);
  EXPECT_EQ(file.body, "Token_1-x.thumbprint");
  EXPECT_EQ(FieldOf(file, "Content-Type"), "application/octet-stream");
  EXPECT_EQ(FieldOf(file, "Cache-Control"), "no-store");
}

TEST_F(Site, AChallengeIsPassedOnOrLeftToTheRulesIfAsked) {
  const std::string line = "GET /.well-known/acme-challenge/token";
  const auto passed = Serve({"--redirect-acme", "http://issuer.example/challenges/"});
  const HttpResponse redirect = Exchange(passed->site_address(), Request(line, kRetired));
  EXPECT_EQ(redirect.status, 307);
  EXPECT_EQ(FieldOf(redirect, "Location"), "http://issuer.example/challenges/token");
  EXPECT_EQ(Exchange(passed->site_address(), Request(line + "%2F..", kRetired)).status, 404);
  const auto off = Serve({"--redirect-acme", "off"});
  EXPECT_EQ(Exchange(off->site_address(), Request(line, kRetired)).status, 308);
  const auto none = Serve({});
  EXPECT_EQ(Exchange(none->site_address(), Request(line, kRetired)).status, 404);
}

TEST_F(Site, ConnectEndsItsConnectionAndTheMethodsAreNamed) {
  const KeptAlive tunnel(daemon_->site_address());
  tunnel.Send(
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\nGET /gone HTTP/1.1\r\n" +
      std::string(kOld) + "\r\n");
  const std::string answer = tunnel.ReadAll();
  EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Connection: close"),
                            HasSubstr("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n")));
  EXPECT_EQ(answer.find("410"), std::string::npos);
  EXPECT_THAT(Ask("OPTIONS *", kOld).fields, HasSubstr("Allow: GET, HEAD, POST"));
}

TEST_F(Site, PipelinedRequestsAreAnsweredInOrder) {
  const KeptAlive connection(daemon_->site_address());
  connection.Send("POST /gone HTTP/1.1\r\nContent-Length: 2\r\n" + std::string(kOld) + "\r\nGE" +
                  "GET /a HTTP/1.1\r\n" + kRetired + "\r\n" + Request("GET /none", kOld));
  const std::string answers = connection.ReadAll();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 410 "));
  EXPECT_LT(answers.find("HTTP/1.1 308 "), answers.find("HTTP/1.1 404 "));
}

TEST_F(Site, EveryRequestIsCounted) {
  const double pass = Count("pass");
  const double unreadable = Count("unreadable");
  const double rejected = Count("rejected");
  (void)Ask("GET /none", kOld);
  (void)Ask("GET /a", "Host: a@b\r\n");
  (void)Ask("GET /a", "");
  (void)Ask("TRACE /a", kOld);
  EXPECT_EQ(Count("pass"), pass + 1);
  EXPECT_EQ(Count("unreadable"), unreadable + 1);
  EXPECT_EQ(Count("rejected"), rejected + 2);
  EXPECT_GE(
      Metric(*daemon_, R"(fingerpost_http_connections_accepted_total{port="redirect-listen"})"), 4);
  EXPECT_EQ(Metric(*daemon_, R"(fingerpost_decisions_total{outcome="RESPOND",)"
                             R"(purpose="NOT_FOUND",status="404",reason="NOT_FOUND"})"),
            -1)
      << "the page is no decision of the policy";
}

TEST_F(Site, DrainsAndRefusesWrongSettings) {
  const auto daemon = Serve({});
  const KeptAlive half(daemon->site_address());
  half.Send("GET /gone HTTP/1.1\r\n");
  daemon->Signal(SIGTERM);
  half.Send(std::string(kOld) + "\r\n");
  EXPECT_THAT(half.ReadAll(), StartsWith("HTTP/1.1 410 "));
  EXPECT_EQ(daemon->Wait().code, 0);
  struct Wrong {
    std::vector<std::string> arguments;
    int code;
    std::string error;
  };
  for (const Wrong& wrong : std::vector<Wrong>{
           {{"--redirect-listen", "127.0.0.1:0", "--redirect-acme", "/no/such"},
            3,
            "--redirect-acme /no/such: expected a directory, a URL, or off"},
           {{"--redirect-listen", "127.0.0.1:0", "--redirect-acme", "https://a.example/?x"},
            2,
            "expected an http or https URL without user, query and fragment"},
           {{"--redirect-listen", "127.0.0.1:0", "--redirect-tls-cert", "a.pem"},
            2,
            "expected a key for each certificate"},
           {{"--redirect-tls-cert", "a.pem", "--redirect-tls-key", "a.key"},
            2,
            "--redirect-tls-cert needs --redirect-listen"},
           {{"--redirect-listen", daemon_->site_address()}, 4, "Address already in use"}}) {
    std::vector<std::string> arguments = {"--listen", "127.0.0.1:0"};
    arguments.insert(arguments.end(), wrong.arguments.begin(), wrong.arguments.end());
    const Output output = RunDaemon(arguments);
    EXPECT_EQ(output.code, wrong.code) << wrong.error;
    EXPECT_THAT(output.err, HasSubstr(wrong.error));
  }
}

}  // namespace
}  // namespace fingerpost::testing
