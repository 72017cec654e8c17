#pragma once

#include <string>

namespace fingerpost::testing {

// Asks /v1/decide with 60 KiB. The answer has 2.5 MiB, because an explanation repeats the names of
// the fields for each profile.
[[nodiscard]] inline std::string QuestionWithLargeAnswer() {
  const std::string field = R"({"name": ")" + std::string(250, 'x') + R"("})";
  std::string fields = field;
  for (int i = 1; i < 240; ++i) fields += "," + field;
  return R"({"request": {"method": "GET", "url": "https://a.example/", "headers": [)" + fields +
         R"(]}, "explain": true, "intent": {"purpose": "temporary_move", "target": "/b"}})";
}

}  // namespace fingerpost::testing
