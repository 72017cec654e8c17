#include "core/decide/weights.h"

#include <xxhash.h>

#include <string>

namespace fingerpost::decide {

int DrawTarget(const v1::Intent& intent, std::string_view salt, std::string_view key) {
  std::string salted;
  salted.reserve(salt.size() + 1 + key.size());
  salted += salt;
  salted += '\0';
  salted += key;
  const uint64_t hash = XXH64(salted.data(), salted.size(), 0);
  uint64_t total = 0;
  for (const v1::WeightedTarget& target : intent.weighted_targets()) total += target.weight();
  // floor(hash * total / 2^64); total is below 2^26, so the halves fit.
  const uint64_t high = (hash >> 32) * total;
  const uint64_t low = (hash & 0xFFFFFFFF) * total;
  uint64_t bucket = (high + (low >> 32)) >> 32;
  for (int i = 0; i < intent.weighted_targets_size(); ++i) {
    const uint64_t weight = intent.weighted_targets(i).weight();
    if (bucket < weight) return i;
    bucket -= weight;
  }
  return 0;  // Unreachable: bucket < total.
}

}  // namespace fingerpost::decide
