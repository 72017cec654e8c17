// Which version of each included file answers.
#pragma once

#include <string>
#include <vector>

#include "core/message/faults.h"
#include "policy/load/attempt.h"
#include "policy/load/includes.h"
#include "policy/load/loader.h"

namespace fingerpost::policy::load {

// An included file among its versions.
struct Candidate {
  Member current;                    // What it says, and what it owns.
  const Kept::Good* good = nullptr;  // Its last good version, if there is one.
  Included::State state = Included::State::kCurrent;
  message::FaultList refused = {};  // Why `current` does not answer.

  // What takes part in that state; null: nothing.
  [[nodiscard]] PartPtr part() const;
  // Whether `current`, of which that was found, is another version than the last good one.
  [[nodiscard]] bool HasChanged(const Attempt::Of& found) const {
    return good == nullptr || found.has_changed || good->part->hash != current.part->hash;
  }
  void Refuse(message::FaultList why);
};

struct Chosen {
  Attempt attempt;                    // Good, but if the document's own errors leave no choice.
  std::vector<size_t> candidates;     // Of attempt.members[i + 1].
  std::vector<FileStamp> files = {};  // Of the maps of all attempts.
};

// Refuses candidates until the others are good together: first those with errors of their own, then
// of those that have changed the first that does not go with what comes before it. What answered
// before is never refused.
[[nodiscard]] Chosen Choose(const Member& document, std::vector<Candidate>& candidates,
                            const message::Faults& of_document, const Now& now, MapReads maps,
                            Checks checks);

}  // namespace fingerpost::policy::load
