// Tells who counts and observes calls of one call over HTTP/JSON.
#pragma once

#include <google/protobuf/message.h>

#include <chrono>

#include "fingerpost/v1/answer.pb.h"
#include "rpc/call_observer.h"
#include "rpc/caller_counts.h"
#include "rpc/meters.h"
#include "server/http/server.h"

namespace fingerpost {

class HttpReport {
 public:
  // Each may be null.
  struct To {
    Meters* meters = nullptr;
    CallObserver* observer = nullptr;
    CallerCounts* caller_counts = nullptr;
  };

  // The call begins. Both must outlive it.
  HttpReport(const To& to, const HttpCall& call, Method method);
  // It is over. `response` and `error` may be null: there is none.
  void Finish(const google::protobuf::Message& request, const google::protobuf::Message* response,
              const v1::Error* error) const;

 private:
  const To& to_;
  const HttpCall& call_;
  const Method method_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace fingerpost
