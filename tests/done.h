// For tests that look at errors.
#pragma once

#include "core/message/result.h"

namespace fingerpost {

// Whether it is done; `error` then says why not, or nothing.
template <typename Value>
[[nodiscard]] bool IsDone(const message::Result<Value, v1::Error>& result, v1::Error& error) {
  error = result ? v1::Error() : result.error();
  return result.has_value();
}

}  // namespace fingerpost
