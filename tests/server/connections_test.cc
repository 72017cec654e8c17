// Connections that the accept loop watches: what counts as asking, and the host that a connection
// counts for.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kService[] = "/fingerpost.v1.RedirectService/";
constexpr char kPolicyService[] = "/fingerpost.v1.PolicyService/";
constexpr char kCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kWatch[] = "/grpc.health.v1.Health/Watch";
constexpr size_t kTooLarge = 100 << 10;  // octets; beyond --max-message-size below
// Several looks of the loop.
constexpr std::chrono::milliseconds kLookedAt{250};

// Limits that a few calls reach, but not one call in transit.
const std::vector<std::string> kTight = {
    "--max-message-size", "64KiB",      "--max-unasked-size", "512KiB", "--envoy",
    "--admin-listen",     "127.0.0.1:0"};

double Metric(const Daemon& daemon, const std::string& name) {
  const std::string text = Get(daemon.admin_address(), "/metrics").body;
  const size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

std::string Limited(const std::string& limit) {
  return "fingerpost_connections_limited_total{limit=\"" + limit + "\"}";
}

std::vector<std::string> With(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

struct Refused {
  std::string method;
  std::string message;
  grpc::StatusCode code;

  // The test's name, which must not contain an address.
  friend void PrintTo(const Refused& refused, std::ostream* out) {
    *out << refused.method << ' ' << refused.message.size() << " octets";
  }
};

class RefusedMessages : public ::testing::TestWithParam<Refused> {};

// Each was read completely and answered, so its client has asked, and keeps its connection.
TEST_P(RefusedMessages, LeaveTheirConnectionAlone) {
  const Daemon daemon(kTight);
  const auto channel = daemon.Channel();
  const auto end = std::chrono::steady_clock::now() + kLookedAt;
  while (std::chrono::steady_clock::now() < end) {
    RawCall call(channel, GetParam().method, GetParam().message);
    const grpc::Status status = call.Finish();
    ASSERT_EQ(status.error_code(), GetParam().code) << status.error_message();
    EXPECT_THAT(status.error_details(), IsEmpty());
  }
  EXPECT_EQ(Metric(daemon, Limited("max-unasked-size")), 0);
}

const std::string kLarge(kTooLarge, '\0');
// A field with a length beyond the end.
const std::string kUndecodable = "\x0a\xff\xff\x03" + std::string(60 << 10, 'a');
// HealthCheckRequest.service, which gRPC decodes.
const std::string kLongName = "\x0a\xfc\x9f\x06" + std::string(kTooLarge - 4, 'a');

INSTANTIATE_TEST_SUITE_P(
    Of, RefusedMessages,
    ::testing::Values(
        Refused{std::string(kService) + "Decide", kLarge, grpc::RESOURCE_EXHAUSTED},
        Refused{std::string(kService) + "Decide", kUndecodable, grpc::INTERNAL},
        Refused{std::string(kService) + "BatchFollow", kLarge, grpc::RESOURCE_EXHAUSTED},
        Refused{std::string(kService) + "StreamDecide", kLarge, grpc::RESOURCE_EXHAUSTED},
        Refused{std::string(kService) + "StreamFollow", kUndecodable, grpc::INTERNAL},
        Refused{"/envoy.service.auth.v3.Authorization/Check", kLarge, grpc::RESOURCE_EXHAUSTED},
        Refused{std::string(kPolicyService) + "WatchPolicy", kLarge, grpc::RESOURCE_EXHAUSTED},
        Refused{std::string(kPolicyService) + "WatchPolicy", kUndecodable, grpc::INTERNAL},
        Refused{kCheck, kLarge, grpc::RESOURCE_EXHAUSTED},
        Refused{kWatch, kLongName, grpc::RESOURCE_EXHAUSTED}));

// gRPC does not limit decompression.
TEST(Compression, IsUnimplemented) {
  const Daemon daemon;
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url("https://shop.example.com/" + std::string(1000, 'a'));
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    v1::DecideResponse response;
    EXPECT_EQ(stub->Decide(&context, request, &response).error_code(), grpc::UNIMPLEMENTED);
  }
  grpc::ClientContext context;
  v1::DecideResponse response;
  EXPECT_TRUE(stub->Decide(&context, request, &response).ok());
}

TEST(Streams, ThatAskNothingEnd) {
  const Daemon daemon({"--stream-idle", "1s", "--admin-listen", "127.0.0.1:0"});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto stream = stub->StreamDecide(&context);
  v1::StreamDecideResponse answer;
  ASSERT_TRUE(stream->Write({}) && stream->Read(&answer));
  EXPECT_FALSE(stream->Read(&answer));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::UNAVAILABLE);
  EXPECT_THAT(status.error_message(), HasSubstr("begin another"));
  EXPECT_EQ(Metric(daemon, "fingerpost_calls_limited_total{limit=\"client-timeout\"}"), 1);
}

// If the loop spelled a peer's address differently from gRPC, the peer's calls would not count as
// asking.
class Addresses : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Addresses, AreSpelledAsGrpcDoes) {
  const auto& [listens, calls] = GetParam();
  const Daemon daemon(With(kTight, {"--listen", listens, "--insecure"}));
  const std::string port = daemon.address().substr(daemon.address().rfind(':'));
  const auto channel = grpc::CreateChannel(calls + port, grpc::InsecureChannelCredentials());
  const auto end = std::chrono::steady_clock::now() + kLookedAt;
  while (std::chrono::steady_clock::now() < end) {
    RawCall call(channel, std::string(kService) + "Decide", kLarge);
    ASSERT_EQ(call.Finish().error_code(), grpc::RESOURCE_EXHAUSTED);
  }
  EXPECT_EQ(Metric(daemon, Limited("max-unasked-size")), 0);
}

INSTANTIATE_TEST_SUITE_P(Of, Addresses,
                         ::testing::Values(std::pair("127.0.0.1:0", "127.0.0.1"),
                                           std::pair("[::1]:0", "[::1]"),
                                           std::pair("[::]:0", "[::1]"),
                                           std::pair("[::]:0", "127.0.0.1"),
                                           std::pair("0.0.0.0:0", "127.0.0.1")));

}  // namespace
}  // namespace fingerpost::testing
