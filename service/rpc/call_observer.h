// Who wants to know about calls: the access log, and the admin page's lists.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace fingerpost {

// One finished call. Of a stream: its last message.
struct CallRecord {
  std::string_view method;     // "Decide"
  std::string_view transport;  // "grpc" or "http"
  grpc::StatusCode code;
  std::chrono::nanoseconds duration;  // from its acceptance to its status
  std::string peer;                   // address and port
  std::vector<std::string> caller;    // names of the verified certificate, see rpc/callers.h
  std::string traceparent;            // as sent; W3C Trace Context
  std::string request_id;             // x-request-id as sent
  const google::protobuf::Message& request;
  const google::protobuf::Message* response;  // null when there is none
};

// Called by the thread that answered; must not block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Whether Finished should be called: a record costs more than an answer.
  [[nodiscard]] virtual bool Wants(grpc::StatusCode code, std::chrono::nanoseconds duration) = 0;
  virtual void Finished(const CallRecord& record) = 0;
};

}  // namespace fingerpost
