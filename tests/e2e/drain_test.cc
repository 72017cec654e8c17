// SIGTERM under load: a client with the service config that all our clients share loses no call.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::IsEmpty;

std::string SharedServiceConfig() {
  std::ostringstream text;
  text << std::ifstream(std::string(FINGERPOST_TESTS_DIR) + "/../client/service_config.json")
              .rdbuf();
  return text.str();
}

// To several replicas, as a client sees them behind one name.
std::shared_ptr<grpc::Channel> ChannelTo(const std::vector<const Daemon*>& replicas) {
  std::string target = "ipv4:";
  for (const Daemon* replica : replicas) {
    target += (target.back() == ':' ? "" : ",") + replica->address();
  }
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(SharedServiceConfig());
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

// Calls from several threads until told to stop.
class Load {
 public:
  explicit Load(const std::vector<const Daemon*>& replicas)
      : stub_(v1::RedirectService::NewStub(ChannelTo(replicas))) {
    constexpr int kThreads = 8;
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Returns when so many more calls have been answered, or one has failed.
  void Pass(int calls) {
    const int goal = answered_ + calls;
    while (answered_ < goal && Failures().empty()) std::this_thread::yield();
  }
  void Stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  std::vector<std::string> Failures() {
    const std::lock_guard lock(mutex_);
    return failures_;
  }

 private:
  void Run() {
    v1::DecideRequest request;
    request.mutable_request()->set_method("POST");
    request.mutable_request()->set_url("https://shop.example.com/orders");
    request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
    request.mutable_intent()->set_target("/orders/7829/confirmation");
    v1::DecideResponse response;
    while (!stop_) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + kPatience);
      const grpc::Status status = stub_->Decide(&context, request, &response);
      if (status.ok() && response.status() == 303) {
        ++answered_;
        continue;
      }
      const std::lock_guard lock(mutex_);
      failures_.push_back(std::to_string(status.error_code()) + " " + status.error_message());
    }
  }

  std::unique_ptr<v1::RedirectService::Stub> stub_;
  std::atomic<bool> stop_{false};
  std::atomic<int> answered_{0};
  std::mutex mutex_;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

TEST(Drain, LosesNoCallOfAClientThatRetriesUnavailable) {
  Daemon first;
  Daemon second;
  Load load({&first, &second});
  load.Pass(10'000);
  first.Signal(SIGTERM);
  const Output output = first.Wait();
  EXPECT_EQ(output.code, 0) << output.err;
  load.Pass(10'000);
  load.Stop();
  EXPECT_THAT(load.Failures(), IsEmpty());
}

// Whether any call has reached the replica since it started.
bool HasCalls(const Daemon& replica) {
  static const RE2 counted(R"re(grpc_server_started_total\{[^}]*"Decide"\} [1-9])re");
  return RE2::PartialMatch(Get(replica.admin_address(), "/metrics").body, counted);
}

// As in a rolling update: each replica is replaced by a new one on the same address.
TEST(Drain, ARollingRestartLosesNoCall) {
  std::vector<std::unique_ptr<Daemon>> replicas;
  for (int i = 0; i < 2; ++i) replicas.push_back(std::make_unique<Daemon>());
  Load load({replicas[0].get(), replicas[1].get()});
  for (auto& replica : replicas) {
    load.Pass(3'000);
    const std::string address = replica->address();
    replica->Signal(SIGTERM);
    EXPECT_EQ(replica->Wait().code, 0);
    replica = std::make_unique<Daemon>(
        std::vector<std::string>{"--listen", address, "--admin-listen", "127.0.0.1:0"});
    // The other is not taken away before the clients have found this one.
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (!HasCalls(*replica)) ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
  load.Pass(3'000);
  load.Stop();
  EXPECT_THAT(load.Failures(), IsEmpty());
}

}  // namespace
}  // namespace fingerpost::testing
