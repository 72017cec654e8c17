#include "fingerpost/testing.h"

#include <stdexcept>
#include <utility>

#include "core/message/json.h"
#include "golden.h"
#include "golden_row.h"

namespace fingerpost::testing {

GoldenRows::GoldenRows(std::string_view json) {
  try {
    for (const std::string_view list : {json, std::string_view(kGolden)}) {
      for (const auto& row : GoldenRow::Json::parse(list)) rows_.emplace_back(row);
    }
  } catch (const nlohmann::json::exception& wrong) {
    throw std::invalid_argument(wrong.what());
  }
}

GoldenRows::~GoldenRows() = default;

template <typename Request, typename Response>
bool GoldenRows::Answer(const char* kind, std::vector<Request>& questions, const Request& request,
                        Response& out, v1::Error& error) const {
  {
    const std::lock_guard lock(mutex_);
    questions.push_back(request);
    error = failure_;
  }
  if (!error.code().empty()) return false;
  const GoldenRow::Json question = AsJson(request);
  for (const GoldenRow& row : rows_) {
    if (row.kind() != kind) continue;
    if (const auto found = row.Fits(question)) return row.Answer(question, *found, out, error);
  }
  error.set_code("NOT_FOUND");
  error.set_message("no golden row fits this question; give GoldenRows one for it: " +
                    ToJson(request));
  return false;
}

bool GoldenRows::Decide(const v1::DecideRequest& request, v1::DecideResponse& out, v1::Error& error,
                        const CallOptions& /*options*/) const {
  return Answer("decide", decide_questions_, request, out, error);
}

bool GoldenRows::Follow(const v1::FollowRequest& request, v1::FollowResponse& out, v1::Error& error,
                        const CallOptions& /*options*/) const {
  return Answer("follow", follow_questions_, request, out, error);
}

void GoldenRows::Fail(v1::Error error) {
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

std::vector<v1::DecideRequest> GoldenRows::decide_questions() const {
  const std::lock_guard lock(mutex_);
  return decide_questions_;
}

std::vector<v1::FollowRequest> GoldenRows::follow_questions() const {
  const std::lock_guard lock(mutex_);
  return follow_questions_;
}

}  // namespace fingerpost::testing
