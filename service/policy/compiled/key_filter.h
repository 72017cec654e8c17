// Which keys a large table has, nearly always right: a Bloom filter of which one word tells all
// that is known of a key. A million rows with a query have 4 MiB of it, which stay in the caches of
// a processor; of a set of hashes they had 10, and each row that is not there cost a look-up.
#pragma once

#include <cstddef>
#include <cstdint>

#include "policy/compiled/pages.h"

namespace fingerpost::policy::compiled {

// Thread-safe once filled.
class KeyFilter {
 public:
  // Of a key, by a 64-bit hash.
  struct Known {
    bool is_row = false;   // It is a row's.
    bool goes_on = false;  // It begins a longer key.
  };

  // With more keys than this filter has room for, it is right less often.
  KeyFilter() : KeyFilter(512) {}
  [[nodiscard]] KeyFilter Larger() const { return KeyFilter(2 * size_); }
  [[nodiscard]] bool is_full() const { return keys_ > 4 * size_; }

  void Add(uint64_t hash, Known is) {
    const uint64_t bits = BitsOf(hash, is);
    uint64_t& word = WordOf(hash);
    keys_ += (word & bits) != bits;
    word |= bits;
  }
  // What is false is certain; of what is true, one in a hundred is not.
  [[nodiscard]] Known Find(uint64_t hash) const {
    const uint64_t missing = BitsOf(hash, {true, true}) & ~WordOf(hash);
    return {.is_row = missing << kHalf == 0, .goes_on = missing >> kHalf == 0};
  }

 private:
  static constexpr int kHalf = 32;  // Of a word: the first is for rows.

  explicit KeyFilter(size_t size)
      : words_(MapPages<uint64_t>(size * sizeof(uint64_t), size * sizeof(uint64_t) >= kHugePage)),
        size_(size) {}

  // Three of each half.
  [[nodiscard]] static uint64_t BitsOf(uint64_t hash, Known is) {
    const uint64_t bits = uint64_t{1} << (hash & 31) | uint64_t{1} << (hash >> 5 & 31) |
                          uint64_t{1} << (hash >> 10 & 31);
    return (is.is_row ? bits : 0) | (is.goes_on ? bits << kHalf : 0);
  }
  [[nodiscard]] uint64_t& WordOf(uint64_t hash) const { return words_[hash >> 36 & (size_ - 1)]; }

  Pages<uint64_t> words_;
  size_t size_;  // A power of two.
  size_t keys_ = 0;
};

}  // namespace fingerpost::policy::compiled
