// One log line a minute for each limit, however often it is reached.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_map.h"

namespace fingerpost {

class LimitLog {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // `port`: the setting with the port's address.
  explicit LimitLog(std::string port) : port_(std::move(port)) {}

  // `limit`: its name, a literal. `peer`: the other end of the connection; "" if it is on this
  // machine.
  void Reached(std::string_view limit, const std::string& peer, Moment now);
  // Writes lines whose minute has passed.
  void Flush(Moment now);

 private:
  struct Line {
    uint64_t count = 0;  // not yet written
    Moment next{};
    std::string last;
  };
  const std::string port_;
  absl::btree_map<std::string_view, Line> lines_;
};

}  // namespace fingerpost
