// The files that a policy includes, and what each owns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/message/faults.h"
#include "policy/compiled/owner.h"
#include "policy/load/part.h"
#include "policy/load/stamp.h"

namespace fingerpost::policy::load {

// Of each `include`: so many teams' files fit the limits of the whole policy.
inline constexpr int kMaxIncludes = 64;
inline constexpr size_t kMaxFilesOfInclude = 64;

struct IncludedFile {
  std::string name;                              // Relative to the document's directory.
  std::shared_ptr<const compiled::Owner> owner;  // What it owns,
  std::string owned;                             // and the same as a key.
  std::string fault = {};  // Why it is not read; empty: nothing is in the way.
};

struct Includes {
  std::vector<IncludedFile> files;  // In the order of their rules.
  std::vector<FileStamp> patterns;
};

// Reports what is wrong with the document's `include` under its places. A pattern whose directory
// cannot be listed has the files of `before`, too, the names of those that answer.
[[nodiscard]] Includes FindIncludes(const Part& document, const std::vector<std::string>& before,
                                    message::Faults& faults);

}  // namespace fingerpost::policy::load
