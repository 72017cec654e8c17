// The files that a policy was read from, and whether they have changed since.
#pragma once

#include <string>
#include <vector>

namespace fingerpost::policy::load {

// A file and its identity: another inode, size or time means different content. Or a pattern, and
// the names of the files that it finds.
struct FileStamp {
  std::string path;  // Of the file, or of the pattern's directory.
  std::string state;
  std::string pattern = {};
  bool operator==(const FileStamp&) const = default;
};
[[nodiscard]] FileStamp StampOf(std::string path);

[[nodiscard]] bool HasChanged(const FileStamp& stamp);

// Whether a file with that stamp may have the content of one with an equal stamp: two writes within
// one tick of the file system's clock look the same, so one that was just written may not.
[[nodiscard]] bool IsAtRest(const FileStamp& stamp);

// The files that a pattern finds.
struct Found {
  FileStamp stamp;
  std::vector<std::string> files;        // Relative to the directory, sorted.
  std::vector<std::string> directories;  // That were listed: in these others may appear.
  std::string fault;                     // Why it may not have found all; empty: it has.
};

// Whether it is below a directory: an absolute path or ".." could name foreign files.
[[nodiscard]] bool IsBeside(const std::string& file);

// "teams/*.yaml", relative to `directory`: each name as fnmatch(3) matches it, links followed. A
// pattern without special characters finds itself, whether it is there or not. `pattern` is beside
// the directory.
[[nodiscard]] Found Find(const std::string& directory, const std::string& pattern);
[[nodiscard]] bool HasWildcard(const std::string& pattern);

}  // namespace fingerpost::policy::load
