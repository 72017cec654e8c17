// The ids of imported rules.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <string>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

// Ids that say what the rule is for: "blog" for /blog. Each is given once.
class Ids {
 public:
  [[nodiscard]] std::string For(const Redirect& redirect);

 private:
  std::string For(const Redirect& redirect, const std::string& id);

  absl::flat_hash_map<std::string, size_t> used_;
};

}  // namespace fingerpost::policy::formats
