// Observers of calls: the access log, the admin page's lists, and the traces.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "rpc/meters.h"

namespace fingerpost {

[[nodiscard]] inline std::string_view NoField(std::string_view /*name*/) { return {}; }

// What every finished call knows at no cost.
struct CallSummary {
  Method method;
  grpc::StatusCode code;
  std::chrono::nanoseconds duration;  // from its acceptance to its status
  // Null when there is none. For Envoy: the decision, null for a question that the backend judges.
  const google::protobuf::Message* response;
  // The value of a field (metadata) of the call by its name in lower case; "" without one, or with
  // several. Looking for it costs a fraction of an answer.
  absl::FunctionRef<std::string_view(std::string_view name)> field = NoField;
};

// One finished call. For a stream: its last message. For a call that was refused unread: no
// messages.
struct CallRecord {
  CallSummary summary;
  std::string_view transport;                // "grpc", "http", "gateway", "site" or "engine"
  std::string peer;                          // address and port
  std::vector<std::string> caller;           // names in the verified certificate, see rpc/callers.h
  std::string traceparent;                   // as sent; W3C Trace Context
  std::string request_id;                    // x-request-id as sent
  const google::protobuf::Message& request;  // for a batch: one of its questions
  int questions = 0;                         // in a batch
  // The error that the caller got: a field and what was expected there, never its value.
  std::string error = {};
};

// Called on the thread that answered; must not block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // What to do with the call, in the observer's own terms; 0: nothing. A record costs more than an
  // answer, so it is made only for wanted calls.
  [[nodiscard]] virtual unsigned Wants(const CallSummary& call) = 0;
  virtual void Finished(unsigned wanted, const CallRecord& record) = 0;
};

}  // namespace fingerpost
