#include "policy/count/row_counts.h"

#include <new>

namespace fingerpost::policy::count {

RowCounts::RowCounts(uint32_t last_line) : pages_(size_t{last_line} / kRows + 1) {}

RowCounts::~RowCounts() {
  for (const auto& page : pages_) delete page.load(std::memory_order_relaxed);
}

void RowCounts::Add(uint32_t line, uint64_t hits, uint32_t now) {
  if (line / kRows >= pages_.size()) return;
  std::atomic<Page*>& place = pages_[line / kRows];
  Page* page = place.load(std::memory_order_acquire);
  if (page == nullptr) {
    Page* mine = new (std::nothrow) Page();
    if (mine == nullptr) return;
    if (place.compare_exchange_strong(page, mine, std::memory_order_acq_rel)) {
      page = mine;
    } else {
      delete mine;  // Another thread was faster.
    }
  }
  Cell& cell = (*page)[line % kRows];
  cell.hits.fetch_add(hits, std::memory_order_relaxed);
  if (cell.last.load(std::memory_order_relaxed) < now) {
    cell.last.store(now, std::memory_order_relaxed);
  }
}

void RowCounts::Subtract(uint32_t line, uint64_t hits) {
  if (line / kRows >= pages_.size()) return;
  Page* page = pages_[line / kRows].load(std::memory_order_acquire);
  if (page != nullptr) (*page)[line % kRows].hits.fetch_sub(hits, std::memory_order_relaxed);
}

RowCounts::Row RowCounts::Cell::Read(uint32_t line) const {
  return {line, hits.load(std::memory_order_relaxed), last.load(std::memory_order_relaxed)};
}

RowCounts::Row RowCounts::Read(uint32_t line) const {
  const Page* page =
      line / kRows < pages_.size() ? pages_[line / kRows].load(std::memory_order_acquire) : nullptr;
  return page == nullptr ? Row{line, 0, 0} : (*page)[line % kRows].Read(line);
}

void RowCounts::ForEach(absl::FunctionRef<void(const Row&)> visit) const {
  for (uint32_t i = 0; i < pages_.size(); ++i) {
    const Page* page = pages_[i].load(std::memory_order_acquire);
    for (uint32_t j = 0; page != nullptr && j < kRows; ++j) {
      const Row row = (*page)[j].Read(i * kRows + j);
      if (row.hits != 0) visit(row);
    }
  }
}

}  // namespace fingerpost::policy::count
