// Calls by the identity that a client certificate proves, in bounded memory and as few time series
// as an operator reads.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

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

  // The most frequent callers since the start, the most frequent first.
  [[nodiscard]] std::vector<Row> Top() const;

  // The same callers as counters, none of which ever goes back, and "other" for all others: a
  // caller that comes in begins at 0, and one that goes out leaves its calls to "other". Until
  // there are more than kShown callers, each has all its calls.
  [[nodiscard]] std::vector<Row> Counters();

 private:
  struct Entry {
    uint64_t calls = 0;
    bool shown = false;
    uint64_t before = 0;  // calls when it was first shown
  };
  using Callers = std::unordered_map<std::string, Entry>;
  [[nodiscard]] std::vector<Callers::const_iterator> Frequent() const;

  mutable std::mutex mutex_;
  Callers callers_;
  uint64_t all_ = 0;
};

}  // namespace fingerpost
