#include "rpc/budget.h"

#include <algorithm>

namespace fingerpost {

const char* Budget::NameOf(Part part) {
  constexpr std::array<const char*, kParts> kNames = {"max-memory", "max-memory-large",
                                                      "max-memory-explain"};
  return kNames[part];
}

bool Budget::Take(Part part, int64_t octets) {
  const int64_t before = held_[part].fetch_add(octets, std::memory_order_relaxed);
  if (before + octets <= sizes_[part]) return true;
  Return(part, octets);
  return false;
}

void Budget::Return(Part part, int64_t octets) {
  held_[part].fetch_sub(octets, std::memory_order_relaxed);
}

void Budget::Refused(Part part, int64_t octets) {
  refused_calls_[part].fetch_add(1, std::memory_order_relaxed);
  refused_octets_[part].fetch_add(static_cast<uint64_t>(octets), std::memory_order_relaxed);
}

Budget::Part Share::PartFor(int64_t octets) const {
  if (explains_) return Budget::kExplained;
  return octets > kSmallCall ? Budget::kLarge : Budget::kAll;
}

bool Share::Add(int64_t octets) {
  const int64_t from_reserve = std::min(octets, reserved_);
  if (!Move(held_ + octets - from_reserve)) return false;
  reserved_ -= from_reserve;
  return true;
}

bool Share::Reserve(int64_t octets) {
  if (!Move(held_ + octets)) return false;
  reserved_ += octets;
  return true;
}

bool Share::Explain() {
  explains_ = true;
  return Move(held_);
}

void Share::Settle(int64_t octets) {
  reserved_ = 0;
  if (octets <= kCallOctets) explains_ = false;
  Move(octets);
}

// Changes what it holds in each part.
bool Share::Move(int64_t octets) {
  const Budget::Part part = PartFor(octets);
  if (budget_ != nullptr) {
    const auto more = [&](size_t p) { return (p <= part ? octets : 0) - (p <= part_ ? held_ : 0); };
    for (size_t p = 0; p < Budget::kParts; ++p) {
      const auto of = static_cast<Budget::Part>(p);
      if (more(p) <= 0) {
        budget_->Return(of, -more(p));
      } else if (!budget_->Take(of, more(p))) {
        is_hopeless_ = octets > budget_->size(part);
        budget_->Refused(of, more(p));
        for (size_t q = 0; q < p; ++q) budget_->Return(static_cast<Budget::Part>(q), more(q));
        return false;
      }
    }
  }
  held_ = octets;
  part_ = part;
  return true;
}

}  // namespace fingerpost
