// Reads files that others write, with bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace fingerpost::policy::document {

// Reads a regular file in pieces of at most 1 MiB; `consume` returns false to stop early, which is
// not a failure. False: `what` says why and what would be right. Refuses a directory, a device, a
// dangling link, a file of more than `limit` octets and one that changes while it is read; none of
// them blocks.
[[nodiscard]] bool ReadFile(const std::string& path, uint64_t limit,
                            absl::FunctionRef<bool(std::string_view)> consume, std::string& what);

// The whole file.
[[nodiscard]] bool ReadFile(const std::string& path, uint64_t limit, std::string& content,
                            std::string& what);

}  // namespace fingerpost::policy::document
