// The conditions of a rule as nginx's "if" has them, one each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/exporters.h"

namespace fingerpost::policy::formats {

// In double quotes.
[[nodiscard]] std::string NginxQuoted(std::string_view text);

struct NginxCondition {
  std::string variable;  // "$uri"
  std::string how;       // "=", "~", "~*"
  std::string value;     // Of a regular expression what stands between "^" and "$".
  size_t groups = 0;

  [[nodiscard]] std::string Text() const { return variable + " " + Compared(""); }
  // The same for the variable with "unsafe " before it.
  [[nodiscard]] std::string Unsafe() const { return Compared("unsafe "); }

 private:
  [[nodiscard]] std::string Compared(std::string_view before) const;
};

// On the path.
[[nodiscard]] NginxCondition PathCondition(const Outgoing& one);
// The others. False: nginx does not have one, as was reported.
[[nodiscard]] bool NginxConditions(const Outgoing& one, std::vector<std::string>& out, Told& told);

}  // namespace fingerpost::policy::formats
