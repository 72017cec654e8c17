// Calls from several threads, like clients of this project.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"

namespace fingerpost::testing {

// With our shared service config.
[[nodiscard]] grpc::ChannelArguments SharedArguments();

// Calls until told to stop.
class Load {
 public:
  explicit Load(const std::shared_ptr<grpc::Channel>& channel);
  ~Load() { Stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Returns when so many more calls have been answered, or one has failed.
  void Pass(int calls);
  void Stop();
  std::vector<std::string> Failures();
  // The number of answers with each version of a policy, since the last call.
  std::map<std::string, int> TakeVersions();

 private:
  void Run();

  std::unique_ptr<v1::RedirectService::Stub> stub_;
  std::atomic<bool> stop_{false};
  std::atomic<int> answered_{0};
  std::mutex mutex_;
  std::map<std::string, int> versions_;
  std::vector<std::string> failures_;
  std::vector<std::thread> threads_;
};

}  // namespace fingerpost::testing
