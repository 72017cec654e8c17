// What one call may cost. Each is a setting of the server; these are the defaults, and why.
#pragma once

#include <cstddef>

#include "core/http/fields.h"

namespace fingerpost {

struct Limits {
  // Requests in one batch: 1024 short ones cost 2 ms, with `explain` 55. They are answered in
  // pieces of a millisecond, between which other calls have their turn.
  int max_batch = 1024;
  // Of a request or response that is asked about. The core's own limits, which nothing raises.
  int max_fields = http::kMaxHeaders;
  size_t max_field_length = http::kMaxFieldValue;  // octets of one value
  size_t max_url_length = http::kMaxUrl;           // octets

  // Whether they are tighter than the core's own, which reports what is beyond those.
  [[nodiscard]] bool AreTight() const {
    return max_fields < http::kMaxHeaders || max_field_length < http::kMaxFieldValue ||
           max_url_length < http::kMaxUrl;
  }
};

}  // namespace fingerpost
