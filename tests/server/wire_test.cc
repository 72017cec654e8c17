// The wire: errors that name every field, batches, streams, health, reflection; and a service that
// survives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kDecide[] = "/fingerpost.v1.RedirectService/Decide";

class Wire : public ::testing::Test {
 protected:
  // Nothing in the default policy matches: PASS.
  static v1::DecideRequest Passes() {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url("https://shop.example.com/");
    return request;
  }

  template <typename Request, typename Response>
  grpc::Status Call(grpc::Status (v1::RedirectService::Stub::*method)(grpc::ClientContext*,
                                                                      const Request&, Response*),
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    return (stub_.get()->*method)(&context, request, &response);
  }
  grpc::Status Decide(const v1::DecideRequest& request) {
    return Call(&v1::RedirectService::Stub::Decide, request, answer_);
  }
  // The service must still work after the test.
  void TearDown() override {
    EXPECT_TRUE(Decide(Passes()).ok()) << "the service lives on";
    EXPECT_EQ(answer_.outcome(), v1::OUTCOME_PASS);
  }

  Daemon daemon_{{"--max-batch", "3", "--max-message-size", "64KiB"}};
  std::shared_ptr<grpc::Channel> channel_ = daemon_.Channel();
  std::unique_ptr<v1::RedirectService::Stub> stub_ = v1::RedirectService::NewStub(channel_);
  v1::DecideResponse answer_;
};

TEST_F(Wire, AnEmptyRequestIsToldWhatIsRequired) {
  const grpc::Status status = Decide({});
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(ReasonOf(status), "INVALID_FIELDS");
  EXPECT_THAT(WrongFields(status), ElementsAre("request.method", "request.url"));
}

TEST_F(Wire, SeveralFaultsAreNamedAtOnceAndInOrder) {
  v1::DecideRequest request;
  request.mutable_request()->set_method("G T");
  request.mutable_request()->set_url("nonsense");
  auto& good = *request.mutable_request()->add_headers();
  good.set_name("Accept");
  good.set_value("*/*");
  auto& bad = *request.mutable_request()->add_headers();
  bad.set_name("X-Forged");
  bad.set_value("a\r\nSet-Cookie: admin=1");
  const grpc::Status status = Decide(request);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(WrongFields(status),
              ElementsAre("request.method", "request.url", "request.headers[1].value"));
  EXPECT_THAT(status.error_message(), Not(HasSubstr("admin")));
}

TEST_F(Wire, AnUnknownIntentIsNotFound) {
  v1::DecideRequest request = Passes();
  request.set_intent_name("nobody");
  const grpc::Status status = Decide(request);
  EXPECT_EQ(status.error_code(), grpc::NOT_FOUND);
  EXPECT_EQ(ReasonOf(status), "UNKNOWN_INTENT");
}

// gRPC refuses these before a handler sees them, with its own codes and without details.
TEST_F(Wire, UndecodableBytesKeepGrpcsOwnCode) {
  for (const char* bytes : {"\xff\xff\xff\xff", "\x0a\x7f", "\x0a\x03\x0a\x01\xff"}) {
    RawCall call(channel_, kDecide, bytes);
    const grpc::Status status = call.Finish();
    EXPECT_EQ(status.error_code(), grpc::INTERNAL) << status.error_message();
    EXPECT_THAT(status.error_details(), IsEmpty());
  }
}

// proto3 keeps unknown numbers: they must not be taken for another value.
TEST_F(Wire, UnknownEnumValuesAreNamed) {
  v1::DecideRequest request = Passes();
  request.mutable_request()->set_protocol(static_cast<v1::Protocol>(99));
  v1::Intent& intent = *request.mutable_intent();
  intent.set_purpose(static_cast<v1::Purpose>(4711));
  intent.set_target("/");
  intent.set_client(static_cast<v1::ClientKind>(-1));
  intent.set_trust(static_cast<v1::Trust>(77));
  RawCall call(channel_, kDecide, request.SerializeAsString());
  const grpc::Status status = call.Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(WrongFields(status),
              ElementsAre("request.protocol", "intent.purpose", "intent.client", "intent.trust"));

  v1::FollowRequest hop;
  hop.mutable_request()->set_method("GET");
  hop.mutable_request()->set_url("https://shop.example.com/");
  hop.mutable_response()->set_status(302);
  hop.mutable_options()->set_profile(static_cast<v1::Profile>(12345));
  RawCall follow(channel_, "/fingerpost.v1.RedirectService/Follow", hop.SerializeAsString());
  const grpc::Status refused = follow.Finish();
  EXPECT_EQ(refused.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(WrongFields(refused), ElementsAre("options.profile"));
}

TEST_F(Wire, TenMegabytesKeepGrpcsOwnCode) {
  v1::DecideRequest request = Passes();
  request.mutable_request()->set_url("https://shop.example.com/" + std::string(10 << 20, 'a'));
  const grpc::Status status = Decide(request);
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("larger than max"));
}

