// The end of fingerpostd: no call is lost, none keeps it alive, and health announces it first.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;

TEST(Shutdown, EitherSignalEndsAnIdleServerWithZero) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Daemon daemon;
    daemon.Signal(signal);
    const Output output = daemon.Wait();
    EXPECT_EQ(output.code, 0) << output.err;
    EXPECT_THAT(output.err, HasSubstr("stopped"));
  }
}

TEST(Shutdown, AnIdleStreamIsSentElsewhereAtOnce) {
  Daemon daemon({"--drain-timeout", "1h"});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto stream = stub->StreamDecide(&context);
  v1::StreamDecideResponse answer;
  ASSERT_TRUE(stream->Write({}) && stream->Read(&answer));
  daemon.Signal(SIGTERM);
  EXPECT_FALSE(stream->Read(&answer));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(ReasonOf(status), "SHUTTING_DOWN");
  EXPECT_TRUE(HasRetryInfo(status));
  EXPECT_EQ(daemon.Wait().code, 0);
}

// Clients that do not watch the health and call without a pause: GOAWAY alone would cross with
// their calls, which gRPC would answer with CANCELLED, and nobody retries that.
void ExpectNoneCancelled(int signal) {
  Daemon daemon;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetServiceConfigJSON(R"({"methodConfig": [{"name": [{}], "retryPolicy": {
      "maxAttempts": 2, "initialBackoff": "0.01s", "maxBackoff": "0.01s", "backoffMultiplier": 1,
      "retryableStatusCodes": ["UNAVAILABLE"]}}]})");
  std::atomic<int> answered = 0;
  constexpr int kClients = 24;
  std::vector<std::thread> clients;
  clients.reserve(kClients);
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      const auto stub = v1::RedirectService::NewStub(grpc::CreateCustomChannel(
          daemon.address(), grpc::InsecureChannelCredentials(), arguments));
      grpc::Status status;
      do {
        grpc::ClientContext context;
        v1::DecideResponse answer;
        status = stub->Decide(&context, {}, &answer);
        ++answered;
      } while (status.error_code() == grpc::INVALID_ARGUMENT);
      // Its last call was retried when the server was gone.
      EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE) << status.error_message();
    });
  }
  while (answered < 100) std::this_thread::yield();
  daemon.Signal(signal);
  EXPECT_EQ(daemon.Wait().code, 0);
  for (std::thread& client : clients) client.join();
}

TEST(Shutdown, CallsWithoutEndAreNeverCancelled) {
  for (const int signal : {SIGTERM, SIGINT}) ExpectNoneCancelled(signal);
}

