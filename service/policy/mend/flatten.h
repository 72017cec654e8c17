// Makes the chains of a policy one hop, in its files.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <string>
#include <vector>

#include "core/message/result.h"

namespace fingerpost::policy::mend {

struct Flattened {
  std::vector<std::string> shown;  // "pages.csv:3: /b -> /c", the first of them.
  size_t changes = 0;
  // Chains that stay: they end elsewhere for some requests, are written in a way that is not
  // edited, or are in the maps of included files.
  size_t left = 0;
};

// Edits the document at `path`, which has no error, and its maps, but no file that it includes.
// Each file is replaced at once, or stays. The error says which could not be written.
[[nodiscard]] message::Result<Flattened> Flatten(const std::string& path,
                                                 const google::protobuf::Timestamp& now);

}  // namespace fingerpost::policy::mend
