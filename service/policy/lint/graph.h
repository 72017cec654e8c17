// The chains, circles and dead ends of a policy as a picture.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include <cstddef>
#include <string>

#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::lint {

struct Picture {
  std::string dot;      // In Graphviz's language.
  size_t ways = 0;      // Drawn.
  size_t left_out = 0;  // Not drawn: more than 500 redirects and ends are no picture.
};

// Draws every rule, row and named intent that leads over more than one hop, in a circle, or to what
// is gone. A policy that goes in circles is drawn, too.
[[nodiscard]] Picture Draw(const compiled::Snapshot& snapshot,
                           const google::protobuf::Timestamp& now);

}  // namespace fingerpost::policy::lint
