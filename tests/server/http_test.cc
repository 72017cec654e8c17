// HTTP/JSON and the admin port: the same answers and errors as over gRPC, and correct metrics.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <memory>
#include <vector>

#include "core/message/json.h"
#include "done.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOrder[] =
    R"({"request": {"method": "POST", "url": "https://shop.example.com/orders"},
        "intent": {"purpose": "form_result", "target": "/orders/7829/confirmation"},
        "now": "2026-01-01T00:00:00Z"})";
constexpr char kHop[] =
    R"({"request": {"method": "GET", "url": "https://shop.example.com/"},
        "response": {"status": 200}})";

class Http : public ::testing::Test {
 protected:
  const std::string& http() const { return daemon_.http_address(); }
  const std::string& admin() const { return daemon_.admin_address(); }
  // The value of one time series, by its full name with labels.
  [[nodiscard]] double Metric(const std::string& series) const {
    const std::string text = std::string("\n").append(Get(admin(), "/metrics").body);
    const size_t at = text.find("\n" + series + " ");
    if (at == std::string::npos) return -1;
    return std::stod(text.substr(at + series.size() + 2));
  }

  Daemon daemon_{{"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                  "--max-message-size", "64KiB"}};
};

TEST_F(Http, AnswersAsOverGrpc) {
  v1::DecideRequest request;
  v1::Error error;
  ASSERT_TRUE(IsDone(message::FromJson(kOrder, request), error)) << error.DebugString();
  grpc::ClientContext context;
  v1::DecideResponse wanted;
  ASSERT_TRUE(
      v1::RedirectService::NewStub(daemon_.Channel())->Decide(&context, request, &wanted).ok());

  const HttpResponse response = PostJson(http(), "/v1/decide", kOrder);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.fields, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_EQ(response.body, message::ToJson(wanted) + "\n");
  EXPECT_EQ(wanted.status(), 303);
}

TEST_F(Http, AnswersFollow) {
  const HttpResponse response = PostJson(http(), "/v1/follow", kHop);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("STOP_REASON_FINAL_RESPONSE"));
}

TEST_F(Http, NamesEveryWrongField) {
  const HttpResponse response = PostJson(
      http(), "/v1/decide", R"({"request": {"method": "G T", "url": "nonsense"}, "intent": {}})");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body,
              AllOf(HasSubstr(R"({"error":{"code":"INVALID_ARGUMENT")"),
                    HasSubstr(R"("field":"request.method")"), HasSubstr(R"("field":"request.url")"),
                    HasSubstr(R"("field":"intent.purpose")")));
}

TEST_F(Http, NamesTheFieldOfWrongJson) {
  const HttpResponse unknown =
      PostJson(http(), "/v1/decide", R"({"request": {"metod": "GET"}, "intent": {"purpose": 99}})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr(R"("field":"request.metod")"));
  const HttpResponse broken = PostJson(http(), "/v1/follow", "{");
  EXPECT_EQ(broken.status, 400);
  EXPECT_THAT(broken.body, HasSubstr("ERROR_REASON_MALFORMED_JSON"));
}

TEST_F(Http, AnUnknownIntentIsNotFound) {
  EXPECT_EQ(PostJson(http(), "/v1/decide",
                     R"({"request": {"method": "GET", "url": "https://a.example/"},
                         "intent_name": "nobody"})")
                .status,
            404);
}

TEST_F(Http, RefusesWhatIsNoQuestion) {
  EXPECT_EQ(PostJson(http(), "/v1/guess", kOrder).status, 404);
  const HttpResponse get = Get(http(), "/v1/decide");
  EXPECT_EQ(get.status, 405);
  EXPECT_THAT(get.fields, HasSubstr("Allow: POST\r\n"));
  // A form in a web page could send this from another origin.
  EXPECT_EQ(Exchange(http(),
                     "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}")
                .status,
            415);
}

// curl, and so PHP, announces larger content and sends it after a second without an answer.
TEST_F(Http, TellsAClientThatAsksToContinue) {
  const auto ask = [&](const std::string& length) {
    return Exchange(http(),
                    "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    "Content-Type: application/json\r\nExpect: 100-continue\r\n"
                    "Content-Length: " +
                        length + "\r\n\r\n" + kOrder);
  };
  const HttpResponse response = ask(std::to_string(sizeof kOrder - 1));
  EXPECT_EQ(response.status, 100);
  EXPECT_THAT(response.body, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(ask("1000000").status, 413) << "nothing of it is waited for";
}

// A piece every second: if the wait lasted as long as pieces come, the connection would stay for
// hours.
TEST_F(Http, ContentThatComesTooSlowlyIsCutOff) {
  const auto start = std::chrono::steady_clock::now();
  const HttpResponse response =
      Trickle(http(),
              "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              "Content-Length: 1000\r\n\r\n",
              " ", std::chrono::seconds(1));
  EXPECT_EQ(response.status, 408);
  EXPECT_THAT(response.fields, HasSubstr("Connection: close"));
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::seconds(9));
}

