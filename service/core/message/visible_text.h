// A short text that callers send and the service keeps or writes: a version, an agent.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/message/faults.h"

namespace fingerpost::message {

inline constexpr std::string_view kVisibleText = "expected at most 64 visible ASCII characters";

[[nodiscard]] inline bool IsVisibleText(std::string_view text) {
  return text.size() <= 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

inline void CheckVisible(std::string_view text, const Place& at, Faults& faults) {
  if (!IsVisibleText(text)) faults.Error(at, kVisibleText);
}

}  // namespace fingerpost::message
