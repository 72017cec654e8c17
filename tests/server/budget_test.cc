// Unread answers many times as large as their questions, and a process without more memory
// (--max-memory).
#include "rpc/budget.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/message/json.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "sanitize/allowance.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kBatchDecide[] = "/fingerpost.v1.RedirectService/BatchDecide";

// "VmRSS:", "VmHWM:" or "VmData:" of the process, in MiB.
int MemoryOf(const Daemon& daemon, const std::string& which) {
  std::ifstream status("/proc/" + std::to_string(daemon.pid()) + "/status");
  for (std::string word; status >> word;) {
    if (word != which) continue;
    int kib = 0;
    status >> kib;
    return kib / 1024;
  }
  return -1;
}

v1::DecideRequest Question(bool explain) {
  v1::DecideRequest request;
  request.mutable_request()->set_method("POST");
  request.mutable_request()->set_url("https://a.example/");
  request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  request.mutable_intent()->set_target("/a");
  request.set_explain(explain);
  return request;
}

// Names as long as they may be, which every forecast repeats: the answer has 2.5 MiB.
v1::DecideRequest LongNames() {
  v1::DecideRequest request = Question(true);
  for (int i = 0; i < 240; ++i)
    request.mutable_request()->add_headers()->set_name(std::string(250, 'x'));
  return request;
}

// The same, and some 0.8 MiB of values.
v1::DecideRequest LongQuestion() {
  v1::DecideRequest request = LongNames();
  for (int i = 0; i < 14; ++i) {
    v1::Header& header = *request.mutable_request()->add_headers();
    header.set_name("x-long");
    header.set_value(std::string(60'000, 'a'));
  }
  return request;
}

std::string Batch(int count, bool explain = true) {
  v1::BatchDecideRequest batch;
  for (int i = 0; i < count; ++i) *batch.add_requests() = Question(explain);
  return batch.SerializeAsString();
}

// Its answers have 35 MiB.
std::string LongBatch() {
  v1::BatchDecideRequest batch;
  for (int i = 0; i < 14; ++i) *batch.add_requests() = LongNames();
  return batch.SerializeAsString();
}

// The sum of a counter over the lines with `label`.
int Counted(const Daemon& daemon, const std::string& name, const std::string& label) {
  const std::string text = Get(daemon.admin_address(), "/metrics").body;
  int sum = 0;
  for (size_t at = 0; (at = text.find("\n" + name + "{", at)) != text.npos; ++at) {
    const std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    if (line.find(label) == line.npos) continue;
    sum += static_cast<int>(std::stod(line.substr(line.rfind(' '))));
  }
  return sum;
}

template <typename Condition>
bool Comes(Condition condition) {
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > patience) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

// Without a larger window for a fast client, and with room for any answer.
std::shared_ptr<grpc::Channel> Channel(const Daemon& daemon) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetMaxReceiveMessageSize(-1);
  return grpc::CreateCustomChannel(daemon.address(), grpc::InsecureChannelCredentials(), arguments);
}

grpc::Status Ask(const Daemon& daemon, const v1::DecideRequest& question) {
  const auto stub = v1::RedirectService::NewStub(Channel(daemon));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  v1::DecideResponse answer;
  return stub->Decide(&context, question, &answer);
}

TEST(CallMemory, AnswersThatNobodyReadsAreBounded) {
  const Daemon daemon({"--admin-listen", "127.0.0.1:0", "--max-memory", "64MiB"});
  const int before = MemoryOf(daemon, "VmRSS:");
  const std::string batch = Batch(1024);
  constexpr int kCalls = 60;
  std::vector<std::unique_ptr<RawCall>> calls;
  for (int i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_unique<RawCall>(Channel(daemon), kBatchDecide, batch));
  }
  EXPECT_TRUE(Comes([&] {
    return Counted(daemon, "grpc_server_handled_total", "\"BatchDecide\"") == kCalls;
  })) << "each is answered, or refused at once";
  EXPECT_LT(MemoryOf(daemon, "VmHWM:"), before + 64 * kAllowance);
  EXPECT_TRUE(Ask(daemon, Question(false)).ok()) << "an innocent one";

  int answered = 0;
  int refused = 0;
  for (const auto& call : calls) {
    const grpc::Status status = call->Finish();
    if (status.ok()) ++answered;
    if (status.error_code() == grpc::RESOURCE_EXHAUSTED && HasRetryInfo(status)) ++refused;
  }
  EXPECT_GT(answered, 0);
  EXPECT_GT(refused, 0);
  EXPECT_EQ(answered + refused, kCalls);
  EXPECT_EQ(Counted(daemon, "fingerpost_calls_limited_total", "\"max-memory-explain\""), refused);
  EXPECT_GT(Counted(daemon, "fingerpost_refused_octets_total", "\"max-memory-explain\""), 0);
  EXPECT_TRUE(Comes(
      [&] { return daemon.Errors().find("refused by max-memory-explain") != std::string::npos; }));
  EXPECT_TRUE(
      Comes([&] { return Counted(daemon, "fingerpost_held_octets", "\"max-memory\"") == 0; }));
  RawCall again(Channel(daemon), kBatchDecide, batch);
  EXPECT_TRUE(again.Finish().ok()) << "there is room again";
}

