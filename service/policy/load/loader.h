// From files to a snapshot, or to the list of everything that is wrong with them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "policy/compiled/snapshot.h"
#include "policy/load/attempt.h"
#include "policy/load/merged.h"
#include "policy/load/part.h"
#include "policy/load/stamp.h"

namespace fingerpost::policy::load {

// An included file.
struct Included {
  enum class State : uint8_t {
    kCurrent,   // What the file says answers.
    kLastGood,  // It has a fault, and its last good version answers.
    kLeftOut,   // It has a fault, and nothing of it answers.
  };
  std::string name;  // Relative to the document's directory.
  State state = State::kCurrent;
  int64_t since = 0;  // When the version that answers was loaded, as `now`; 0: none answers.
};

// What one load leaves for the next, so that this reads only what has changed, and has the last
// good version of each included file. Immutable.
struct Kept {
  struct Good {
    PartPtr part;
    int64_t since = 0;
  };
  PartPtr document;
  std::map<std::string, PartPtr> read;  // By name: the included files as they are, good or bad.
  std::map<std::string, Good> good;     // By name: those that answer.
  MapReads maps;                        // Those that answer.
};

// The same, so that the next load reads all files again.
[[nodiscard]] std::shared_ptr<const Kept> WithoutStamps(const Kept& kept);

struct Loaded {
  compiled::SnapshotPtr snapshot;       // Null when any problem of the document is an error.
  message::FaultList problems;          // In the order of the files, warnings too.
  std::vector<FileStamp> files;         // The files that were read, and their state at that time.
  message::FaultList notes;             // With a snapshot: what its author may not expect.
  std::vector<Included> included = {};  // With a snapshot.
  // With a snapshot: what it was compiled from, in one, and where each part stands.
  std::shared_ptr<const Merged> merged = {};
  std::shared_ptr<const Kept> kept = {};  // With a snapshot, if there are several files.
};

// Reads the document at `path`, the files that it includes and the maps beside each. Links are
// followed once, so that document and maps come from one directory even while it is being
// replaced. An included file with an error is told, and left out, or kept as `before` has it; see
// Include in policy.proto. Blocks only on the disk; memory is bounded by the limits of yaml.h,
// part.h and map_file.h.
//
// `before` is what the load of the snapshot that answers has kept, if there was one.
[[nodiscard]] Loaded FromFile(const std::string& path, const Now& now = {},
                              const std::shared_ptr<const Kept>& before = {},
                              Checks checks = Checks::kAll);

// A document without other files, by the name of `file` in problems.
[[nodiscard]] Loaded FromText(std::string_view text, const std::string& file, const Now& now = {},
                              Checks checks = Checks::kAll);

// The same of a document that was read already.
[[nodiscard]] Loaded FromPart(PartPtr document, const Now& now = {}, Checks checks = Checks::kAll);

}  // namespace fingerpost::policy::load
