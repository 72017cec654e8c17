// One HTTP connection: its deadlines, its answers in order, its end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "server/daemon.h"
#include "server/http/large_answer.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using std::chrono::milliseconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGet[] = "GET /v1/decide HTTP/1.1\r\nHost: localhost\r\n\r\n";
constexpr char kHalf[] = "GET /v1/decide HTTP/1.1\r\nHost: local";

std::string Post(const std::string& content) {
  return "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(content.size()) + "\r\n\r\n" + content;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
  return count;
}

// The count of the HTTP/JSON port.
double Limited(const Daemon& daemon, const std::string& limit) {
  const std::string series =
      "fingerpost_http_connections_limited_total{port=\"http-listen\",limit=\"" + limit + "\"} ";
  const std::string text = Get(daemon.admin_address(), "/metrics").body;
  const size_t at = text.find(series);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size()));
}

std::unique_ptr<Daemon> Hurried(const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments = {"--http-listen",       "127.0.0.1:0", "--admin-listen",
                                        "127.0.0.1:0",         "--listen",    "127.0.0.1:0",
                                        "--handshake-timeout", "300ms"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return std::make_unique<Daemon>(arguments);
}

TEST(HttpSession, ASilentConnectionEnds) {
  const auto daemon = Hurried();
  EXPECT_EQ(KeptAlive(daemon->http_address()).ReadAll(), "");
  EXPECT_EQ(Limited(*daemon, "handshake-timeout"), 1);
  EXPECT_THAT(daemon->Errors(),
              HasSubstr("connections to --http-listen: 1 refused or ended by handshake-timeout"));
}

TEST(HttpSession, AHeadThatDoesNotComeIsTimedOut) {
  const auto daemon = Hurried();
  const KeptAlive half(daemon->http_address());
  half.Send(kHalf);
  EXPECT_THAT(half.ReadAll(), AllOf(StartsWith("HTTP/1.1 408 "), HasSubstr("DEADLINE_EXCEEDED")));
  EXPECT_EQ(Limited(*daemon, "read-timeout"), 1);
}

// Sending pieces does not gain more time.
TEST(HttpSession, AHeadThatTricklesIsTimedOut) {
  const auto daemon = Hurried();
  EXPECT_EQ(Trickle(daemon->http_address(), kHalf, "h", milliseconds(50)).status, 408);
  EXPECT_EQ(Trickle(daemon->admin_address(), kHalf, "h", milliseconds(50)).status, 408);
}

TEST(HttpSession, AnIdleConnectionHasMoreTimeThanARequest) {
  const auto daemon = Hurried();
  const KeptAlive kept(daemon->http_address());
  kept.Exchange(kGet);
  while (kept.Waits(milliseconds(100))) kept.Exchange("");  // The rest of the answer.
  EXPECT_FALSE(kept.Waits(milliseconds(700)));
  kept.Send("GET /v1/follow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(kept.ReadAll(), StartsWith("HTTP/1.1 405 "));
}

TEST(HttpSession, PipelinedRequestsAreAnsweredInOrder) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  const KeptAlive connection(daemon.http_address());
  connection.Send(std::string(kGet) + Post("{}") + "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n" +
                  "Connection: close\r\n\r\n" + kGet);
  const std::string answers = connection.ReadAll();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 405 "));
  EXPECT_LT(answers.find("HTTP/1.1 400 "), answers.find("HTTP/1.1 404 "));
  EXPECT_EQ(Count(answers, "HTTP/1.1 "), 3U) << "the last was sent after the end";
}

TEST(HttpSession, Http10IsKeptAliveWhenItAsks) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  const KeptAlive connection(daemon.http_address());
  connection.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  const std::string answers = connection.ReadAll();
  EXPECT_EQ(Count(answers, "HTTP/1.1 404 "), 2U) << answers;
  EXPECT_EQ(Count(answers, "Connection: keep-alive\r\n"), 1U) << answers;
}

