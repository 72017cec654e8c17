// The last good policy on disk, so that a process that starts in an outage has one.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost {

// False: there is none, or `problem` says why it was not read.
[[nodiscard]] bool ReadPolicyFile(const std::string& path, std::string& octets,
                                  std::string& problem);

// Replaces the file as a whole; only its owner can read it. False: `problem` says why not.
[[nodiscard]] bool WritePolicyFile(const std::string& path, std::string_view octets,
                                   std::string& problem);

}  // namespace fingerpost
