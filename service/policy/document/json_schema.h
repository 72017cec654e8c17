// The policy's format for editors: JSON Schema, from the messages' descriptors and their comments.
#pragma once

#include <string>

namespace fingerpost::policy::document {

// Draft 2020-12, with the short names of enum values. Fits YAML and JSON alike. `type` is the full
// name of a message of policy.proto: "fingerpost.v1.Policy".
[[nodiscard]] std::string JsonSchema(const std::string& type);

}  // namespace fingerpost::policy::document