TEST(CallMemory, AStreamThatReadsNothingHoldsOneAnswer) {
  const Daemon daemon({"--admin-listen", "127.0.0.1:0"});
  const auto stub = v1::RedirectService::NewStub(Channel(daemon));
  grpc::ClientContext context;
  const auto stream = stub->StreamDecide(&context);
  v1::StreamDecideRequest questions;
  ASSERT_TRUE(questions.ParseFromString(Batch(512, false)));
  // As much as flow control allows: the server reads a question only after an answer has been
  // taken.
  std::thread asking([&] {
    while (stream->Write(questions)) {
    }
  });
  EXPECT_TRUE(Comes(
      [&] { return Counted(daemon, "grpc_server_msg_received_total", "\"StreamDecide\"") > 0; }));
  const auto received = [&] {
    return Counted(daemon, "grpc_server_msg_received_total", "\"StreamDecide\"");
  };
  int last = -1;
  EXPECT_TRUE(Comes([&] {
    const int now = received();
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return std::exchange(last, now) == now;
  })) << "it stops reading";
  EXPECT_LT(Counted(daemon, "fingerpost_held_octets", "\"max-memory\""), 1 << 20);
  context.TryCancel();
  asking.join();
  (void)stream->Finish();
  EXPECT_TRUE(
      Comes([&] { return Counted(daemon, "fingerpost_held_octets", "\"max-memory\"") == 0; }));
}

TEST(CallMemory, WhatNeverHasRoomIsTheCallersFault) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0", "--max-memory", "16MiB"});
  const grpc::Status status = Ask(daemon, LongQuestion());
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(WrongFields(status), ElementsAre("explain"));
  EXPECT_FALSE(HasRetryInfo(status));
  const std::string question = message::ToJson(LongQuestion());
  EXPECT_EQ(PostJson(daemon.http_address(), "/v1/decide", question).status, 400);
}

TEST(CallMemory, HttpJsonSharesIt) {
  const Daemon daemon(
      {"--http-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--max-memory", "96MiB"});
  const std::string question = message::ToJson(LongQuestion());
  // Unread answers over gRPC leave no room for one over HTTP.
  std::vector<std::unique_ptr<RawCall>> calls;
  for (int i = 0; i < 40; ++i) {
    calls.push_back(std::make_unique<RawCall>(Channel(daemon), kBatchDecide, Batch(1024)));
  }
  EXPECT_TRUE(Comes([&] {
    return Counted(daemon, "fingerpost_calls_limited_total", "\"max-memory-explain\"") > 1;
  }));
  HttpResponse refused;
  EXPECT_TRUE(Comes([&] {
    refused = PostJson(daemon.http_address(), "/v1/decide", question);
    return refused.status == 429;
  })) << "unread answers leave less than one batch of the part for explain";
  EXPECT_THAT(refused.fields, HasSubstr("Retry-After: 1"));
  EXPECT_EQ(PostJson(daemon.http_address(), "/v1/decide", message::ToJson(Question(false))).status,
            200);
  for (const auto& call : calls) (void)call->Finish();
  EXPECT_EQ(PostJson(daemon.http_address(), "/v1/decide", question).status, 200);
  EXPECT_TRUE(
      Comes([&] { return Counted(daemon, "fingerpost_held_octets", "\"max-memory\"") == 0; }));
}

