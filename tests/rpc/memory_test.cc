// Each allocation of a call fails in turn: that call fails, and the service lives on.
#include <grpcpp/create_channel.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "policy/load/default_policy.h"
#include "rpc/failing_memory.h"
#include "rpc/grpc_server.h"

namespace fingerpost {
namespace {

// The service reads this clock when it begins to answer.
google::protobuf::Timestamp Begins() {
  failing_memory::is_here = true;
  return SystemClock();
}

// Learns when an answer is ready. gRPC cannot survive a failure of its own allocations.
class Ends final : public CallObserver {
 public:
  unsigned Wants(const CallSummary& /*call*/) override {
    failing_memory::is_here = false;
    return 1;
  }
  void Finished(unsigned /*wanted*/, const CallRecord& /*record*/) override {
    if (throws) throw std::bad_alloc();
  }
  std::atomic<bool> throws{false};
};

class Memory : public testing::Test {
 protected:
  Memory() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    rpc_.Register(builder);
    server_ = builder.BuildAndStart();
    rpc_.Start();
    stub_ = v1::RedirectService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                                                             grpc::InsecureChannelCredentials()));
  }
  ~Memory() override {
    failing_memory::to_go = 0;
    rpc_.Drain();
    server_->Shutdown(std::chrono::system_clock::now());
    rpc_.Stop();
  }

  static v1::DecideRequest Question(bool explain) {
    v1::DecideRequest request;
    request.mutable_request()->set_method("POST");
    request.mutable_request()->set_url("https://a.example/a/path/that/is/no/short/string");
    request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
    request.mutable_intent()->set_target("/a/target/that/is/no/short/string/either");
    request.set_explain(explain);
    return request;
  }

  // Questions that are answered without a look at gRPC's queue.
  static constexpr int kOnePiece = 10;

  grpc::Status Decide() {
    grpc::ClientContext context;
    v1::DecideResponse response;
    return stub_->Decide(&context, Question(true), &response);
  }
  grpc::Status BatchDecide() {
    grpc::ClientContext context;
    v1::BatchDecideRequest request;
    for (int i = 0; i < kOnePiece; ++i) *request.add_requests() = Question(false);
    v1::BatchDecideResponse response;
    return stub_->BatchDecide(&context, request, &response);
  }
  grpc::Status StreamDecide() {
    grpc::ClientContext context;
    v1::StreamDecideRequest request;
    for (int i = 0; i < kOnePiece; ++i) *request.add_requests() = Question(false);
    v1::StreamDecideResponse response;
    const auto stream = stub_->StreamDecide(&context);
    stream->Write(request);
    stream->WritesDone();
    while (stream->Read(&response)) {
    }
    return stream->Finish();
  }

  // Returns how many allocations failed, one in each call.
  template <typename Call>
  int FailEach(Call call, int most) {
    int failed = 0;
    for (int n = 1; n <= most; ++n) {
      failing_memory::has_failed = false;
      failing_memory::to_go = n;
      const grpc::Status status = call();
      failing_memory::to_go = 0;
      if (!failing_memory::has_failed) break;
      ++failed;
      EXPECT_TRUE(status.ok() || status.error_code() == grpc::RESOURCE_EXHAUSTED)
          << n << ": " << status.error_code() << " " << status.error_message();
      EXPECT_TRUE(call().ok()) << "after " << n;
    }
    return failed;
  }

  // A call ends a moment after its client has seen the end.
  void ExpectNothingHeld() const {
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while ((rpc_.calls() > 0 || budget_.held(Budget::kAll) > 0) &&
           std::chrono::steady_clock::now() < patience) {
      std::this_thread::yield();
    }
    EXPECT_EQ(rpc_.calls(), 0);
    EXPECT_EQ(budget_.held(Budget::kAll), 0);
    EXPECT_EQ(budget_.held(Budget::kExplained), 0);
  }

  Ends observer_;
  Budget budget_{int64_t{64} << 20};
  policy::load::Store policy_{policy::load::DefaultPolicy()};
  RedirectService service_{policy_, Limits{}, nullptr, Begins};
  GrpcServer rpc_{service_, {.observer = &observer_, .budget = &budget_}};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::RedirectService::Stub> stub_;
};

TEST_F(Memory, AnAllocationThatFailsIsAnErrorOfThatCall) {
  EXPECT_GT(FailEach([this] { return Decide(); }, 100'000), 10);
  ExpectNothingHeld();
}

TEST_F(Memory, OfABatchToo) {
  const int failed = FailEach([this] { return BatchDecide(); }, 100'000);
  EXPECT_GT(failed, 10);
  ExpectNothingHeld();
}

// Only those that certainly fail while it answers.
TEST_F(Memory, AndOfAStream) {
  EXPECT_EQ(FailEach([this] { return StreamDecide(); }, 10), 10);
  ExpectNothingHeld();
}

TEST_F(Memory, WhatCannotBeReportedIsAnsweredAllTheSame) {
  observer_.throws = true;
  EXPECT_TRUE(Decide().ok());
  EXPECT_TRUE(BatchDecide().ok());
  EXPECT_TRUE(StreamDecide().ok());
  ExpectNothingHeld();
}

}  // namespace
}  // namespace fingerpost
