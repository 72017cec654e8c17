// A replica ends while clients without a retry policy call: calls in progress are answered, whether
// or not a balancer has moved the clients first.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::IsEmpty;

// Threads that call one after another.
class Callers {
 public:
  // Each call goes to the channel that `pick` returns.
  explicit Callers(std::function<std::shared_ptr<grpc::Channel>()> pick) : pick_(std::move(pick)) {
    constexpr int kThreads = 8;
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
  }
  ~Callers() { Stop(); }
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  // Waits for so many answers.
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
    while (!stop_) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + kPatience);
      v1::DecideResponse answer;
      const grpc::Status status =
          v1::RedirectService::NewStub(pick_())->Decide(&context, {}, &answer);
      if (status.error_code() == grpc::INVALID_ARGUMENT) {
        ++answered_;
      } else {
        const std::lock_guard lock(mutex_);
        failures_.push_back(std::to_string(status.error_code()) + " " + status.error_message());
      }
    }
  }

  const std::function<std::shared_ptr<grpc::Channel>()> pick_;
  std::atomic<bool> stop_ = false;
  std::atomic<int> answered_ = 0;
  std::mutex mutex_;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

// A small balancer: the next call goes to the replica that last reported to be serving.
class Balancer {
 public:
  void Add(const Daemon& replica) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);  // not even gRPC's own retries
    const std::lock_guard lock(mutex_);
    serving_.push_back(grpc::CreateCustomChannel(replica.address(),
                                                 grpc::InsecureChannelCredentials(), arguments));
  }
  [[nodiscard]] std::shared_ptr<grpc::Channel> Pick() const {
    const std::lock_guard lock(mutex_);
    return serving_.back();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<grpc::Channel>> serving_;
};

// Like a pod: other machines can reach it, so that it drains like one.
std::unique_ptr<Daemon> Pod() {
  return std::make_unique<Daemon>(
      std::vector<std::string>{"--listen", "0.0.0.0:0", "--insecure", "--drain-delay", "2s"});
}

TEST(Roll, BehindABalancerLosesNoCallThatIsNeverRepeated) {
  Balancer balancer;
  std::unique_ptr<Daemon> pod = Pod();
  balancer.Add(*pod);
  Callers callers([&balancer] { return balancer.Pick(); });
  for (int i = 0; i < 3; ++i) {
    callers.Pass(1'000);
    std::unique_ptr<Daemon> next = Pod();
    RawCall watch(pod->Channel(), "/grpc.health.v1.Health/Watch", HealthRequest(""));
    EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kServing);
    pod->Signal(SIGTERM);
    EXPECT_EQ(HealthOf(watch.Read().value_or("")), Health::kNotServing);
    balancer.Add(*next);
    EXPECT_EQ(pod->Wait().code, 0);
    pod = std::move(next);
  }
  callers.Pass(1'000);
  callers.Stop();
  EXPECT_THAT(callers.Failures(), IsEmpty());
}

// Lasting connections, as behind a service of Kubernetes: only GOAWAY ends them.
TEST(Roll, OfConnectionsThatStayLosesNoCallOfWhoWaitsForAnswers) {
  Daemon first;
  Daemon second;
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel("ipv4:" + first.address() + "," + second.address(),
                                           grpc::InsecureChannelCredentials(), arguments);
  Callers callers([&channel] { return channel; });
  callers.Pass(1'000);
  first.Signal(SIGTERM);
  EXPECT_EQ(first.Wait().code, 0);
  callers.Pass(1'000);
  callers.Stop();
  EXPECT_THAT(callers.Failures(), IsEmpty());
}

}  // namespace
}  // namespace fingerpost::testing
