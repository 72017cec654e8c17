// Whether a chain made one hop leads every request where it went before.
#pragma once

#include "fingerpost/v1/decide.pb.h"
#include "policy/lint/flat.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

// Answers `asked` as `flat` would, and compares the ends: URL, method, and who answers there. True,
// too, if another one answers.
[[nodiscard]] bool EndsAsBefore(const Walker& walker, const v1::DecideRequest& asked,
                                const Flat& flat, size_t most);

// Whether the policy may say that target there: its host is allowed, and nothing in it is a
// placeholder.
[[nodiscard]] bool MaySay(const v1::Policy& policy, const Flat& flat);

// Whether a redirect of that node may have that code, for nothing says that its own is meant.
[[nodiscard]] bool MayHaveCode(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                               const Flat& flat, uint8_t code_of_row);

}  // namespace fingerpost::policy::lint
