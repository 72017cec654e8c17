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
  if (!was_read) answerer.Abandon();
  Finish(context, status,
         {.question = answerer.question(),
          .answer = status.ok() ? answerer.answer() : nullptr,
          .questions = questions});
  answerer.Forget();
}

void CallReport::Finish(const grpc::ServerContext& context, const grpc::Status& status,
                        const Messages& messages) const noexcept {
  const auto duration = std::chrono::steady_clock::now() - start_;
  const grpc::StatusCode code = status.error_code();
  if (gate_.meters != nullptr) gate_.meters->Finished(method_, code, duration);
  // The call ends even without memory for its report.
  (void)Guarded([&] {
    if (gate_.caller_counts != nullptr) CountCaller(context);
    if (gate_.observer != nullptr) {
      const auto field = [&context](std::string_view name) { return FieldOf(context, name); };
      const CallSummary summary{method_, code, duration, messages.answer, field};
      const unsigned wanted = gate_.observer->Wants(summary);
      if (wanted != 0) Tell(wanted, summary, context, messages, status.error_message());
    }
    return grpc::Status::OK;
  });
}

void CallReport::CountCaller(const grpc::ServerContext& context) const {
  const std::vector<std::string> names = CallerNames(context);
  if (!names.empty()) gate_.caller_counts->Count(names.front());
}

void CallReport::Tell(unsigned wanted, const CallSummary& summary,
                      const grpc::ServerContext& context, const Messages& messages,
                      const std::string& error) const {
  gate_.observer->Finished(wanted, {.summary = summary,
                                    .transport = "grpc",
                                    .peer = context.peer(),
                                    .caller = CallerNames(context),
                                    .traceparent = std::string(summary.field("traceparent")),
                                    .request_id = std::string(summary.field("x-request-id")),
                                    .request = messages.question,
                                    .questions = messages.questions,
                                    .error = error});
}

}  // namespace fingerpost
