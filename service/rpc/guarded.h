// No exception leaves a call.
#pragma once

#include <grpcpp/support/status.h>

#include <exception>
#include <new>

namespace fingerpost {

// Runs `work`, which returns a status, and turns exceptions into one. A failed allocation fails
// this call; its status has no details, which would need memory.
template <typename Function>
[[nodiscard]] grpc::Status Guarded(Function work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no memory"};
  } catch (...) {
    return {grpc::StatusCode::INTERNAL, "exception"};
  }
}

}  // namespace fingerpost
