// The last good policy on disk, so that a process that starts in an outage has one.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace fingerpost {

// `written` is its time. False: there is none, or `problem` says why it was not read.
[[nodiscard]] bool ReadPolicyFile(const std::string& path, std::string& octets,
                                  std::chrono::system_clock::time_point& written,
                                  std::string& problem);

// Replaces the file, or what a symbolic link leads to, as a whole; only its owner can read it.
// False: `problem` says why not.
[[nodiscard]] bool WritePolicyFile(const std::string& path, std::string_view octets,
                                   std::string& problem);

}  // namespace fingerpost
