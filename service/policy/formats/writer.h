// A list of redirects as a policy that a person would have written, with its maps and its tests.
#pragma once

#include <string>
#include <vector>

#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

struct OutputFile {
  std::string name;  // "shop.yaml"
  std::string content;
};

struct Written {
  std::vector<OutputFile> files;  // The policy, its tests, its maps.
  size_t rules = 0;
  size_t rows = 0;
};

// More exact redirects than these are a map.
inline constexpr size_t kMaxExactRules = 10;

// `name` is the files' without extension, `hosts` those of redirects that name none. The redirects
// are settled; what does not fit into a policy is reported.
[[nodiscard]] Written Write(const Redirects& redirects, const std::string& name,
                            const std::vector<std::string>& hosts, Report& report);

}  // namespace fingerpost::policy::formats
