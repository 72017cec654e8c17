#include "server/limit_log.h"

#include <spdlog/spdlog.h>

namespace fingerpost {
namespace {

constexpr std::chrono::minutes kBetween{1};

}  // namespace

void LimitLog::Reached(ConnectionLimit limit, const Peer& peer, Moment now) {
  Line& line = lines_[static_cast<size_t>(limit)];
  ++line.count;
  line.last = peer.name;
  Flush(now);
}

void LimitLog::Flush(Moment now) {
  for (size_t i = 0; i < lines_.size(); ++i) {
    Line& line = lines_[i];
    if (line.count == 0 || now < line.next) continue;
    spdlog::warn("connections: {} refused or ended by {}, the last of {}", line.count,
                 NameOf(static_cast<ConnectionLimit>(i)),
                 line.last.empty() ? "this machine" : line.last);
    line.count = 0;
    line.next = now + kBetween;
  }
}

}  // namespace fingerpost
