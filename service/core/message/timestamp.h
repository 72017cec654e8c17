// Instants that a request or a policy may hold.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string_view>

#include "core/message/faults.h"

namespace fingerpost::message {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, the first and the last second of
// google.protobuf.Timestamp.
inline constexpr int64_t kBeginningOfTime = -62135596800;
inline constexpr int64_t kEndOfTime = 253402300799;

// Whether a time is valid in a request or a policy. The difference of two valid times does not
// overflow.
[[nodiscard]] bool IsTimestamp(const google::protobuf::Timestamp& time);
inline constexpr std::string_view kTimestampExpected =
    "expected 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z";

// Reports a `question` that is about an instant that is none.
template <typename Question>
void CheckNow(const Question& question, Faults& faults) {
  if (question.has_now() && !IsTimestamp(question.now())) faults.Error("now", kTimestampExpected);
}

}  // namespace fingerpost::message
