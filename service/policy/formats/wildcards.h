// "*" and ":name" in the paths of static hosts, and ":splat" and ":name" in their targets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

class Wildcards {
 public:
  // Writes `from`, a path, as the redirect's source. "/a/*" is /a and all below it where
  // `redirect.either_slash` is set, else all below /a/. Returns what is wrong, or nothing.
  std::string_view Read(std::string_view from, Redirect& redirect);

  // `to` with our placeholders, once the source is read.
  [[nodiscard]] std::string Target(std::string_view to) const;

 private:
  std::string_view ReadPattern(std::string_view from, Redirect& redirect);

  std::vector<std::string> names_;
  bool rest_ = false;  // ":splat" is {rest}.
};

}  // namespace fingerpost::policy::formats