TEST_F(Wire, AnUnknownMethodIsUnimplemented) {
  RawCall call(channel_, "/fingerpost.v1.RedirectService/Guess", "");
  EXPECT_EQ(call.Finish().error_code(), grpc::UNIMPLEMENTED);
}

TEST_F(Wire, ABatchAnswersEachInOrder) {
  v1::BatchDecideRequest batch;
  *batch.add_requests() = Passes();
  batch.add_requests();
  *batch.add_requests() = Passes();
  v1::BatchDecideResponse answers;
  ASSERT_TRUE(Call(&v1::RedirectService::Stub::BatchDecide, batch, answers).ok());
  ASSERT_EQ(answers.results_size(), 3);
  EXPECT_TRUE(answers.results(0).has_response());
  EXPECT_EQ(answers.results(1).error().reason(), v1::ERROR_REASON_INVALID_FIELDS);
  EXPECT_TRUE(answers.results(2).has_response());
}

TEST_F(Wire, TooLargeABatchIsInvalid) {
  v1::BatchFollowRequest batch;
  for (int i = 0; i < 4; ++i) batch.add_requests();
  v1::BatchFollowResponse answers;
  const grpc::Status status = Call(&v1::RedirectService::Stub::BatchFollow, batch, answers);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(WrongFields(status), ElementsAre("requests"));
}

TEST_F(Wire, AStreamAnswersMessageByMessageToItsEnd) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto stream = stub_->StreamDecide(&context);
  for (int size = 0; size < 4; ++size) {
    v1::StreamDecideRequest questions;
    for (int i = 0; i < size; ++i) *questions.add_requests() = Passes();
    ASSERT_TRUE(stream->Write(questions));
    v1::StreamDecideResponse answers;
    ASSERT_TRUE(stream->Read(&answers));
    EXPECT_EQ(answers.results_size(), size);
  }
  stream->WritesDone();
  v1::StreamDecideResponse none;
  EXPECT_FALSE(stream->Read(&none));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(Wire, AStreamEndsAtAMessageThatIsTooLarge) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto stream = stub_->StreamFollow(&context);
  v1::StreamFollowRequest questions;
  for (int i = 0; i < 4; ++i) questions.add_requests();
  ASSERT_TRUE(stream->Write(questions));
  v1::StreamFollowResponse answers;
  EXPECT_FALSE(stream->Read(&answers));
  EXPECT_EQ(stream->Finish().error_code(), grpc::INVALID_ARGUMENT);
}

// An abandoned stream must not keep the server from ending.
TEST_F(Wire, AbandonedStreamsDoNotStayBehind) {
  for (int i = 0; i < 32; ++i) {
    grpc::ClientContext context;
    const auto stream = stub_->StreamDecide(&context);
    ASSERT_TRUE(stream->Write({}));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
}

TEST_F(Wire, HealthKnowsTheServerAndTheService) {
  for (const char* service : {"", "fingerpost.v1.RedirectService"}) {
    RawCall call(channel_, "/grpc.health.v1.Health/Check", HealthRequest(service));
    EXPECT_EQ(HealthOf(call.Read().value_or("")), Health::kServing) << service;
    EXPECT_TRUE(call.Finish().ok());
  }
  RawCall unknown(channel_, "/grpc.health.v1.Health/Check", HealthRequest("nobody"));
  EXPECT_EQ(unknown.Finish().error_code(), grpc::NOT_FOUND);
  RawCall watch(channel_, "/grpc.health.v1.Health/Watch", HealthRequest("nobody"));
  EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServiceUnknown);
}

