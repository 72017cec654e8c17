// /v1/gateway: from the octets of a request to those of its answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <memory>
#include <string>
#include <vector>

#include "server/daemon.h"
#include "server/gateway/served_policy.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPolicy[] = R"yaml(
defaults: {allowed_hosts: [new.example]}
rules:
  - {id: old, match: {hosts: [shop.example], path: /old}, intent: {purpose: permanent_move, target: /new}}
  - {id: other, match: {hosts: [other.example], path: /old}, intent: {purpose: permanent_move, target: "https://new.example/other"}}
  - {id: plain, match: {hosts: [shop.example], path: /plain}, intent: {purpose: https_upgrade}}
  - {id: gone, match: {hosts: [shop.example], path: /gone}, intent: {purpose: gone}}
  - {id: encoded, match: {hosts: [shop.example], path: "/a%2Fb"}, intent: {purpose: permanent_move, target: /encoded}}
  - {id: double, match: {hosts: [shop.example], path: "//x"}, intent: {purpose: permanent_move, target: /double}}
  - {id: comma, match: {hosts: [shop.example], path: "/a,b"}, intent: {purpose: permanent_move, target: /comma}}
  - {id: query, match: {hosts: [shop.example], path: /search, query: [{name: q, equals: old}]}, intent: {purpose: permanent_move, target: /found}}
  - {id: beta, match: {hosts: [shop.example], path: /beta, fields: [{name: X-Beta}]}, intent: {purpose: gone}}
  - {id: hook, match: {hosts: [shop.example], path: /hook}, intent: {purpose: reroute, target: /v2/hook, client: webhook_sender}}
  - {id: go, match: {hosts: [shop.example], path_regex: "/go/(?P<to>.*)"}, intent: {purpose: temporary_move, target: "/{to}"}}
)yaml";

constexpr char kShop[] = "Host: shop.example\r\n";
// What a reverse proxy says about GET https://shop.example/old.
constexpr char kForwarded[] =
    "Host: fingerpost\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Proto: https\r\n"
    "X-Forwarded-Host: shop.example\r\nX-Forwarded-Uri: /old\r\n";

class Gateway : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TestDirectory>();
    daemon_ = std::make_unique<Daemon>(
        std::vector<std::string>{"--policy", directory_->Write("policy.yaml", kPolicy),
                                 "--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"});
  }
  static void TearDownTestSuite() {
    daemon_.reset();
    directory_.reset();
  }

  static HttpResponse Ask(const std::string& line, const std::string& fields,
                          const std::string& content = "") {
    return Exchange(daemon_->http_address(), Request(line, fields, content));
  }
  static double Count(const std::string& outcome) {
    return Metric(*daemon_, R"(fingerpost_gateway_requests_total{door="gateway",outcome=")" +
                                outcome + "\"}");
  }

  static inline std::unique_ptr<TestDirectory> directory_;
  static inline std::unique_ptr<Daemon> daemon_;
};

// Location "(absent)" and status 204: the gateway goes on.
struct Row {
  std::string name;
  std::string line;
  std::string fields;
  int status;
  std::string location = "(absent)";
  std::string outcome = "(absent)";
};

std::string Uri(const std::string& value) {
  return "Host: shop.example\r\nX-Forwarded-Uri: " + value + "\r\n";
}

std::string Host(const std::string& value) { return "Host: " + value + "\r\n"; }

Row Unreadable(const std::string& name, const std::string& fields,
               const std::string& line = "GET /v1/gateway/old") {
  return {name, line, fields, 204, "(absent)", "unreadable"};
}

Row Passes(const std::string& name, const std::string& fields,
           const std::string& line = "GET /v1/gateway/old") {
  return {name, line, fields, 204, "(absent)", "pass"};
}

