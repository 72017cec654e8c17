// Reads files that others write, with bounds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "core/message/result.h"

namespace fingerpost::policy::document {

// Reads a regular file in pieces of at most 1 MiB; `consume` returns false to stop early, which is
// no failure. The error says why and what would be right. A directory, a device, a dangling
// link, a file of more than `limit` octets and one that changes while it is read are refused; none
// of them blocks.
[[nodiscard]] message::Result<void> ReadFile(const std::string& path, uint64_t limit,
                                             absl::FunctionRef<bool(std::string_view)> consume);

// The whole file.
[[nodiscard]] message::Result<std::string> ReadFile(const std::string& path, uint64_t limit);

}  // namespace fingerpost::policy::document
