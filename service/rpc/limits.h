// What one call may cost. Each is a setting of the server; these are the defaults, and why.
#pragma once

namespace fingerpost {

struct Limits {
  // Requests in one batch: 1024 decisions take about a millisecond, so that a batch never holds up
  // other callers noticeably.
  int max_batch = 1024;
};

}  // namespace fingerpost
