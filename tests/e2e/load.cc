#include "load.h"

#include <chrono>
#include <fstream>
#include <sstream>
#include <utility>

#include "directories.h"
#include "server/raw_call.h"

namespace fingerpost::testing {

grpc::ChannelArguments SharedArguments() {
  std::ostringstream text;
  text << std::ifstream(std::string(FINGERPOST_TESTS_DIR) + "/../client/service_config.json")
              .rdbuf();
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(text.str());
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

Load::Load(const std::shared_ptr<grpc::Channel>& channel)
    : stub_(v1::RedirectService::NewStub(channel)) {
  constexpr int kThreads = 8;
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { Run(); });
}

void Load::Pass(int calls) {
  const int goal = answered_ + calls;
  while (answered_ < goal && Failures().empty()) std::this_thread::yield();
}

void Load::Stop() {
  stop_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

std::vector<std::string> Load::Failures() {
  const std::lock_guard lock(mutex_);
  return failures_;
}

std::map<std::string, int> Load::TakeVersions() {
  const std::lock_guard lock(mutex_);
  return std::exchange(versions_, {});
}

void Load::Run() {
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
    const std::lock_guard lock(mutex_);
    if (status.ok() && response.status() == 303) {
      ++answered_;
      ++versions_[response.policy_version()];
    } else {
      failures_.push_back(std::to_string(status.error_code()) + " " + status.error_message());
    }
  }
}

}  // namespace fingerpost::testing