TEST(CallMemory, ALargestQuestionIsExplainedOverHttpToo) {
  const Daemon daemon({"--http-listen", "127.0.0.1:0"});
  const HttpResponse answer =
      PostJson(daemon.http_address(), "/v1/decide", message::ToJson(LongQuestion()));
  EXPECT_EQ(answer.status, 200);
  EXPECT_GT(answer.body.size(), size_t{2} << 20);
  EXPECT_LT(answer.body.size(), size_t{4} << 20) << "a forecast does not repeat values";
}

TEST(CallMemory, GoesBackAfterABurst) {
  if (kAllowance > 1) GTEST_SKIP() << "a sanitizer's allocator keeps what is free";
  const Daemon daemon;
  const int before = MemoryOf(daemon, "VmRSS:");
  {
    const std::string batch = Batch(1024);
    std::vector<std::unique_ptr<RawCall>> calls;
    for (int i = 0; i < 12; ++i) {
      calls.push_back(std::make_unique<RawCall>(Channel(daemon), kBatchDecide, batch));
    }
    for (const auto& call : calls) EXPECT_TRUE(call->Finish().ok());
    for (int i = 0; i < 3; ++i)
      EXPECT_TRUE(RawCall(Channel(daemon), kBatchDecide, LongBatch()).Finish().ok());
  }
  const int peak = MemoryOf(daemon, "VmHWM:");
  EXPECT_GT(peak, before + 40) << "it was a burst";
  EXPECT_TRUE(Comes([&] { return MemoryOf(daemon, "VmRSS:") < before + 24; }))
      << before << " MiB, at most " << peak << ", now " << MemoryOf(daemon, "VmRSS:");
  RecordProperty("before", before);
  RecordProperty("peak", peak);
  RecordProperty("after", MemoryOf(daemon, "VmRSS:"));
}

// Three times a largest question is refused for lack of memory, and then a small one is
// answered.
// "" or what happened instead.
std::string WithoutMemory() {
  const Daemon daemon({"--max-memory", "2047MiB", "--threads", "1"});
  if (!Ask(daemon, Question(true)).ok()) return "the service does not answer";
  // For malloc the same as a machine without memory.
  const auto limit = static_cast<rlim_t>(MemoryOf(daemon, "VmData:") + 5) << 20;
  const rlimit limits{.rlim_cur = limit, .rlim_max = limit};
  if (prlimit(daemon.pid(), RLIMIT_DATA, &limits, nullptr) != 0) return "prlimit fails";
  for (int i = 0; i < 3; ++i) {
    const grpc::Status refused = Ask(daemon, LongQuestion());
    if (refused.error_code() != grpc::RESOURCE_EXHAUSTED ||
        refused.error_message().find("short of memory") == std::string::npos) {
      return "expected a refusal, got: " + refused.error_message();
    }
    const grpc::Status answered = Ask(daemon, Question(true));
    if (!answered.ok()) return "the service is gone: " + answered.error_message();
  }
  return {};
}

TEST(CallMemory, WithoutMemoryACallFailsAndNoProcess) {
  if (kAllowance > 1) GTEST_SKIP() << "a sanitizer's allocator ends the process";
  // gRPC's own allocations abort (gpr_malloc), and on a busy machine one may fall into that moment.
  // A failure of ours happens every time.
  std::string last;
  for (int attempt = 0; attempt < 3; ++attempt) {
    last = WithoutMemory();
    if (last.empty()) return;
  }
  FAIL() << last;
}

}  // namespace
}  // namespace fingerpost::testing
