// Makes the chains of a policy one hop, in its files.
#pragma once

#include <absl/container/btree_map.h>
#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/message/result.h"
#include "policy/load/loader.h"

namespace fingerpost::policy::mend {

struct Flattened {
  std::vector<std::string> shown;  // "pages.csv:3: /b -> /c", the first of them.
  size_t changes = 0;
  // How many chains stay, by the reason: as lint::Flat::left, or because of how they are written.
  absl::btree_map<std::string_view, size_t> left;
};

// Edits the policy at `path`: its document, the files that it includes, and their maps. `loaded` is
// what FromFile says of it, without an error, and is read again after a change. Only the texts of
// targets and codes change. All files are replaced, or none; the error names the one that could
// not be.
[[nodiscard]] message::Result<Flattened> Flatten(const std::string& path,
                                                 const google::protobuf::Timestamp& now,
                                                 load::Loaded& loaded);

}  // namespace fingerpost::policy::mend
