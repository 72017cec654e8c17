// The patterns of path-to-regexp (npm), as Vercel and Next.js have them: "/docs/:path*",
// "/p/:id(\d+)".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

class PathToRegexp {
 public:
  // Writes `source` as the redirect's source. Returns what is wrong, or nothing.
  std::string_view Read(std::string_view source, Redirect& redirect);

  // `destination` with our placeholders, once the source is read. `labels` is the name that it has
  // for what "*" of the host stands for.
  [[nodiscard]] std::string Target(std::string_view destination, std::string_view labels) const;

 private:
  std::string_view Part(std::string_view& source, std::string& pattern, std::string_view slash);

  std::vector<std::string> names_;  // Of the groups; "" for one without.
};

}  // namespace fingerpost::policy::formats