std::vector<Row> Rows() {
  const std::string line = "GET /v1/gateway";
  const std::string forwarded = kForwarded;
  return {
      // Where each part comes from.
      {"ByTheTarget", "GET /v1/gateway/old", kShop, 308, "/new"},
      {"ByForwardedFields", line, forwarded, 308, "/new"},
      {"ByOriginalFields", line,
       "Host: shop.example\r\nX-Original-Method: GET\r\nX-Original-URI: /old\r\n", 308, "/new"},
      {"ByOriginalUrl", line, "Host: auth\r\nX-Original-URL: https://shop.example/old\r\n", 308,
       "/new"},
      {"ByFieldsInAnyCase", line, "host: shop.example\r\nx-forwarded-uri: /old\r\n", 308, "/new"},
      {"ForwardedWinOverTheLine", "GET /v1/gateway/gone", Uri("/old"), 308, "/new"},
      {"TheMethodIsTheClients", line, Uri("/old") + "X-Forwarded-Method: POST\r\n", 308, "/new"},
      {"TheSchemeIsTheClients", line, Uri("/plain"), 308, "https://shop.example/plain"},
      {"HttpsNeedsNoUpgrade", line, Uri("/plain") + "X-Forwarded-Proto: https\r\n", 204, "(absent)",
       "pass"},
      {"ASecureWebSocketIsHttps", line, Uri("/plain") + "X-Forwarded-Proto: wss\r\n", 204,
       "(absent)", "pass"},
      {"TheSameTwiceInTwoFields", line,
       forwarded + "X-Original-URI: /old\r\nX-Original-URL: HTTPS://SHOP.example/old\r\n", 308,
       "/new"},
      {"AnAbsoluteTargetHasTheHost", "GET http://shop.example/v1/gateway/old",
       Host("other.example"), 308, "/new"},
      // Paths as they are.
      {"AnEncodedSlash", "GET /v1/gateway/a%2Fb", kShop, 308, "/encoded"},
      {"TwoSlashes", "GET /v1/gateway//x", kShop, 308, "/double"},
      {"AComma", line, Uri("/a,b"), 308, "/comma"},
      {"AQuery", "GET /v1/gateway/search?q=old", kShop, 308, "/found"},
      {"AForwardedQuery", line, Uri("/search?q=old"), 308, "/found"},
      {"ParametersInThePathAreTheClients", "GET /v1/gateway/none?pass=418", kShop, 204, "(absent)",
       "pass"},
      {"AnEmptyQuery", "GET /v1/gateway/old?", kShop, 308, "/new"},
      // What the policy says.
      {"Gone", "GET /v1/gateway/gone", kShop, 410},
      {"NoRule", "GET /v1/gateway/none", kShop, 204, "(absent)", "pass"},
      {"Forward", "POST /v1/gateway/hook", kShop, 204, "(absent)", "forward"},
      {"Refuse", "GET /v1/gateway/go//evil.example", kShop, 204, "(absent)", "refuse"},
      {"AnotherHost", "GET /v1/gateway/old", Host("other.example"), 308,
       "https://new.example/other"},
      {"AnyMethod", "PROPFIND /v1/gateway/old", kShop, 308, "/new"},
      Passes("AWebSocketIsNeverRedirected",
             std::string(kShop) + "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
      Passes("APreflightIsNeverRedirected",
             std::string(kShop) + "Origin: https://a.example\r\n"
                                  "Access-Control-Request-Method: PUT\r\n",
             "OPTIONS /v1/gateway/old"),
      // One of two may be the client's own; nobody knows which.
      Unreadable("TwoUris", forwarded + "X-Forwarded-Uri: /gone\r\n", line),
      Unreadable("TwoEqualUris", forwarded + "X-Forwarded-Uri: /old\r\n", line),
      Unreadable("TwoHosts", forwarded + "X-Forwarded-Host: other.example\r\n", line),
      Unreadable("TwoMethods", forwarded + "X-Forwarded-Method: POST\r\n", line),
      Unreadable("TwoSchemes", forwarded + "X-Forwarded-Proto: http\r\n", line),
      Unreadable("TwoUrls",
                 "Host: a\r\nX-Original-URL: http://shop.example/old\r\n"
                 "X-Original-URL: http://shop.example/old\r\n",
                 line),
      Unreadable("UrisThatDiffer", forwarded + "X-Original-URI: /gone\r\n", line),
      Unreadable("MethodsThatDiffer", forwarded + "X-Original-Method: POST\r\n", line),
      Unreadable("AUrlOfAnotherHost", forwarded + "X-Original-URL: https://other.example/old\r\n",
                 line),
      Unreadable("AUrlOfAnotherScheme", forwarded + "X-Original-URL: http://shop.example/old\r\n",
                 line),
      // Outermost proxies append: the first of a list may be the client's.
      Unreadable("AListOfHosts", Uri("/old") + "X-Forwarded-Host: shop.example, other.example\r\n",
                 line),
      Unreadable("AListOfSchemes", Uri("/old") + "X-Forwarded-Proto: https,http\r\n", line),
      Unreadable("AListOfMethods", Uri("/old") + "X-Forwarded-Method: GET, POST\r\n", line),
      Unreadable("AListOfUris", Uri("/old, /old"), line),
      // A variable of the gateway that was not set: what it stands for is unknown.
      Unreadable("AnEmptyUri", Uri(""), line),
      Unreadable("AnEmptyHost", Uri("/old") + "X-Forwarded-Host:\r\n", line),
      Unreadable("AnEmptyMethod", Uri("/old") + "X-Forwarded-Method: \r\n", line),
      Unreadable("AnEmptyScheme", Uri("/old") + "X-Forwarded-Proto:\r\n", line),
      Unreadable("AnEmptyUrl", "Host: shop.example\r\nX-Original-URL:\r\n", line),
      // Hosts.
      Unreadable("AHostWithUserinfo", Host("shop.example@other.example")),
      Unreadable("AHostWithAUser", Host("u:p@shop.example")),
      Unreadable("AHostThatIsAList", Host("shop.example, other.example")),
      Unreadable("AHostThatIsAUrl", Host("https://shop.example")),
      Unreadable("AHostWithAPath", Host("shop.example/old")),
      Unreadable("AHostWithASpace", Host("shop.example other")),
      Unreadable("AHostWithATab", Host("shop.exa\tmple")),
      Unreadable("AnEncodedHost", Host("%73hop.example")),
      Unreadable("AHostInOctetsThatAreNoAscii", Host("\xc5\x9fhop.example")),
      Unreadable("AHostWithAnEmptyPort", Host("shop.example:")),
      Unreadable("AHostWithAWrongPort", Host("shop.example:99999")),
      Unreadable("AnAddressInAnotherSpelling", Host("0x7f.1")),
      Unreadable("AnEmptyHostField", "Host:\r\n"),
      Unreadable("AForwardedHostWithUserinfo", Uri("/old") + "X-Forwarded-Host: a@shop.example\r\n",
                 line),
      // Targets.
      Unreadable("NoTarget", kShop, line),
      Unreadable("AQueryAlone", kShop, "GET /v1/gateway?x=1"),
      Unreadable("AbsoluteForm", Uri("http://other.example/old"), line),
      Unreadable("AuthorityForm", Uri("other.example:443"), line),
      Unreadable("AsteriskForm", Uri("*"), line),
      Unreadable("APathWithoutSlash", Uri("old"), line),
      Unreadable("APathWithASpace", Uri("/old x"), line),
      Unreadable("APathWithATab", Uri("/o\tld"), line),
      Unreadable("AbsoluteFormAfterThePath", kShop, "GET /v1/gatewayhttp://other.example/old"),
      Unreadable("AuthorityFormAfterThePath", kShop, "GET /v1/gatewayother.example:443"),
      Unreadable("AnotherPathThatBeginsSo", kShop, "GET /v1/gateways/old"),
      Unreadable("AUrlWithoutPath", "Host: a\r\nX-Original-URL: http://shop.example\r\n", line),
      Unreadable("AUrlInAUrl",
                 "Host: a\r\nX-Original-URL: http://shop.examplehttp://other.example/old\r\n",
                 line),
      Unreadable("ASchemeThatIsNone", Uri("/old") + "X-Forwarded-Proto: ftp\r\n", line),
      Unreadable("ASchemeWithMore", Uri("/old") + "X-Forwarded-Proto: https://other.example/?\r\n",
                 line),
      Unreadable("AMethodThatIsNone", Uri("/old") + "X-Forwarded-Method: G T\r\n", line),
      Unreadable("ALongMethod",
                 Uri("/old") + "X-Forwarded-Method: " + std::string(65, 'A') + "\r\n", line),
      Unreadable("ALineOf20KiB", kShop, "GET /v1/gateway/old?" + std::string(20 << 10, 'a')),
      Unreadable("ABackslash", kShop, "GET /v1/gateway/\\x"),
      Unreadable("ABackslashInAField", Uri("/\\x"), line),
      Unreadable("AFragment", kShop, "GET /v1/gateway/old#x"),
      Unreadable("AFragmentInAField", Uri("/old#x"), line),
      Unreadable("AFieldOf64KiB", kShop + ("X: " + std::string(64 << 10, 'a') + "\r\n")),
      Unreadable("AUriOf64KiB", Uri("/" + std::string(64 << 10, 'a')), line),
      // Parameters that are none: they may be the client's, behind a gateway that appends its
      // query.
      Unreadable("AnUnknownParameter", Uri("/old"), "GET /v1/gateway?x=1"),
      Unreadable("AWrongStatus", Uri("/old"), "GET /v1/gateway?pass=99"),
      Unreadable("AStatusThatIsNone", Uri("/old"), "GET /v1/gateway?pass=+204"),
      Unreadable("AParameterTwice", Uri("/old"), "GET /v1/gateway?pass=204&pass=418"),
      Unreadable("AnEmptyParameter", Uri("/old"), "GET /v1/gateway?wrap="),
      // Smuggling shapes, and heads that are none: the gateway should not have sent them.
      {"ControlOctets", "GET /v1/gateway/old", std::string(kShop) + "X: \x01\r\n", 400},
      {"NoHost", "GET /v1/gateway/old", "", 400},
      {"TwoHostFields", "GET /v1/gateway/old", std::string(kShop) + kShop, 400},
      {"TwoLengths", "POST /v1/gateway/old",
       std::string(kShop) + "Content-Length: 0\r\nContent-Length: 5\r\n", 400},
      {"LengthAndChunks", "POST /v1/gateway/old",
       std::string(kShop) + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", 400},
      {"AnUnknownCodingIsNoFaultOfTheService", "POST /v1/gateway/old",
       std::string(kShop) + "Transfer-Encoding: gzip, chunked\r\n", 400},
      {"AFoldedLine", "GET /v1/gateway/old", std::string(kShop) + "X: a\r\n b\r\n", 400},
  };
}

class GatewayRows : public Gateway, public ::testing::WithParamInterface<Row> {};

TEST_P(GatewayRows, AreAnsweredSo) {
  const Row& row = GetParam();
  const HttpResponse response = Ask(row.line, row.fields);
  EXPECT_EQ(response.status, row.status) << response.fields << response.body;
  EXPECT_EQ(FieldOf(response, "Location"), row.location);
  EXPECT_EQ(FieldOf(response, "Fingerpost-Outcome"), row.outcome);
}

INSTANTIATE_TEST_SUITE_P(Rows, GatewayRows, ::testing::ValuesIn(Rows()),
                         [](const auto& row) { return row.param.name; });

TEST_F(Gateway, TheStatusForGoingOnIsTheGateways) {
  const auto status = [](const std::string& query, const std::string& uri) {
    return Ask("GET /v1/gateway?" + query, Uri(uri));
  };
  EXPECT_EQ(status("pass=418", "/none").status, 418);
  EXPECT_EQ(status("pass=200", "/none").status, 200);
  EXPECT_EQ(FieldOf(status("pass=200", "/none"), "Content-Length"), "0");
  EXPECT_EQ(FieldOf(status("pass=204", "/none"), "Content-Length"), "(absent)");
  EXPECT_EQ(status("pass=418", "x").status, 418) << "also for what cannot be read";
  EXPECT_EQ(status("pass=599", "/old").status, 308);
  const HttpResponse gone = status("wrap=401&pass=299", "/gone");
  EXPECT_EQ(gone.status, 401);
  EXPECT_EQ(FieldOf(gone, "Fingerpost-Status"), "410");
  EXPECT_THAT(gone.body, HasSubstr("410 Gone"));
  EXPECT_EQ(FieldOf(gone, "Content-Length"), std::to_string(gone.body.size()));
  const HttpResponse moved = status("wrap=401", "/old");
  EXPECT_EQ(moved.status, 401);
  EXPECT_EQ(FieldOf(moved, "Location"), "/new");
  EXPECT_EQ(FieldOf(moved, "Fingerpost-Status"), "308");
  EXPECT_EQ(status("wrap=401&pass=299", "/none").status, 299) << "going on is not wrapped";
  EXPECT_EQ(FieldOf(status("wrap=204", "/old"), "Content-Length"), "(absent)");
}

TEST_F(Gateway, GoingOnCarriesWhatTheBackendsAnswerNeeds) {
  EXPECT_EQ(FieldOf(Ask("GET /v1/gateway/beta", kShop), "Vary"), "X-Beta");
  EXPECT_EQ(FieldOf(Ask("GET /v1/gateway/none", kShop), "Cache-Control"), "(absent)")
      << "the gateway may hand the fields on to the page";
  const HttpResponse forward = Ask("POST /v1/gateway/hook", kShop);
  EXPECT_EQ(FieldOf(forward, "Fingerpost-Target"), "http://shop.example/v2/hook");
  EXPECT_EQ(FieldOf(Ask("GET /v1/gateway/go//evil.example", kShop), "Fingerpost-Target"),
            "(absent)");
}

// RFC 9110 §9.3.2.
TEST_F(Gateway, AHeadGetsGetsAnswerWithoutContent) {
  const HttpResponse get = Ask("GET /v1/gateway/old", kShop);
  const HttpResponse head = Ask("HEAD /v1/gateway/old", kShop);
  EXPECT_EQ(head.status, 308);
  EXPECT_EQ(LinesOf(head), LinesOf(get));
  EXPECT_NE(get.body, "");
  EXPECT_EQ(head.body, "");
  // The gateway asks with GET: no Content-Length could be right for both.
  const HttpResponse forwarded =
      Ask("GET /v1/gateway", Uri("/old") + "X-Forwarded-Method: HEAD\r\n");
  EXPECT_EQ(forwarded.status, 308);
  EXPECT_EQ(FieldOf(forwarded, "Location"), "/new");
  EXPECT_EQ(FieldOf(forwarded, "Content-Length"), "(absent)");
  EXPECT_EQ(FieldOf(forwarded, "Connection"), "close");
  EXPECT_EQ(forwarded.body, "");
  // And with HEAD about GET.
  const HttpResponse by_head = Ask("HEAD /v1/gateway", Uri("/old") + "X-Forwarded-Method: GET\r\n");
  EXPECT_EQ(LinesOf(by_head), LinesOf(get));
  EXPECT_EQ(by_head.body, "");
}

// The content never comes here.
TEST_F(Gateway, AnswersBeforeTheContent) {
  const std::string fields = std::string(kShop) + "Expect: 100-continue\r\n";
  EXPECT_EQ(Ask("POST /v1/gateway/old", fields + "Content-Length: 100000000\r\n").status, 308);
  EXPECT_EQ(
      Ask("POST /v1/gateway/old", fields + "Content-Length: 100000000\r\n", "no field\r\n\r\n")
          .status,
      308)
      << "with its beginning";
  EXPECT_EQ(Ask("POST /v1/gateway/none", std::string(kShop) + "Content-Length: 9\r\n").status, 204);
  EXPECT_EQ(
      Ask("POST /v1/gateway/none", std::string(kShop) + "Transfer-Encoding: chunked\r\n").status,
      204);
  EXPECT_EQ(Ask("POST /v1/gateway/none", kShop).status, 204) << "without a length";
}

// Content that has come is not the next request; a connection with some missing ends.
TEST_F(Gateway, AConnectionStaysInStep) {
  const auto send = [](const std::string& octets) {
    const KeptAlive connection(daemon_->http_address());
    connection.Send(octets);
    return connection.ReadAll();
  };
  const std::string host = "Host: shop.example\r\n";
  const std::string post = "POST /v1/gateway/old HTTP/1.1\r\n" + host;
  const std::string last = "GET /v1/gateway/gone HTTP/1.1\r\nConnection: close\r\n" + host + "\r\n";
  const std::string whole = send(post + "Content-Length: 3\r\n\r\nGET" + last);
  EXPECT_THAT(whole, HasSubstr("HTTP/1.1 308 "));
  EXPECT_THAT(whole, HasSubstr("HTTP/1.1 410 "));
  const std::string chunks =
      send(post + "Transfer-Encoding: chunked\r\n\r\n3\r\nGET\r\n0\r\n\r\n" + last);
  EXPECT_THAT(chunks, HasSubstr("HTTP/1.1 410 "));
  const std::string part = send(post + "Content-Length: 1000\r\n\r\n" + last);
  EXPECT_THAT(part, HasSubstr("HTTP/1.1 308 "));
  EXPECT_THAT(part, HasSubstr("Connection: close"));
  EXPECT_THAT(part, Not(HasSubstr("HTTP/1.1 410 ")));
  EXPECT_THAT(send(post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + last),
              HasSubstr("HTTP/1.1 400 "));
}

// What only a gateway may say is nothing elsewhere.
TEST_F(Gateway, ForwardedFieldsAreBelievedNowhereElse) {
  const std::string question =
      R"({"request": {"method": "GET", "url": "https://shop.example/none"}})";
  const auto decide = [&](const std::string& more) {
    return Ask("POST /v1/decide",
               "Host: localhost\r\nContent-Type: application/json\r\n" + more +
                   "Content-Length: " + std::to_string(question.size()) + "\r\n",
               question)
        .body;
  };
  const std::string forged =
      "X-Forwarded-Host: other.example\r\nX-Forwarded-Uri: /old\r\nX-Original-URI: /old\r\n"
      "X-Forwarded-Method: POST\r\nX-Forwarded-Proto: http\r\n";
  EXPECT_EQ(decide(forged), decide(""));
  EXPECT_THAT(decide(forged), HasSubstr("OUTCOME_PASS"));
  EXPECT_EQ(Ask("GET /v1/decide", "Host: evil.example\r\nX-Forwarded-Host: localhost\r\n").status,
            421);
}

TEST_F(Gateway, EveryRequestIsCounted) {
  const double pass = Count("pass");
  const double unreadable = Count("unreadable");
  const double rejected = Count("rejected");
  const double redirect = Count("redirect");
  (void)Ask("GET /v1/gateway/none", kShop);
  (void)Ask("GET /v1/gateway", kShop);
  (void)Ask("GET /v1/gateway/old", kShop + ("X: " + std::string(20000, 'a') + "\r\n"));
  (void)Ask("GET /v1/gateway/old", std::string(kShop) + kShop);
  (void)Ask("GET /v1/gateway/old", kShop);
  EXPECT_EQ(Count("pass"), pass + 1);
  EXPECT_EQ(Count("unreadable"), unreadable + 2);
  EXPECT_EQ(Count("rejected"), rejected + 1);
  EXPECT_EQ(Count("redirect"), redirect + 1);
  EXPECT_EQ(Count("unavailable"), 0);
  EXPECT_GE(Metric(*daemon_, R"(fingerpost_http_requests_total{rpc="Gateway",code="OK"})"), 2);
  EXPECT_GE(Metric(*daemon_, R"(fingerpost_rule_hits_total{rule="old"})"), 1)
      << Get(daemon_->admin_address(), "/metrics").body;
}

TEST(GatewaySettings, PassIsASettingAndLogsNameTheDoor) {
  Daemon daemon({"--http-listen", "127.0.0.1:0", "--gateway-pass", "418", "--access-log", "all"});
  const auto ask = [&](const std::string& uri) {
    return Exchange(daemon.http_address(), Request("GET /v1/gateway", Uri(uri))).status;
  };
  EXPECT_EQ(ask("/secret?card=4111"), 418) << "there is no policy";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask("/old, /card"), 418);
  daemon.Signal(SIGTERM);
  const std::string log = daemon.Wait().err;
  EXPECT_THAT(log, HasSubstr(R"("rpc":"Gateway","transport":"gateway")"));
  EXPECT_THAT(log, HasSubstr("http://shop.example/secret"));
  EXPECT_THAT(log, Not(HasSubstr("card")));
  EXPECT_THAT(log, HasSubstr("gateway: requests that cannot be read: 1"));
  EXPECT_THAT(log, Not(HasSubstr("cannot be read: 2"))) << "one line a minute";
}

}  // namespace
}  // namespace fingerpost::testing
