// policy.proto and what it imports, with their comments, as a part of the program (embed.cmake).
#pragma once

#include <string_view>

namespace fingerpost::policy::document {

// A google.protobuf.FileDescriptorSet.
extern const std::string_view kPolicyDescriptors;

}  // namespace fingerpost::policy::document
