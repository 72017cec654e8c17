#include "server/http_report.h"

#include <string>

#include "rpc/error_status.h"
#include "server/http/single_field.h"

namespace fingerpost {

HttpReport::HttpReport(const To& to, const HttpCall& call, Method method)
    : to_(to), call_(call), method_(method) {
  if (to_.meters != nullptr) to_.meters->Started(method_);
}

void HttpReport::Finish(const google::protobuf::Message& request,
                        const google::protobuf::Message* response, const v1::Error* error) const {
  const auto code = error == nullptr ? grpc::StatusCode::OK : CodeOf(error->reason()).code;
  const auto duration = std::chrono::steady_clock::now() - start_;
  if (to_.meters != nullptr) to_.meters->Finished(method_, code, duration);
  if (to_.caller_counts != nullptr && !call_.caller.empty()) {
    to_.caller_counts->Count(call_.caller.front());
  }
  if (to_.observer == nullptr) return;
  const auto field = [this](std::string_view name) { return SingleField(call_, name); };
  const CallSummary summary{method_, code, duration, response, field};
  const unsigned wanted = to_.observer->Wants(summary);
  if (wanted == 0) return;
  to_.observer->Finished(wanted, {.summary = summary,
                                  .transport = "http",
                                  .peer = std::string(call_.peer),
                                  .caller = call_.caller,
                                  .traceparent = std::string(field("traceparent")),
                                  .request_id = std::string(field("x-request-id")),
                                  .request = request,
                                  .error = error == nullptr ? "" : error->message()});
}

}  // namespace fingerpost
