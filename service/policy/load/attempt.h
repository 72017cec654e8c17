// Compiles some documents together.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/message/faults.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/load/merged.h"
#include "policy/load/stamp.h"

namespace fingerpost::policy::load {

// To find rules that are out of date; without it nothing is.
using Now = std::optional<google::protobuf::Timestamp>;

// What is checked of a policy that compiles.
enum class Checks : uint8_t { kAll, kNone };

// A map that was read without an error, and where its rows are now.
struct MapRead {
  FileStamp stamp;
  std::string hash;  // Of its content.
  // Its content, if it is small enough to be handed out; else null.
  std::shared_ptr<const std::string> text = {};
  message::FaultList problems;  // Warnings of its rows by themselves.
  compiled::SnapshotPtr snapshot;
  uint8_t map = 0;       // Its index there.
  bool is_whole = true;  // Without rows that other maps' rows kept out.
};
// By file and settings.
using MapReads = std::map<std::string, MapRead>;

struct Attempt {
  // For each member: what was found in it and in its maps, in the order of their lines.
  struct Of {
    message::FaultList problems;
    message::FaultList notes;
    bool has_own_errors = false;  // Found in it alone.
    bool has_changed = false;     // Some of its maps had to be read.
  };
  std::shared_ptr<compiled::Snapshot> snapshot;  // With a version if nothing is an error.
  std::shared_ptr<const Merged> merged;          // What it was compiled from.
  std::vector<Of> members;
  MapReads maps;
  std::vector<FileStamp> files;  // Of the maps.

  [[nodiscard]] bool is_good() const;
};

// `of_document`: more that is wrong with the policy's own document. Takes the rows of maps that
// have not changed from `before`.
[[nodiscard]] Attempt Try(Members members, const message::Faults& of_document, const Now& now,
                          const MapReads& before, Checks checks);

}  // namespace fingerpost::policy::load
