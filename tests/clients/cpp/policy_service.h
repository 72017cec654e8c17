// A service that hands out the policies that a test gives it, and counts what it is asked.
#pragma once

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "fingerpost/v1/policy_service.grpc.pb.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"

namespace fingerpost::testing {

class PolicyService : public v1::PolicyService::Service, public v1::RedirectService::Service {
 public:
  // On that port, or on a free one.
  explicit PolicyService(int port = 0, bool hands_out = true) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:" + std::to_string(port), grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(static_cast<v1::RedirectService::Service*>(this));
    if (hands_out) builder.RegisterService(static_cast<v1::PolicyService::Service*>(this));
    server_ = builder.BuildAndStart();
  }
  ~PolicyService() override {
    {
      const std::lock_guard lock(mutex_);
      stops_ = true;
    }
    changed_.notify_all();
    server_->Shutdown(std::chrono::system_clock::now());
  }

  // Sends it to all who watch, and to those who come.
  void HandOut(const v1::WatchPolicyResponse& message) {
    {
      const std::lock_guard lock(mutex_);
      message_ = message;
      ++changes_;
    }
    changed_.notify_all();
  }
  void HandOut(const v1::Policy& policy) {
    v1::WatchPolicyResponse message;
    message.set_version(policy.handed_out().version());
    message.set_policy(policy.SerializeAsString());
    HandOut(message);
  }

  // How a stream goes: until the test ends; for one message; the same one without a pause.
  enum class Stream { kUsual, kShort, kFlood };
  void Set(Stream stream) {
    const std::lock_guard lock(mutex_);
    stream_ = stream;
  }
  // Reports get no answer.
  void HangOnReports() {
    const std::lock_guard lock(mutex_);
    hangs_ = true;
  }

  grpc::Status WatchPolicy(grpc::ServerContext* context, const v1::WatchPolicyRequest* request,
                           grpc::ServerWriter<v1::WatchPolicyResponse>* writer) override {
    std::unique_lock lock(mutex_);
    watches_.push_back(*request);
    for (int sent = 0; !stops_ && !context->IsCancelled();) {
      if (sent == changes_ && stream_ != Stream::kFlood) {
        changed_.wait_for(lock, std::chrono::milliseconds(20));
        continue;
      }
      v1::WatchPolicyResponse message = message_;
      if (sent == changes_ || message.version() == request->known_version()) message.clear_policy();
      sent = changes_;
      lock.unlock();
      writer->Write(message);
      lock.lock();
      if (stream_ == Stream::kShort) break;
    }
    return {grpc::StatusCode::UNAVAILABLE, "stops"};
  }

  grpc::Status ReportUsage(grpc::ServerContext* context, const v1::ReportUsageRequest* request,
                           v1::ReportUsageResponse* /*response*/) override {
    std::unique_lock lock(mutex_);
    reports_.push_back(*request);
    while (hangs_ && !stops_ && !context->IsCancelled()) {
      changed_.wait_for(lock, std::chrono::milliseconds(20));
    }
    return grpc::Status::OK;
  }

  grpc::Status Decide(grpc::ServerContext* /*context*/, const v1::DecideRequest* /*request*/,
                      v1::DecideResponse* response) override {
    const std::lock_guard lock(mutex_);
    ++asked_;
    response->set_outcome(v1::OUTCOME_PASS);
    return grpc::Status::OK;
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] int asked() const { return Locked(asked_); }
  [[nodiscard]] std::vector<v1::WatchPolicyRequest> watches() const { return Locked(watches_); }
  [[nodiscard]] std::vector<v1::ReportUsageRequest> reports() const { return Locked(reports_); }

 private:
  template <typename Value>
  Value Locked(const Value& value) const {
    const std::lock_guard lock(mutex_);
    return value;
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stops_ = false;
  bool hangs_ = false;
  Stream stream_ = Stream::kUsual;
  v1::WatchPolicyResponse message_;
  int changes_ = 0;
  int asked_ = 0;
  std::vector<v1::WatchPolicyRequest> watches_;
  std::vector<v1::ReportUsageRequest> reports_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace fingerpost::testing
