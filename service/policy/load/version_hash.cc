#include "policy/load/version_hash.h"

#include <xxhash.h>

#include <cstdint>

#include "absl/strings/str_format.h"

namespace fingerpost::policy::load {

std::string VersionHash(std::span<const std::string_view> parts) {
  XXH64_hash_t hash = 0;
  for (const std::string_view part : parts) {
    // The length in the seed keeps {"ab", "c"} and {"a", "bc"} apart.
    hash = XXH64(part.data(), part.size(), hash + part.size());
  }
  return absl::StrFormat("%016x", hash);
}

}  // namespace fingerpost::policy::load
