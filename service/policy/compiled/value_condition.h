// Conditions on single values: of a parameter, a field or a cookie.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/regex.h"

namespace fingerpost {

// A condition on one value.
class ValueTest {
 public:
  // Reports what is wrong under `path`.
  ValueTest(const v1::ValueMatch& match, const std::string& path, RegexCompiler& regexes,
            Reporter& reporter);

  [[nodiscard]] const std::string& name() const { return match_.name(); }
  [[nodiscard]] bool Holds(std::optional<std::string_view> value) const;

 private:
  v1::ValueMatch match_;
  std::shared_ptr<const RE2> regex_;
};

}  // namespace fingerpost
