// What became of the requests at a door: /v1/gateway, or the site of --redirect-listen.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost {

enum class Passage {
  kRedirect,
  kRespond,
  kPass,
  kForward,
  kRefuse,
  kUnreadable,   // not a request that a policy could judge
  kUnavailable,  // no room, or a failure of the service
  kRejected,     // by the HTTP server or --allow-caller, with a 4xx
};
inline constexpr size_t kPassages = 8;

// "redirect": as in metrics and in Fingerpost-Outcome.
[[nodiscard]] constexpr std::string_view NameOf(Passage passage) {
  constexpr std::array<std::string_view, kPassages> kNames = {
      "redirect", "respond", "pass", "forward", "refuse", "unreadable", "unavailable", "rejected"};
  return kNames[static_cast<size_t>(passage)];
}

[[nodiscard]] constexpr Passage PassageOf(v1::Outcome outcome) {
  switch (outcome) {
    case v1::OUTCOME_REDIRECT:
      return Passage::kRedirect;
    case v1::OUTCOME_RESPOND:
      return Passage::kRespond;
    case v1::OUTCOME_FORWARD:
      return Passage::kForward;
    case v1::OUTCOME_REFUSE:
      return Passage::kRefuse;
    default:
      return Passage::kPass;
  }
}

struct PassageCounts {
  std::string_view door;  // "gateway" or "site"
  std::array<uint64_t, kPassages> by_passage{};
};

// Thread-safe.
class PassageMeter {
 public:
  void Count(Passage passage) {
    counts_[static_cast<size_t>(passage)].fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] PassageCounts Read(std::string_view door) const {
    PassageCounts counts{.door = door};
    for (size_t i = 0; i < kPassages; ++i) counts.by_passage[i] = counts_[i];
    return counts;
  }

 private:
  std::array<std::atomic<uint64_t>, kPassages> counts_{};
};

}  // namespace fingerpost
