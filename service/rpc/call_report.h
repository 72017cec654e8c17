// One call in the counters and the access log.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <string>

#include "rpc/call_gate.h"
#include "rpc/call_observer.h"
#include "rpc/exchange.h"
#include "rpc/meters.h"

namespace fingerpost {

// Counts one call, and reports its end.
class CallReport {
 public:
  CallReport(const CallGate& gate, Method method) : gate_(gate), method_(method) {}

  void Start() {
    start_ = std::chrono::steady_clock::now();
    if (gate_.meters != nullptr) gate_.meters->Started(method_);
  }
  [[nodiscard]] std::chrono::steady_clock::time_point start() const { return start_; }
  void Received() {
    if (gate_.meters != nullptr) gate_.meters->Received(method_);
  }
  void Sent() {
    if (gate_.meters != nullptr) gate_.meters->Sent(method_);
  }
  // `was_read`: `answerer` has the question. `questions`: their number in a batch.
  void Finish(const grpc::ServerContext& context, const grpc::Status& status, Answerer& answerer,
              bool was_read, int questions) const noexcept;
  struct Messages {
    const google::protobuf::Message& question;
    const google::protobuf::Message* answer = nullptr;
    int questions = 0;
  };
  // Of a call without an answerer.
  void Finish(const grpc::ServerContext& context, const grpc::Status& status,
              const Messages& messages) const noexcept;

 private:
  void CountCaller(const grpc::ServerContext& context) const;
  void Tell(unsigned wanted, const CallSummary& summary, const grpc::ServerContext& context,
            const Messages& messages, const std::string& error) const;

  const CallGate& gate_;
  Method method_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace fingerpost
