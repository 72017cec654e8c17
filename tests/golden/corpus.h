// The rows of tests/golden/{decide,follow}/*.json. README.md says what may stand in one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "golden/json.h"

namespace fingerpost::golden {

// One hop of a Follow row after the first: what came back, and what Follow must answer.
struct Hop {
  Value response;
  Value expect;
};

// One row, its "for" filled in.
struct Row {
  std::string file;
  std::string name;
  std::string why;
  std::string citation;
  std::vector<std::string> covers;
  bool is_follow = false;
  Value request;  // A DecideRequest or a FollowRequest.
  Value expect;
  std::vector<Hop> hops;
};

// Every row of a file. Throws std::runtime_error that names the file and the row when one is not as
// README.md says.
[[nodiscard]] std::vector<Row> LoadFile(const std::filesystem::path& file);

// The corpus' files, sorted: "decide/vectors.json". Throws when there is none.
[[nodiscard]] std::vector<std::string> Files();

// Where the corpus lies.
[[nodiscard]] std::filesystem::path CorpusDirectory();

// Every row of every file. Throws, also when a name occurs twice.
[[nodiscard]] std::vector<Row> LoadAll();

}  // namespace fingerpost::golden
