// Files that are a part of the program: embed.cmake writes their octets into it.
#pragma once

#include <string_view>

namespace fingerpost {

// default_policy.yaml.
extern const std::string_view kDefaultPolicyText;

// policy.proto and what it imports, with comments: a google.protobuf.FileDescriptorSet.
extern const std::string_view kPolicyDescriptors;

}  // namespace fingerpost