// Calls without a pause, and records the answer to the first that fails.
class Caller {
 public:
  Caller(const std::string& address, std::chrono::milliseconds deadline)
      : thread_([this, address, deadline] {
          grpc::ChannelArguments arguments;
          arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
          const auto stub = v1::RedirectService::NewStub(
              grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
          for (bool answered = true; answered; ++calls) {
            grpc::ClientContext context;
            context.set_deadline(std::chrono::system_clock::now() + deadline);
            v1::DecideResponse answer;
            answered = stub->Decide(&context, {}, &answer).error_code() == grpc::INVALID_ARGUMENT;
            sent_away = context.GetServerTrailingMetadata().count("grpc-retry-pushback-ms") > 0;
          }
        }) {}
  void Join() { thread_.join(); }

  std::atomic<int> calls = 0;
  bool sent_away = false;

 private:
  std::thread thread_;
};

// Begins one call after another without waiting for answers.
class Flood {
 public:
  explicit Flood(const std::string& address)
      : thread_([this, address] {
          const auto stub = v1::RedirectService::NewStub(
              grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
          std::list<Call> begun;
          while (!over_) {
            Call& call = begun.emplace_back();
            stub->async()->Decide(&call.context, &call.question, &call.answer,
                                  [this, &call](const grpc::Status& status) {
                                    const auto& metadata = call.context.GetServerTrailingMetadata();
                                    if (metadata.count("grpc-retry-pushback-ms") > 0) ++sent_away;
                                    if (status.error_code() != grpc::INVALID_ARGUMENT) over_ = true;
                                    call.ended.set_value();
                                  });
            ++calls;
            call.end.wait_for(std::chrono::milliseconds(5));
          }
          for (Call& call : begun) call.end.wait();
        }) {}
  void Join() { thread_.join(); }

  std::atomic<int> calls = 0;
  std::atomic<int> sent_away = 0;

 private:
  struct Call {
    grpc::ClientContext context;
    v1::DecideRequest question;
    v1::DecideResponse answer;
    std::promise<void> ended;
    std::future<void> end = ended.get_future();
  };

  std::atomic<bool> over_ = false;
  std::thread thread_;
};

// A client that waits for answers waits a moment longer for the last one. A client that does not is
// sent elsewhere, unless it has no time for that.
TEST(Shutdown, OnlyCallsOfAFloodThatHaveTheTimeAreSentAway) {
  Daemon daemon;
  Flood flood(daemon.address());
  Caller patient(daemon.address(), std::chrono::hours(1));
  Caller hurried(daemon.address(), std::chrono::seconds(1));
  while (flood.calls < 10 || patient.calls < 10 || hurried.calls < 10) std::this_thread::yield();
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait().code, 0);
  flood.Join();
  patient.Join();
  hurried.Join();
  EXPECT_GT(flood.sent_away, 0);
  EXPECT_FALSE(patient.sent_away);
  EXPECT_FALSE(hurried.sent_away);
}

// On an address that load balancers watch, they are told first, and calls are answered meanwhile.
TEST(Shutdown, HealthSaysNotServingBeforeCallsAreRefused) {
  const Daemon daemon({"--listen", "0.0.0.0:0", "--insecure", "--drain-delay", "5m"});
  const auto channel = daemon.Channel();
  RawCall server(channel, "/grpc.health.v1.Health/Watch", HealthRequest(""));
  RawCall service(channel, "/grpc.health.v1.Health/Watch",
                  HealthRequest("fingerpost.v1.RedirectService"));
  EXPECT_EQ(HealthOf(server.Read().value_or("")), Health::kServing);
  EXPECT_EQ(HealthOf(service.Read().value_or("")), Health::kServing);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(HealthOf(server.Read().value_or("")), Health::kNotServing);
  EXPECT_EQ(HealthOf(service.Read().value_or("")), Health::kNotServing);
  RawCall call(channel, "/fingerpost.v1.RedirectService/Decide", "");
  EXPECT_EQ(call.Finish().error_code(), grpc::INVALID_ARGUMENT) << "still answered";
}

// The same with a short delay.
TEST(Shutdown, AfterTheDelayHealthWatchesEnd) {
  Daemon daemon({"--listen", "0.0.0.0:0", "--insecure", "--drain-delay", "100ms"});
  RawCall watch(daemon.Channel(), "/grpc.health.v1.Health/Watch", HealthRequest(""));
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(watch.Finish().error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(daemon.Wait().code, 0);
}

TEST(Shutdown, ASecondSignalEndsTheDrainAtOnce) {
  Daemon daemon({"--listen", "0.0.0.0:0", "--insecure", "--drain-delay", "5m"});
  RawCall watch(daemon.Channel(), "/grpc.health.v1.Health/Watch", HealthRequest(""));
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kNotServing);
  daemon.Signal(SIGTERM);
  const Output output = daemon.Wait();
  EXPECT_EQ(output.code, 6) << output.err;
}

// A health watch never ends by itself, and must not keep the server alive.
TEST(Shutdown, AWatchedHealthDoesNotKeepTheServerAlive) {
  Daemon daemon({"--drain-timeout", "1h"});
  RawCall watch(daemon.Channel(), "/grpc.health.v1.Health/Watch", HealthRequest(""));
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(watch.Finish().error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(daemon.Wait().code, 0);
}

// So that no client asks its next question on a connection that is about to end.
TEST(Shutdown, HttpAnswersEndTheirConnectionsFirst) {
  Daemon daemon({"--listen", "0.0.0.0:0", "--insecure", "--drain-delay", "5m", "--http-listen",
                 "127.0.0.1:0"});
  const std::string question = "GET /v1/decide HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const KeptAlive kept(daemon.http_address());
  kept.Exchange(question);
  RawCall watch(daemon.Channel(), "/grpc.health.v1.Health/Watch", HealthRequest(""));
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kNotServing);
  kept.Exchange(question);
  EXPECT_THAT(Exchange(daemon.http_address(), question).fields, HasSubstr("Connection: close"));
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait().code, 6);
}

// Idle connections do not keep the process alive.
TEST(Shutdown, ConnectionsKeptAliveAreEnded) {
  Daemon daemon({"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"});
  const KeptAlive idle(daemon.http_address());
  idle.Exchange("GET /v1/decide HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const KeptAlive admin(daemon.admin_address());
  admin.Exchange("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  daemon.Signal(SIGINT);
  EXPECT_EQ(daemon.Wait().code, 0);
}

}  // namespace
}  // namespace fingerpost::testing
