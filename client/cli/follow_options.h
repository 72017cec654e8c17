// FollowOptions spelled as flags: the same ones for `follow` and for `trace`.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <string>
#include <vector>

#include "fingerpost/v1/follow.pb.h"
#include "flag_reader.h"

namespace fingerpost::cli {

class FollowOptionFlags {
 public:
  void AddTo(CLI::App& command);
  // Sets only the options that the command line gives.
  void Read(FlagReader& reader, v1::FollowOptions& out) const;

 private:
  struct Given {
    const char* field;  // "targets.allowed_hosts"
    std::vector<std::string> values;
  };
  std::deque<Given> given_;  // in the order of the table; CLI11 keeps pointers into it
};

}  // namespace fingerpost::cli