TEST_F(Http, RefusesTooMuchContentWithAndWithoutItsLength) {
  const std::string large(65 << 10, ' ');
  EXPECT_EQ(PostJson(http(), "/v1/decide", large).status, 413);
  EXPECT_EQ(
      Exchange(http(),
               "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
               "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n10400\r\n" +
                   large + "\r\n0\r\n\r\n")
          .status,
      413);
  EXPECT_EQ(PostJson(http(), "/v1/decide", kOrder).status, 200) << "the service lives on";
}

TEST_F(Http, SaysWhetherItIsAliveAndReady) {
  EXPECT_EQ(Get(admin(), "/healthz").status, 200);
  EXPECT_EQ(Get(admin(), "/readyz").status, 200);
  EXPECT_EQ(Get(admin(), "/nothing").status, 404);
  EXPECT_EQ(PostJson(admin(), "/metrics", "").status, 405);
}

TEST_F(Http, MetricsExistAtZeroBeforeTheFirstCall) {
  for (const char* method : {"Decide", "Follow", "BatchDecide", "BatchFollow"}) {
    const std::string labels = std::string(R"(grpc_type="unary",)") +
                               R"(grpc_service="fingerpost.v1.RedirectService",grpc_method=")" +
                               method + "\"";
    EXPECT_EQ(Metric("grpc_server_started_total{" + labels + "}"), 0) << method;
    EXPECT_EQ(Metric("grpc_server_handled_total{" + labels + R"(,grpc_code="OK"})"), 0) << method;
  }
}

TEST_F(Http, MetricsCountCallsAndAnswers) {
  for (int i = 0; i < 3; ++i) {
    RawCall call(daemon_.Channel(), "/fingerpost.v1.RedirectService/Decide", "");
    EXPECT_EQ(call.Finish().error_code(), grpc::INVALID_ARGUMENT);
  }
  EXPECT_EQ(PostJson(http(), "/v1/decide", kOrder).status, 200);
  EXPECT_EQ(PostJson(http(), "/v1/follow", kHop).status, 200);
  EXPECT_EQ(PostJson(http(), "/v1/decide", "{}").status, 400);
  EXPECT_EQ(Metric(R"(fingerpost_http_requests_total{rpc="Decide",code="OK"})"), 1);
  EXPECT_EQ(Metric(R"(fingerpost_http_requests_total{rpc="Decide",code="InvalidArgument"})"), 1);
  EXPECT_EQ(Metric(R"(fingerpost_http_requests_total{rpc="Follow",code="OK"})"), 1);
  EXPECT_EQ(Metric(R"(fingerpost_http_handling_seconds_count{rpc="Decide"})"), 2);
  const std::string labels =
      R"(grpc_type="unary",grpc_service="fingerpost.v1.RedirectService",grpc_method="Decide")";
  EXPECT_EQ(Metric("grpc_server_started_total{" + labels + "}"), 3);
  EXPECT_EQ(Metric("grpc_server_handled_total{" + labels + R"(,grpc_code="InvalidArgument"})"), 3);
  EXPECT_EQ(Metric("grpc_server_handling_seconds_count{" + labels + "}"), 3);
  EXPECT_EQ(Metric("grpc_server_handling_seconds_bucket{" + labels + R"(,le="+Inf"})"), 3);
  EXPECT_EQ(Metric(R"(fingerpost_decisions_total{outcome="REDIRECT",purpose="FORM_RESULT",)"
                   R"(status="303",reason="FORM_RESULT"})"),
            1);
  EXPECT_EQ(Metric(R"(fingerpost_follows_total{stop="FINAL_RESPONSE"})"), 1);
  EXPECT_EQ(Metric("fingerpost_serving"), 1);
  EXPECT_GT(Metric("process_start_time_seconds"), 1'700'000'000);
}

// The exposition format, version 0.0.4: every line is a comment or one sample, and no sample comes
// twice.
TEST_F(Http, MetricsAreWellFormedAndNameNoHost) {
  (void)PostJson(http(), "/v1/decide", kOrder);
  const HttpResponse response = Get(admin(), "/metrics");
  EXPECT_THAT(response.fields, HasSubstr("Content-Type: text/plain; version=0.0.4"));
  EXPECT_THAT(response.body, Not(HasSubstr("shop.example.com")));
  const RE2 line(
      R"re(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? -?([0-9.e+-]+|\+Inf))re");
  std::set<std::string> series;
  std::istringstream lines(response.body);
  for (std::string text; std::getline(lines, text);) {
    EXPECT_TRUE(RE2::FullMatch(text, line)) << text;
    if (text[0] != '#') {
      EXPECT_TRUE(series.insert(text.substr(0, text.rfind(' '))).second) << text;
    }
  }
  EXPECT_GT(series.size(), 100U);
}

TEST_F(Http, ThePageSaysWhatAnOperatorAsks) {
  (void)PostJson(http(), "/v1/decide", kOrder);
  (void)PostJson(http(), "/v1/decide",
                 R"({"request": {"method": "POST", "url": "https://shop.example.com/a?card=4111"},
                     "intent": {"purpose": "form_result", "target": "https://evil.example/"}})");
  const HttpResponse page = Get(admin(), "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.fields, AllOf(HasSubstr("Content-Type: text/html; charset=utf-8"),
                                 HasSubstr("default-src 'none'"), HasSubstr("no-referrer")));
  EXPECT_THAT(page.body, AllOf(HasSubstr("<span class=\"good\">serving</span>"),
                               HasSubstr("REASON_CODE_FORM_RESULT"), HasSubstr("OUTCOME_REFUSE"),
                               HasSubstr("https://shop.example.com/a&quot;"),
                               Not(HasSubstr("4111")), Not(HasSubstr("<script"))));
}