TEST(HttpSession, OptionsOfTheServerAreItsMethods) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"});
  const std::string ask = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const HttpResponse json = Exchange(daemon.http_address(), ask);
  EXPECT_EQ(json.status, 204);
  EXPECT_THAT(json.fields, HasSubstr("Allow: GET, HEAD, POST\r\n"));
  EXPECT_THAT(Exchange(daemon.admin_address(), ask).fields, HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST(HttpSession, HeadHasTheFieldsOfGet) {
  const Daemon daemon({"--admin-listen", "127.0.0.1:0"});
  const HttpResponse head =
      Exchange(daemon.admin_address(),
               "HEAD /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(head.fields, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_EQ(head.body, "");
}

// Whatever refuses a request: the HTTP server, the bridge or the service.
TEST(HttpSession, EveryErrorHasOneShape) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0", "--max-message-size", "1KiB"});
  const std::string end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
  struct Case {
    std::string request;
    int status;
    std::string code;
  };
  for (const Case& c : std::vector<Case>{
           {"nonsense\r\n\r\n", 400, "INVALID_ARGUMENT"},
           {"GET /" + end + "X : a\r\n\r\n", 400, "INVALID_ARGUMENT"},
           {"GET /" + end + "\r\n", 404, "NOT_FOUND"},
           {"GET /v1/decide" + end + "\r\n", 405, "UNIMPLEMENTED"},
           {"POST /v1/decide" + end + "\r\n", 411, "INVALID_ARGUMENT"},
           {"POST /v1/decide" + end + "Content-Length: 2000\r\n\r\n", 413, "RESOURCE_EXHAUSTED"},
           {"POST /v1/decide" + end + "Content-Length: 2\r\n\r\n{}", 415, "INVALID_ARGUMENT"},
           {"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", 421, "INVALID_ARGUMENT"},
           {"GET /" + end + "X: " + std::string(20000, 'a') + "\r\n\r\n", 431,
            "RESOURCE_EXHAUSTED"},
           {"POST /v1/decide" + end + "Transfer-Encoding: x\r\n\r\n", 501, "UNIMPLEMENTED"},
           {"POST /v1/decide" + end +
                "Content-Type: application/json\r\nContent-Length: 1\r\n\r\n{",
            400, "INVALID_ARGUMENT"},
       }) {
    const HttpResponse response = Exchange(daemon.http_address(), c.request);
    EXPECT_EQ(response.status, c.status) << c.request;
    EXPECT_THAT(response.fields, HasSubstr("Content-Type: application/json\r\n"));
    const auto answer = nlohmann::json::parse(response.body);
    EXPECT_EQ(answer.at("error").at("code"), c.code) << response.body;
    EXPECT_NE(answer.at("error").at("message"), "") << response.body;
  }
}

// It holds its answer only for the allowed time, and delays nobody.
TEST(HttpSession, AnAnswerThatIsNotTakenIsDropped) {
  const auto daemon = Hurried({"--write-timeout", "1s"});
  std::vector<std::unique_ptr<KeptAlive>> readers;
  for (int i = 0; i < 4; ++i) {
    readers.push_back(std::make_unique<KeptAlive>(daemon->http_address()));
    for (int j = 0; j < 16; ++j) readers.back()->Send(Post(QuestionWithLargeAnswer()));
  }
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (Limited(*daemon, "write-timeout") + Limited(*daemon, "max-memory") < 4) {
    EXPECT_EQ(PostJson(daemon->http_address(), "/v1/decide", "{}").status, 400);
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
}

// Silent connections make room, so nobody can take all of them.
TEST(HttpSession, OneMoreTakesThePlaceOfOneThatIsSilent) {
  const Daemon daemon(
      {"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--max-connections", "32"});
  std::vector<std::unique_ptr<KeptAlive>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<KeptAlive>(daemon.http_address()));
    if (i % 2 == 0) silent.back()->Send(kHalf);
  }
  EXPECT_EQ(PostJson(daemon.http_address(), "/v1/decide", "{}").status, 400);
  EXPECT_GE(Limited(daemon, "evicted-silent"), 16);
}

// A gateway is one client. Its connections end with an answer before there are too many of them.
TEST(HttpSession, ManyConnectionsOfOneHostEndWithTheirAnswers) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
                       "--max-connections-per-peer", "64"});  // An eighth: 8.
  const std::string request = "GET /none HTTP/1.1\r\nHost: localhost\r\n\r\n";
  std::vector<std::unique_ptr<KeptAlive>> idle;
  for (int i = 0; i < 6; ++i) {
    idle.push_back(std::make_unique<KeptAlive>(daemon.http_address()));
    idle.back()->Exchange(request);
  }
  for (int i = 0; i < 20; ++i) {
    const KeptAlive one_more(daemon.http_address());
    one_more.Send(request);
    EXPECT_THAT(one_more.ReadAll(), HasSubstr("Connection: close"));
  }
  EXPECT_EQ(Limited(daemon, "evicted-silent"), 0);
}

// However long ago it began to ask, the others have sent nothing.
TEST(HttpSession, SilentOnesGoBeforeOneThatHasBegunToAsk) {
  const Daemon daemon(
      {"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--max-connections", "32"});
  const KeptAlive asking(daemon.http_address());
  asking.Exchange(
      "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
  std::vector<std::unique_ptr<KeptAlive>> silent;
  for (int i = 0; i < 20; ++i) {
    silent.push_back(std::make_unique<KeptAlive>(daemon.http_address()));
  }
  EXPECT_EQ(PostJson(daemon.http_address(), "/v1/decide", "{}").status, 400);
  EXPECT_GE(Limited(daemon, "evicted-silent"), 16);
  asking.Send("{}");
  EXPECT_THAT(asking.ReadAll(), AllOf(HasSubstr("100 Continue"), HasSubstr("HTTP/1.1 400 ")));
}

TEST(HttpSession, WhatHasBegunIsAnsweredWhenTheServerStops) {
  Daemon daemon({"--http-listen", "127.0.0.1:0"});
  const std::string request = Post(QuestionWithLargeAnswer());
  const KeptAlive idle(daemon.http_address());
  idle.Exchange(kGet);
  const KeptAlive half(daemon.http_address());
  half.Send(request.substr(0, 300));
  const KeptAlive fresh(daemon.http_address());
  daemon.Signal(SIGTERM);
  fresh.Send(kGet);
  half.Send(request.substr(300));
  EXPECT_THAT(half.ReadAll(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(fresh.ReadAll(), StartsWith("HTTP/1.1 405 "));
  idle.Send(kGet);
  EXPECT_EQ(daemon.Wait().code, 0);
}

}  // namespace
}  // namespace fingerpost::testing
