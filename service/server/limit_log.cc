#include "server/limit_log.h"

#include <spdlog/spdlog.h>

namespace fingerpost {
namespace {

constexpr std::chrono::minutes kBetween{1};

}  // namespace

void LimitLog::Reached(std::string_view limit, const std::string& peer, Moment now) {
  Line& line = lines_[limit];
  ++line.count;
  line.last = peer;
  Flush(now);
}

void LimitLog::Flush(Moment now) {
  for (auto& [limit, line] : lines_) {
    if (line.count == 0 || now < line.next) continue;
    spdlog::warn("connections to --{}: {} refused or ended by {}, the last of {}", port_,
                 line.count, limit, line.last.empty() ? "this machine" : line.last);
    line.count = 0;
    line.next = now + kBetween;
  }
}

}  // namespace fingerpost
