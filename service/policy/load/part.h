// One document of a policy, as it was read: the policy's own, or an included one.
#pragma once

#include <google/protobuf/arena.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/document/document.h"
#include "policy/load/stamp.h"

namespace fingerpost::policy::load {

// What its text says.
struct Parsed {
  // `file` is its name in faults.
  Parsed(std::string_view text, const std::string& file) : document(text, file, policy, faults) {}
  // Filled in by its maker.
  Parsed() = default;
  Parsed(const Parsed&) = delete;
  Parsed& operator=(const Parsed&) = delete;

  // In an arena: a message's own destructor does not survive a lack of memory while it was read.
  google::protobuf::Arena arena;
  v1::Policy& policy = *google::protobuf::Arena::CreateMessage<v1::Policy>(&arena);
  message::FaultList faults;
  document::Document document;  // Last: it fills in the others.
};

// Immutable.
struct Part {
  std::string shown;  // Its name in faults.
  std::string name;   // Relative to the policy's directory; "": the policy's own document.
  FileStamp stamp = {};
  std::filesystem::path directory = {};       // Its maps are below; without links.
  std::string hash = {};                      // Of the text; "": it could not be read.
  size_t octets = 0;                          // Of the text.
  std::shared_ptr<const Parsed> parsed = {};  // Null: it could not be read,
  std::string fault = {};                     // for this reason.
  bool is_handed_out = false;                 // It is from octets: the service has its files.

  [[nodiscard]] const v1::Policy& policy() const;
  [[nodiscard]] bool is_included() const { return !name.empty(); }
};
using PartPtr = std::shared_ptr<const Part>;

// Most octets of an included document: as many as a ConfigMap holds.
inline constexpr uint64_t kMaxIncluded = uint64_t{1} << 20;

// Reads the policy's own document, or `name` below `root`, the directory of the policy, both
// without links. Takes what `before` has if the file has not changed, and only parses it if the
// text has.
[[nodiscard]] PartPtr ReadDocument(const std::string& path, const PartPtr& before);
[[nodiscard]] PartPtr ReadIncluded(const Part& document, const std::string& name,
                                   const PartPtr& before);

// A document without a file.
[[nodiscard]] PartPtr TextPart(std::string_view text, const std::string& file);
// A v1::Policy in its octets; null if they are none. `version` is that of the policy; "": the one
// that it was handed out with, or else the hash of the octets.
[[nodiscard]] PartPtr OctetsPart(std::string_view octets, std::string_view version);

}  // namespace fingerpost::policy::load
