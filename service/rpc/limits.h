// The limits of one call. Each is a setting of the server; these are the defaults.
#pragma once

#include "core/http/limits.h"

namespace fingerpost {

struct Limits {
  // Requests in one batch: 1024 short ones cost 2 ms, with `explain` 55, in pieces of a
  // millisecond, between which other calls have their turn.
  int max_batch = 1024;
  // For each request, and for a response that is asked about.
  http::RequestLimits request = {};
};

}  // namespace fingerpost
