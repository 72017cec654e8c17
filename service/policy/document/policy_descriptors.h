// All of fingerpost.v1, with its comments, embedded in the program (embed.cmake).
#pragma once

#include <string_view>

namespace fingerpost::policy::document {

// A google.protobuf.FileDescriptorSet.
extern const std::string_view kPolicyDescriptors;

}  // namespace fingerpost::policy::document
