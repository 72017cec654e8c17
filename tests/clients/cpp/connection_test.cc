// Connection against a server that behaves as each test needs.
#include "fingerpost/connection.h"

#include <gmock/gmock.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "version.h"

namespace fingerpost {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;
using testing::StartsWith;

class Fake : public v1::RedirectService::Service {
 public:
  using Behaviour = std::function<Status(ServerContext&, v1::DecideResponse&)>;

  explicit Fake(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Fake() override { server_->Shutdown(std::chrono::system_clock::now()); }

  Status Decide(ServerContext* context, const v1::DecideRequest* /*request*/,
                v1::DecideResponse* response) override {
    ++calls;
    return behaviour_(*context, *response);
  }

  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  std::atomic<int> calls = 0;

 private:
  Behaviour behaviour_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

// Long enough for a busy machine, for tests that are not about time.
const CallOptions kPatient = {.timeout = std::chrono::seconds(30)};

struct Answer {
  bool ok;
  v1::DecideResponse response;
  v1::Error error;
};

Answer Ask(const Connection& client, const CallOptions& options = kPatient) {
  Answer answer;
  answer.ok = client.Decide({}, answer.response, answer.error, options);
  return answer;
}

TEST(Connection, AsksAndGetsTheAnswer) {
  Fake fake([](ServerContext&, v1::DecideResponse& response) {
    response.set_status(303);
    return Status::OK;
  });
  const Connection client(fake.address(), Transport::Plaintext());
  const Answer answer = Ask(client);
  EXPECT_TRUE(answer.ok) << answer.error.ShortDebugString();
  EXPECT_EQ(answer.response.status(), 303);
}

TEST(Connection, WaitsLongWhenItIsToldToWaitForEver) {
  Fake fake([](ServerContext&, v1::DecideResponse&) { return Status::OK; });
  const Connection client(fake.address(), Transport::Plaintext());
  const Answer answer = Ask(client, {.timeout = std::chrono::milliseconds::max()});
  EXPECT_TRUE(answer.ok) << answer.error.ShortDebugString();
}

TEST(Connection, ReadsTheDetailsOfAnError) {
  Fake fake([](ServerContext&, v1::DecideResponse&) {
    google::rpc::BadRequest bad;
    auto& violation = *bad.add_field_violations();
    violation.set_field("intent.target");
    violation.set_description("required");
    google::rpc::ErrorInfo info;
    info.set_reason("INVALID_FIELDS");
    info.set_domain("fingerpost.dev");
    google::rpc::Status details;
    details.add_details()->PackFrom(info);
    details.add_details()->PackFrom(bad);
    return Status(StatusCode::INVALID_ARGUMENT, "intent.target: required",
                  details.SerializeAsString());
  });
  const Connection client(fake.address(), Transport::Plaintext());
  const Answer answer = Ask(client);
  ASSERT_FALSE(answer.ok);
  EXPECT_EQ(answer.error.code(), "INVALID_ARGUMENT");
  EXPECT_EQ(answer.error.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_EQ(answer.error.message(), "intent.target: required");
  ASSERT_EQ(answer.error.violations_size(), 1);
  EXPECT_EQ(answer.error.violations(0).field(), "intent.target");
  EXPECT_EQ(answer.error.violations(0).description(), "required");
  EXPECT_EQ(fake.calls, 1);
}

TEST(Connection, TakesErrorsFromTheFuture) {
  Fake fake([](ServerContext&, v1::DecideResponse&) {
    google::rpc::ErrorInfo info;
    info.set_reason("NEVER_HEARD_OF");
    google::rpc::Status details;
    details.add_details()->PackFrom(info);
    details.add_details()->set_type_url("type.googleapis.com/never.heard.Of");
    return Status(StatusCode::ABORTED, "x", details.SerializeAsString());
  });
  const Connection client(fake.address(), Transport::Plaintext());
  const Answer answer = Ask(client);
  EXPECT_EQ(answer.error.code(), "ABORTED");
  EXPECT_EQ(answer.error.reason(), v1::ERROR_REASON_UNSPECIFIED);
}

TEST(Connection, HasADeadlineByDefault) {
  // Waits for the client to give up, which it never would without a deadline.
  Fake fake([](ServerContext& context, v1::DecideResponse&) {
    // gRPC rounds the timeout up to its own steps, and reads two clocks, between which a busy
    // machine may pause.
    EXPECT_LE(context.deadline(),
              std::chrono::system_clock::now() + kDecideTimeout + std::chrono::milliseconds(100));
    while (!context.IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Status::OK;
  });
  const Connection client(fake.address(), Transport::Plaintext());
  const Answer answer = Ask(client, {});
  ASSERT_FALSE(answer.ok);
  EXPECT_THAT(answer.error.code(), testing::AnyOf("DEADLINE_EXCEEDED", "UNAVAILABLE"));
}

TEST(Connection, TriesOnceMoreWhenUnavailable) {
  Fake fake([&fake](ServerContext&, v1::DecideResponse&) {
    return fake.calls == 1 ? Status(StatusCode::UNAVAILABLE, "restarting") : Status::OK;
  });
  const Connection client(fake.address(), Transport::Plaintext());
  EXPECT_TRUE(Ask(client).ok);
  EXPECT_EQ(fake.calls, 2);
}

TEST(Connection, DoesNotTryAgainOtherwise) {
  Fake fake([](ServerContext&, v1::DecideResponse&) { return Status(StatusCode::INTERNAL, "x"); });
  const Connection client(fake.address(), Transport::Plaintext());
  EXPECT_EQ(Ask(client).error.code(), "INTERNAL");
  EXPECT_EQ(fake.calls, 1);
}

TEST(Connection, SendsMetadataAndItsName) {
  std::multimap<std::string, std::string> seen;
  Fake fake([&seen](ServerContext& context, v1::DecideResponse&) {
    for (const auto& [name, value] : context.client_metadata()) {
      seen.emplace(std::string(name.data(), name.size()), std::string(value.data(), value.size()));
    }
    return Status::OK;
  });
  const Connection client(fake.address(), Transport::Plaintext());
  CallOptions options = kPatient;
  options.metadata = {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  EXPECT_TRUE(Ask(client, options).ok);
  EXPECT_EQ(seen.find("traceparent")->second, options.metadata[0].second);
  EXPECT_THAT(seen.find("user-agent")->second,
              StartsWith(std::string("fingerpost-cpp/") + kVersion + " "));
}

TEST(Connection, SaysThatNobodyIsThere) {
  const Connection client("127.0.0.1:1", Transport::Plaintext());
  EXPECT_EQ(Ask(client).error.code(), "UNAVAILABLE");
}

TEST(Connection, DoesNotTalkPlaintextWhenAskedForTls) {
  Fake fake([](ServerContext&, v1::DecideResponse&) { return Status::OK; });
  const Connection client(fake.address(), Transport::Tls({}));
  EXPECT_EQ(Ask(client).error.code(), "UNAVAILABLE");
  EXPECT_EQ(fake.calls, 0);
}

TEST(Connection, ClosesOnceAndForAll) {
  Fake fake([](ServerContext&, v1::DecideResponse&) { return Status::OK; });
  Connection client(fake.address(), Transport::Plaintext());
  EXPECT_NE(client.channel(), nullptr);
  EXPECT_TRUE(Ask(client).ok);
  client.Close();
  client.Close();
  EXPECT_EQ(client.channel(), nullptr);
  EXPECT_EQ(Ask(client).error.code(), "FAILED_PRECONDITION");
  bool serving = false;
  v1::Error error;
  EXPECT_FALSE(client.IsServing("", serving, error, kPatient));
  EXPECT_EQ(error.code(), "FAILED_PRECONDITION");
  EXPECT_EQ(fake.calls, 1);
}

TEST(Connection, AsksForHealth) {
  grpc::EnableDefaultHealthCheckService(true);
  Fake fake([](ServerContext&, v1::DecideResponse&) { return Status::OK; });
  const Connection client(fake.address(), Transport::Plaintext());
  bool serving = false;
  v1::Error error;
  EXPECT_TRUE(client.IsServing("", serving, error, kPatient)) << error.ShortDebugString();
  EXPECT_TRUE(serving);
  EXPECT_FALSE(client.IsServing("no.such.Service", serving, error, kPatient));
  EXPECT_EQ(error.code(), "NOT_FOUND");
  grpc::EnableDefaultHealthCheckService(false);
}

}  // namespace
}  // namespace fingerpost
