// What all calls together may hold, in octets: questions, answers in progress, and unread answers.
// Memory is reserved before it is allocated.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fingerpost {

// Octets of a call before its question: gRPC's state and ours.
inline constexpr int64_t kCallOctets = 8 << 10;
// Octets of memory for each octet of a single question, while it is answered.
inline constexpr int64_t kInMemory = 6;
// Calls that hold more than this must leave room for smaller ones.
inline constexpr int64_t kSmallCall = 64 << 10;

// With `explain` the answer shows what each of some 45 clients would send next: its URL, and the
// names of its fields, but hardly a value. Measured: 2.7 KiB on the wire, plus 45 octets for each
// octet of the names and the target, of which a question has at most 72 KiB; in memory up to 100
// octets for each client and field.
struct Explained {
  // For one answer in progress, with copies of the question. The shortest field has 7 octets.
  static constexpr int64_t InMemory(int64_t question) {
    return (64 << 10) + std::min<int64_t>(45 * 100 / 7 * question, 5 << 20) + 4 * question;
  }
  // For the answers to so many questions of so many octets in all, on the wire.
  static constexpr int64_t OnTheWire(int64_t count, int64_t questions) {
    return count * (3 << 10) + 46 * std::min<int64_t>(questions, count * (96 << 10));
  }
};

class Budget {
 public:
  // Each part lies within the one before it, so that its calls leave room for the others: large
  // calls, and calls with `explain`, whose answers are long.
  enum Part { kAll, kLarge, kExplained };
  static constexpr size_t kParts = 3;
  // "max-memory-explain": the part's name in metrics and the log.
  [[nodiscard]] static const char* NameOf(Part part);

  explicit Budget(int64_t octets) : sizes_{octets, octets / 4 * 3, octets / 2} {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  [[nodiscard]] int64_t size(Part part) const { return sizes_[part]; }
  [[nodiscard]] int64_t held(Part part) const { return held_[part]; }
  // Calls without room in the part, and the octets that they needed.
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

// What one call holds. For one thread at a time.
class Share {
 public:
  // `budget` may be null: there is no limit.
  explicit Share(Budget* budget) : budget_(budget) {}
  ~Share() { Settle(0); }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

  // Takes so many more octets, from the reserved ones first. False: no room.
  [[nodiscard]] bool Add(int64_t octets);
  // Like Add(), for octets that are added later.
  [[nodiscard]] bool Reserve(int64_t octets);
  // Like Add(), for octets that Return() gives back soon; never from the reserved ones.
  [[nodiscard]] bool Borrow(int64_t octets) { return Move(held_ + octets); }
  // Counts the call in the part for `explain` from now on. False: no room there.
  [[nodiscard]] bool Explain();
  void Return(int64_t octets) { Move(held_ - octets); }
  // From now on it holds exactly so many octets, with nothing reserved, and no longer counts for
  // `explain`.
  void Settle(int64_t octets);

  [[nodiscard]] int64_t held() const { return held_; }
  [[nodiscard]] bool explains() const { return explains_; }
  // Whether the last refused request exceeds the part even when nobody else holds anything.
  [[nodiscard]] bool is_hopeless() const { return is_hopeless_; }

 private:
  [[nodiscard]] Budget::Part PartFor(int64_t octets) const;
  bool Move(int64_t octets);

  Budget* budget_;
  int64_t held_ = 0;
  int64_t reserved_ = 0;  // a part of held_
  Budget::Part part_ = Budget::kAll;
  bool explains_ = false;
  bool is_hopeless_ = false;
};

}  // namespace fingerpost
