#include "rpc/call_report.h"

#include <string>
#include <vector>

#include "rpc/guarded.h"

namespace fingerpost {

void CallReport::Finish(const grpc::ServerContext& context, const grpc::Status& status,
                        Answerer& answerer, bool was_read, int questions) const noexcept {
  const auto duration = std::chrono::steady_clock::now() - start_;
  const grpc::StatusCode code = status.error_code();
  if (gate_.meters != nullptr) gate_.meters->Finished(method_, code, duration);
  if (!was_read) answerer.Abandon();
  // The call ends even without memory for its report.
  (void)Guarded([&] {
    if (gate_.caller_counts != nullptr) CountCaller(context);
    if (gate_.observer != nullptr) {
      const CallSummary summary{method_, code, duration, status.ok() ? answerer.answer() : nullptr};
      const unsigned wanted = gate_.observer->Wants(summary);
      if (wanted != 0) Tell(wanted, summary, context, answerer, questions, status.error_message());
    }
    return grpc::Status::OK;
  });
  answerer.Forget();
}

void CallReport::CountCaller(const grpc::ServerContext& context) const {
  const std::vector<std::string> names = CallerNames(context);
  if (!names.empty()) gate_.caller_counts->Count(names.front());
}

void CallReport::Tell(unsigned wanted, const CallSummary& summary,
                      const grpc::ServerContext& context, Answerer& answerer, int questions,
                      const std::string& error) const {
  const auto metadata = [&context](const char* name) -> std::string {
    const auto found = context.client_metadata().find(name);
    if (found == context.client_metadata().end()) return {};
    return {found->second.data(), found->second.size()};
  };
  gate_.observer->Finished(wanted, {.summary = summary,
                                    .transport = "grpc",
                                    .peer = context.peer(),
                                    .caller = CallerNames(context),
                                    .traceparent = metadata("traceparent"),
                                    .request_id = metadata("x-request-id"),
                                    .request = answerer.question(),
                                    .questions = questions,
                                    .error = error});
}

}  // namespace fingerpost
