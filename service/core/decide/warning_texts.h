// The sentence and citations of each of Decide's warnings.
#pragma once

#include <string_view>

#include "core/http/citations.h"
#include "fingerpost/v1/answer.pb.h"
#include "fingerpost/v1/decide.pb.h"

namespace fingerpost::decide {

struct WarningText {
  v1::WarningCode code;
  std::string_view sentence;
  http::Citations citations;
};

// `code` must be one of Decide's.
[[nodiscard]] const WarningText& FindWarningText(v1::WarningCode code);

// Adds the warning; `detail` follows its sentence.
void AddWarning(v1::WarningCode code, std::string_view detail, v1::DecideResponse& out);

}  // namespace fingerpost::decide
