// What the service says of a policy that it hands out: which one it is, and which part of it.
#pragma once

#include <string>

#include "fingerpost/v1/policy.pb.h"

namespace fingerpost {

// The service writes it as the last field, so octets that were cut off have none, and its version
// is empty.
[[nodiscard]] v1::HandedOut ReadHandedOut(const std::string& octets);

// In the service's spelling: hosts as the URL parser writes them, "*.a.example" as ".a.example",
// sorted and each once. What is no host stays as it is.
[[nodiscard]] bool IsSamePart(const v1::PolicySelector& one, const v1::PolicySelector& other);

}  // namespace fingerpost
