// The policy as requests see it: compiled, immutable, shared by all threads.
//
// A request takes one snapshot and keeps it to its end, so no answer mixes two versions. A new
// document makes a new snapshot beside the old one; see store.h.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fingerpost/v1/policy.pb.h"

namespace fingerpost {

// Look-up by std::string_view without making a std::string.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <typename Value>
using StringMap = std::unordered_map<std::string, Value, StringHash, std::equal_to<>>;

struct Snapshot {
  // Content hash of the document and its maps, 16 hexadecimal digits: the same files give the same
  // version on every replica.
  std::string version;
  // What holds where an intent says nothing.
  v1::Defaults defaults;
  // By name.
  StringMap<v1::NamedIntent> intents;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Compiles a document that has been found free of faults (see document.h).
[[nodiscard]] SnapshotPtr Compile(const v1::Policy& policy, std::string_view version);

}  // namespace fingerpost
