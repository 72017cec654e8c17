// The policy's format for editors: JSON Schema, from the messages' descriptors.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"

namespace fingerpost {

// Draft 2020-12, with the short names of enum values. Fits YAML and JSON alike.
[[nodiscard]] std::string JsonSchema(const google::protobuf::Descriptor& type);

}  // namespace fingerpost
