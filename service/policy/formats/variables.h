// nginx's variables in the targets of redirects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fingerpost::policy::formats {

// What "*" of the redirect's host stands for: no tool has a variable of that name.
inline constexpr std::string_view kLabels = "0";

// What a target turned out to be.
struct FilledTarget {
  // With {name} for captures; "{path}" stands for the request's path after its first "/", and is
  // preceded by a "/".
  std::string text;
  bool whole_path = false;  // It has "{path}".
  bool keeps_query = false;
  bool same_scheme = false;  // Its scheme is the request's.
  std::string unknown;       // A variable that the policy does not have; "" without.
};

// `host` is the host of the request, or "*.x", "" when it is not known: then "$host" is unknown,
// but in a target that stays on it. `names` are captures that may stand in it, beside "$1" to "$9".
[[nodiscard]] FilledTarget FillVariables(std::string_view target, std::string_view host,
                                         const std::vector<std::string>& names);

}  // namespace fingerpost::policy::formats
