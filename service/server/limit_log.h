// One log line a minute for each limit, however often it is reached.
#pragma once

#include <array>
#include <cstdint>

#include "server/connection.h"

namespace fingerpost {

class LimitLog {
 public:
  void Reached(ConnectionLimit limit, const Peer& peer, Moment now);
  // Writes what has waited for its minute to pass.
  void Flush(Moment now);

 private:
  struct Line {
    uint64_t count = 0;  // not yet written
    Moment next{};
    std::string last;
  };
  std::array<Line, kConnectionLimits> lines_;
};

}  // namespace fingerpost
