// A file replaced as a whole, or not at all.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>
#include <string_view>

#include "core/message/result.h"

namespace fingerpost::policy::mend {

using Write = absl::FunctionRef<void(std::string_view)>;

// Writes a new file beside the one at `path`, with the same permissions and what `fill` writes, and
// renames it to that. A link stays one: the file behind it is replaced. The error says why it was
// not; then nothing has changed.
[[nodiscard]] message::Result<void> ReplaceFile(const std::string& path,
                                                absl::FunctionRef<bool(Write)> fill);

}  // namespace fingerpost::policy::mend
