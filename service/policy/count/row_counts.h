// Hits of the rows of one map, by their line.
//
// Sixteen octets a row, in pages that are allocated when one of their rows is first hit: a million
// rows take 0.1 MiB before the first hit, and at most 16 MiB. A sketch of the most frequent rows
// would be smaller, but could not say when a row was last hit, or that it never was.
#pragma once

#include <absl/functional/function_ref.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fingerpost::policy::count {

// Thread-safe.
class RowCounts {
 public:
  struct Row {
    uint32_t line;
    uint64_t hits;  // not 0
    uint32_t last;  // seconds since 1970-01-01 UTC
  };

  explicit RowCounts(uint32_t last_line);
  ~RowCounts();
  RowCounts(RowCounts&& other) noexcept = default;
  RowCounts(const RowCounts&) = delete;
  RowCounts& operator=(const RowCounts&) = delete;

  // Without memory for a page, or beyond the last line, it counts nothing.
  void Add(uint32_t line, uint64_t hits, uint32_t now);
  // Takes away hits that are counted elsewhere from now on.
  void Subtract(uint32_t line, uint64_t hits);
  // All zero for a row that was never hit.
  [[nodiscard]] Row Read(uint32_t line) const;

  // Visits the rows that were hit, by line.
  void ForEach(absl::FunctionRef<void(const Row&)> visit) const;

 private:
  // Both on one cache line: a row that is hit at random is in no cache.
  struct Cell {
    std::atomic<uint64_t> hits{0};
    std::atomic<uint32_t> last{0};

    [[nodiscard]] Row Read(uint32_t line) const;
  };
  static constexpr uint32_t kRows = 64;
  using Page = std::array<Cell, kRows>;  // 1 KiB

  std::vector<std::atomic<Page*>> pages_;
};

}  // namespace fingerpost::policy::count
