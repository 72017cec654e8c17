// A list of paths and globs, for Defaults.https_exempt.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "policy/compiled/value_condition.h"
#include "re2/re2.h"

namespace fingerpost::policy::compiled {

class PathSet {
 public:
  PathSet() = default;
  // Reports what is wrong with `paths`, which stand at `at`.
  PathSet(const google::protobuf::RepeatedPtrField<std::string>& paths, const message::Place& at,
          RegexCompiler& regexes, message::Faults& faults);

  // `path` is in the spelling of NormalPath.
  [[nodiscard]] bool Has(std::string_view path) const;

 private:
  std::vector<std::string> exact_;
  std::vector<std::shared_ptr<const RE2>> globs_;
};

}  // namespace fingerpost::policy::compiled