TEST_F(Http, ThePagesFormTriesADecision) {
  const HttpResponse page = Get(admin(),
                                "/?method=POST&url=https%3A%2F%2Fshop.example.com%2Forders"
                                "&purpose=FORM_RESULT&target=%2Forders%2F7829%2Fconfirmation");
  EXPECT_THAT(page.body, AllOf(HasSubstr("OUTCOME_REDIRECT 303\nLocation: "
                                         "/orders/7829/confirmation\n"),
                               HasSubstr("RFC 9110 §15.4.4"),
                               HasSubstr("<option selected>FORM_RESULT</option>")));
  EXPECT_THAT(Get(admin(), "/?method=&url=x").body,
              AllOf(HasSubstr("INVALID_ARGUMENT"), HasSubstr("request.method: ")));
  EXPECT_EQ(Metric(R"(fingerpost_decisions_total{outcome="REDIRECT",purpose="FORM_RESULT",)"
                   R"(status="303",reason="FORM_RESULT"})"),
            -1)
      << "a trial is not counted";
}

TEST_F(Http, ThePageEscapesWhatItIsGiven) {
  const HttpResponse page = Get(admin(),
                                "/?method=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E&url=%3Cb%3E"
                                "&purpose=FORM_RESULT&target=%27%22%3E%3Ci%3E");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<b>")),
                               Not(HasSubstr("<i>")), HasSubstr("&lt;script&gt;")));
}

// The last connections are not kept alive, so that others can always connect.
TEST(HttpConnections, AreNotAllHeldByIdleOnes) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0", "--max-connections", "32"});
  const std::string ask = "GET /v1/decide HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::vector<std::unique_ptr<KeptAlive>> idle;
  for (int i = 0; i < 3; ++i) {
    idle.push_back(std::make_unique<KeptAlive>(daemon.http_address()));
    idle.back()->Exchange(ask);
  }
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Exchange(daemon.http_address(), ask).fields, HasSubstr("Connection: close\r\n"));
  }
}

TEST(HttpStart, RefusesATakenPortAndPlaintextForOthers) {
  const Daemon first({"--admin-listen", "127.0.0.1:0"});
  const Output taken =
      RunDaemon({"--listen", "127.0.0.1:0", "--admin-listen", first.admin_address()});
  EXPECT_EQ(taken.code, 4);
  EXPECT_EQ(taken.err,
            "fingerpostd: --admin-listen " + first.admin_address() + ": Address already in use\n");
  const Output plain = RunDaemon({"--listen", "127.0.0.1:0", "--http-listen", "0.0.0.0:0"});
  EXPECT_EQ(plain.code, 2);
  EXPECT_THAT(plain.err, HasSubstr("--http-listen 0.0.0.0:0: other machines reach this address"));
}

}  // namespace
}  // namespace fingerpost::testing
