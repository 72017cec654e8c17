// What all calls together may hold, in octets: questions, answers that are made, and answers that
// nobody has read yet. Each is admitted before the memory is taken.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fingerpost {

// Octets that a call takes before it asks anything: gRPC's state and ours.
inline constexpr int64_t kCallOctets = 8 << 10;
// Octets of memory for an octet of a single question, while it is answered.
inline constexpr int64_t kInMemory = 6;
// What a call holds beyond this leaves room for those that hold less.
inline constexpr int64_t kSmallCall = 64 << 10;

// With `explain`: the answer says for each of some 25 clients what it would send next, which is the
// question again. Measured: 2.4 KiB and 26 octets for an octet of the question on the wire, and up
// to 15 KiB and 27 octets in memory.
struct Explained {
  // Of one answer, while it is made.
  static constexpr int64_t InMemory(int64_t question) { return (24 << 10) + 32 * question; }
  // Of the answers to so many questions with so many octets together, on the wire.
  static constexpr int64_t OnTheWire(int64_t count, int64_t questions) {
    return count * (3 << 10) + 28 * questions;
  }
};

class Budget {
 public:
  // Each is a part of the one before it, so that the calls of the smaller part leave room to the
  // others: calls that hold much, and calls with `explain`, whose answers are long.
  enum Part { kAll, kLarge, kExplained };
  static constexpr size_t kParts = 3;
  // "max-memory-explain": as metrics and the log name it.
  [[nodiscard]] static const char* NameOf(Part part);

  explicit Budget(int64_t octets) : sizes_{octets, octets / 4 * 3, octets / 2} {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  [[nodiscard]] int64_t size(Part part) const { return sizes_[part]; }
  [[nodiscard]] int64_t held(Part part) const { return held_[part]; }
  // Calls that found no room in the part, and the octets that they wanted.
  [[nodiscard]] uint64_t refused_calls(Part part) const { return refused_calls_[part]; }
  [[nodiscard]] uint64_t refused_octets(Part part) const { return refused_octets_[part]; }

 private:
  friend class Share;
  [[nodiscard]] bool Take(Part part, int64_t octets);
  void Return(Part part, int64_t octets);
  void Refused(Part part, int64_t octets);

  const std::array<int64_t, kParts> sizes_;
  std::array<std::atomic<int64_t>, kParts> held_{};
  std::array<std::atomic<uint64_t>, kParts> refused_calls_{};
  std::array<std::atomic<uint64_t>, kParts> refused_octets_{};
};

// What one call holds. Of one thread at a time.
class Share {
 public:
  // `budget` may be null: everything is granted.
  explicit Share(Budget* budget) : budget_(budget) {}
  ~Share() { Settle(0); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  // Whether there is room for so many octets more. What was reserved is used first.
  [[nodiscard]] bool Add(int64_t octets);
  // As Add(), for octets that are added later.
  [[nodiscard]] bool Reserve(int64_t octets);
  // As Add(), for octets that Return() gives back soon; never from what was reserved.
  [[nodiscard]] bool Borrow(int64_t octets) { return Move(held_ + octets); }
  // Whether there is room for the call in the part for `explain`, in which it counts from now on.
  [[nodiscard]] bool Explain();
  void Return(int64_t octets) { Move(held_ - octets); }
  // It holds so many octets and no more, and nothing is reserved. What asks nothing explains
  // nothing.
  void Settle(int64_t octets);

  [[nodiscard]] int64_t held() const { return held_; }
  [[nodiscard]] bool explains() const { return explains_; }
  // Whether what was refused last is too much for the part even when nobody else holds anything.
  [[nodiscard]] bool is_hopeless() const { return is_hopeless_; }

 private:
  [[nodiscard]] Budget::Part PartFor(int64_t octets) const;
  bool Move(int64_t octets);

  Budget* budget_;
  int64_t held_ = 0;
  int64_t reserved_ = 0;  // of it
  Budget::Part part_ = Budget::kAll;
  bool explains_ = false;
  bool is_hopeless_ = false;
};

}  // namespace fingerpost
