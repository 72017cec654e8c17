// The rows of tests/golden/{decide,follow}/*.json. README.md defines their form.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "golden/json.h"

namespace fingerpost::golden {

// One hop of a Follow row after the first: the response, and the expected answer.
struct Hop {
  Value response;
  Value expect;
};

// One row, with its "for" filled in.
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

// Every row of a file. Throws std::runtime_error with the file and the row if one violates
// README.md.
[[nodiscard]] std::vector<Row> LoadFile(const std::filesystem::path& file);

// The corpus' files, sorted: "decide/vectors.json". Throws if there is none.
[[nodiscard]] std::vector<std::string> Files();

// The corpus's directory.
[[nodiscard]] std::filesystem::path CorpusDirectory();

// Every row of every file. Throws like LoadFile(), and if a name occurs twice.
[[nodiscard]] std::vector<Row> LoadAll();

}  // namespace fingerpost::golden
