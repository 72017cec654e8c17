// Calls by the identity in the client certificate, within bounded memory and few time series.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace fingerpost {

// Thread-safe.
class CallerCounts {
 public:
  static constexpr size_t kShown = 20;    // as many as fit on a screen
  static constexpr size_t kKnown = 1000;  // some 200 octets each; callers beyond these are "other"
  // Octets; a SPIFFE id is rarely longer than 100. Longer names are "other".
  static constexpr size_t kMaxName = 256;

  struct Row {
    std::string caller;
    uint64_t calls;
  };

  void Count(const std::string& caller);

  // The most frequent callers since the start, in descending order.
  [[nodiscard]] std::vector<Row> Top() const;

  // The same callers as counters that never decrease, and "other" for all others: a caller that
  // enters the list begins at 0, and one that leaves it adds its calls to "other". Up to kShown
  // callers, each has all its calls.
  [[nodiscard]] std::vector<Row> Counters();

 private:
  struct Entry {
    uint64_t calls = 0;
    bool shown = false;
    uint64_t before = 0;  // calls when it was first shown
  };
  using Callers = absl::flat_hash_map<std::string, Entry>;
  [[nodiscard]] std::vector<Callers::const_iterator> Frequent() const;

  mutable std::mutex mutex_;
  Callers callers_;
  uint64_t all_ = 0;
};

}  // namespace fingerpost