// Abandoned watches make room again.
TEST_F(Wire, AbandonedHealthWatchesDoNotStayBehind) {
  for (int i = 0; i < 64; ++i) {
    RawCall watch(channel_, "/grpc.health.v1.Health/Watch", HealthRequest(""));
    EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
  }
}

// ServerReflectionRequest{list_services = 7}.
constexpr char kListServices[] = "\x3a\x01*";
constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

TEST_F(Wire, ReflectionListsTheServiceOnLoopback) {
  RawCall call(channel_, kReflection, kListServices);
  EXPECT_THAT(call.Read().value_or(""), HasSubstr("fingerpost.v1.RedirectService"));
}

TEST(Reflection, IsOffOnAnAddressThatOthersReachAndWhenTold) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--listen", "0.0.0.0:0", "--insecure"},
        {"--reflection", "never"}}) {
    const Daemon daemon(arguments);
    RawCall call(daemon.Channel(), kReflection, kListServices);
    EXPECT_EQ(call.Finish().error_code(), grpc::UNIMPLEMENTED);
  }
}

TEST(Channelz, IsThereOnlyWhereItIsEnabled) {
  constexpr char kGetServers[] = "/grpc.channelz.v1.Channelz/GetServers";
  const Daemon without;
  RawCall refused(without.Channel(), kGetServers, "");
  EXPECT_EQ(refused.Finish().error_code(), grpc::UNIMPLEMENTED);
  const Daemon with({"--channelz"});
  RawCall call(with.Channel(), kGetServers, "");
  EXPECT_THAT(call.Read().value_or(""), Not(IsEmpty()));
  EXPECT_TRUE(call.Finish().ok());
}

TEST(Limits, AreSettings) {
  const Daemon daemon({"--max-fields", "1", "--max-field-length", "64", "--max-url-length", "64"});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url("https://shop.example.com/" + std::string(40, 'a'));
  for (int i = 0; i < 2; ++i) {
    v1::Header& header = *request.mutable_request()->add_headers();
    header.set_name("X");
    header.set_value(std::string(65, 'a'));
  }
  v1::DecideResponse response;
  grpc::ClientContext first;
  EXPECT_THAT(WrongFields(stub->Decide(&first, request, &response)),
              ElementsAre("request.url", "request.headers"));
  request.mutable_request()->mutable_headers()->RemoveLast();
  grpc::ClientContext second;
  EXPECT_THAT(WrongFields(stub->Decide(&second, request, &response)),
              ElementsAre("request.url", "request.headers[0].value"));
}

TEST(Limits, OneCallTooManyIsToldToTryAgain) {
  const Daemon daemon({"--max-calls", "2"});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  grpc::ClientContext contexts[2];
  for (auto& context : contexts) context.set_deadline(std::chrono::system_clock::now() + kPatience);
  const auto first = stub->StreamDecide(&contexts[0]);
  const auto second = stub->StreamFollow(&contexts[1]);
  v1::StreamDecideResponse answer;
  v1::StreamFollowResponse answer2;
  ASSERT_TRUE(first->Write({}) && first->Read(&answer));
  ASSERT_TRUE(second->Write({}) && second->Read(&answer2));

  RawCall third(daemon.Channel(), kDecide, "");
  const grpc::Status status = third.Finish();
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(status), "OVERLOADED");
  EXPECT_TRUE(HasRetryInfo(status));

  first->WritesDone();
  EXPECT_TRUE(first->Finish().ok());
  // The server releases a call a moment after its client has seen the end.
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  grpc::StatusCode code = grpc::RESOURCE_EXHAUSTED;
  while (code == grpc::RESOURCE_EXHAUSTED && std::chrono::steady_clock::now() < patience) {
    RawCall again(daemon.Channel(), kDecide, "");
    code = again.Finish().error_code();
  }
  EXPECT_EQ(code, grpc::INVALID_ARGUMENT) << "there is room again";
}

}  // namespace
}  // namespace fingerpost::testing
