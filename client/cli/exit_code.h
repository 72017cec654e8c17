// What the process says to the shell. `fingerpost --help` lists them.
#pragma once

namespace fingerpost::cli {

enum ExitCode : int {
  kAnswered = 0,       // every question has its answer; REFUSE, PASS and a stop are answers
  kWrongQuestion = 1,  // a question is wrong: standard error names the field
  kUsage = 2,          // the command line is wrong
  kNoServer = 3,       // the server gave no answer: unreachable, too slow, refused the caller
  kInputOutput = 4,    // the input cannot be read, or the output cannot be written
  kBrokenChain = 5,    // trace: the chain does not end in a result
  kErrorResponse = 6,  // trace: it ends in one that says that the request failed
};

}  // namespace fingerpost::cli
