// Like client.py, with gRPC C++.
#include <absl/strings/escaping.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"

namespace fingerpost {
namespace {

constexpr int kCallers = 8;
constexpr std::chrono::seconds kPatience{30};

std::shared_ptr<grpc::Channel> Connect(const std::string& addresses, const std::string& config) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (!config.empty()) arguments.SetServiceConfigJSON(config);
  return grpc::CreateCustomChannel("ipv4:" + addresses, grpc::InsecureChannelCredentials(),
                                   arguments);
}

// The number of calls by result: OK, or the number of a gRPC code.
class Counts {
 public:
  void Count(grpc::StatusCode code) {
    const std::lock_guard lock(mutex_);
    ++counts_[code == grpc::OK            ? "OK"
              : code == grpc::UNAVAILABLE ? "UNAVAILABLE"
              : code == grpc::CANCELLED   ? "CANCELLED"
                                          : std::to_string(code)];
  }
  void Print() const {
    const char* separator = "{";
    for (const auto& [code, count] : counts_) {
      std::cout << separator << '"' << code << "\":" << count;
      separator = ",";
    }
    std::cout << '}' << std::endl;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counts_;
};

void Run(const v1::DecideRequest& question, const std::string& config) {
  std::mutex mutex;
  std::shared_ptr<grpc::Channel> channel;
  std::atomic<bool> stop = false;
  Counts counts;
  const auto call = [&] {
    while (!stop) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + kPatience);
      v1::DecideResponse answer;
      std::unique_lock lock(mutex);
      const auto stub = v1::RedirectService::NewStub(channel);
      lock.unlock();
      counts.Count(stub->Decide(&context, question, &answer).error_code());
    }
  };
  std::vector<std::thread> callers;
  for (std::string order; std::getline(std::cin, order) && order != "stop";) {
    const std::unique_lock lock(mutex);
    channel = Connect(order.substr(order.find(' ') + 1), config);
    while (callers.size() < kCallers) callers.emplace_back(call);
  }
  stop = true;
  for (std::thread& caller : callers) caller.join();
  counts.Print();
}

}  // namespace
}  // namespace fingerpost

int main(int argc, char** argv) {
  std::string octets;
  fingerpost::v1::DecideRequest question;
  if (argc != 3 || !absl::Base64Unescape(argv[1], &octets) || !question.ParseFromString(octets)) {
    std::cerr << "Usage: roll_client QUESTION SERVICE_CONFIG\n";
    return 2;
  }
  fingerpost::Run(question, argv[2]);
  return 0;
}
