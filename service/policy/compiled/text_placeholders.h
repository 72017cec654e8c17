// "{name}" in the texts of an intent that are not URLs: flash.text and the values of
// response_parameters.
//
// The core encodes such a text as a whole for its place, so any value is inserted unchanged.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/message/faults.h"
#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::policy::compiled {

// The names in all texts, in order. Views into `intent`.
[[nodiscard]] std::vector<std::string_view> TextPlaceholders(const v1::Intent& intent);

// Reports a transformation other than "lower" in `text`, which stands at `at`.
void CheckTransformations(std::string_view text, const message::Place& at, message::Faults& faults);

// Reports what looks like a placeholder and is none; `intent` stands at `at`.
void CheckTexts(const v1::Intent& intent, const message::Place& at, message::Faults& faults);

// Calls `value` for each placeholder's name.
void FillTexts(absl::FunctionRef<std::string(std::string_view name)> value, v1::Intent& intent);

}  // namespace fingerpost::policy::compiled
