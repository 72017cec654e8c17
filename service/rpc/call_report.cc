#include "rpc/call_report.h"

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "rpc/guarded.h"

namespace fingerpost {
namespace {

std::string_view FieldOf(const grpc::ServerContext& context, std::string_view name) {
  const auto [first, end] = context.client_metadata().equal_range({name.data(), name.size()});
  if (first == end || std::next(first) != end) return {};
  return {first->second.data(), first->second.size()};
}

}  // namespace

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
      const auto field = [&context](std::string_view name) { return FieldOf(context, name); };
      const CallSummary summary{method_, code, duration, status.ok() ? answerer.answer() : nullptr,
                                field};
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
  gate_.observer->Finished(wanted, {.summary = summary,
                                    .transport = "grpc",
                                    .peer = context.peer(),
                                    .caller = CallerNames(context),
                                    .traceparent = std::string(summary.field("traceparent")),
                                    .request_id = std::string(summary.field("x-request-id")),
                                    .request = answerer.question(),
                                    .questions = questions,
                                    .error = error});
}

}  // namespace fingerpost
