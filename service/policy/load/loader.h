// From files to a snapshot, or to the list of everything that is wrong with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/faults.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::load {

// A file and its identity: another inode, size or time means different content.
struct FileStamp {
  std::string path;
  std::string state;
  bool operator==(const FileStamp&) const = default;
};
[[nodiscard]] FileStamp StampOf(std::string path);

struct Loaded {
  compiled::SnapshotPtr snapshot;  // Null when any problem is an error.
  message::FaultList problems;     // In the order of the files, warnings too.
  std::vector<FileStamp> files;    // The files that were read, and their state at that time.
  message::FaultList notes;        // With a snapshot: what its author may not expect.
};

// To find rules that are out of date; without it nothing is.
using Now = std::optional<google::protobuf::Timestamp>;

// Reads the document at `path` and the maps beside it. Links are followed once, so that document
// and maps come from one directory even while it is being replaced. Blocks only on the disk; memory
// is bounded by the limits of yaml.h and map_file.h.
[[nodiscard]] Loaded FromFile(const std::string& path, const Now& now = {});

// A document without maps, by the name of `file` in problems.
[[nodiscard]] Loaded FromText(std::string_view text, const std::string& file, const Now& now = {});

}  // namespace fingerpost::policy::load
