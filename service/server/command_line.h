// Reads Settings from the command line, the environment and a file.
#pragma once

#include <optional>
#include <string>

#include "server/settings.h"

namespace fingerpost {

struct CommandLine {
  Settings settings;
  // If set: print this on standard output and exit with 0 (--help, --version,
  // --settings-reference).
  std::optional<std::string> print;
  // Check the settings, their files and the policy, and exit.
  bool check = false;
};

// Flags win over environment variables, which win over the file that --config names. Throws
// Failure; its line names every wrong setting, and suggests the nearest name for an unknown one.
[[nodiscard]] CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace fingerpost
