// A failed start: one line for the operator and an exit code for scripts.
#pragma once

#include <stdexcept>
#include <string>

namespace fingerpost {

// Part of the interface: --help lists them.
enum class ExitCode : int {
  kStopped = 0,      // stopped by SIGTERM or SIGINT after a clean drain
  kUnexpected = 1,   // a defect, or an unexpected refusal of the system
  kSettings = 2,     // a flag, variable or file of settings is wrong, or they contradict each other
  kFile = 3,         // a file cannot be read
  kListen = 4,       // an address cannot be listened on
  kPolicy = 5,       // the policy has problems
  kInterrupted = 6,  // a second signal ended the drain
};

// Thrown only while starting; what() is the line.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& line) : std::runtime_error(line), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace fingerpost
