#include "policy/load/stamp.h"

#include <absl/strings/str_format.h>
#include <absl/strings/str_join.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

// A recently written file is marked, and read again when it has come to rest.
constexpr double kTick = 0.1;  // s; ten times the longest tick of Linux.
constexpr std::string_view kFresh = " fresh";

// Of one directory: no policy has as many, and each costs a comparison on every reload.
constexpr size_t kMaxListed = 10'000;

std::string StateOf(const std::string& path) {
  struct stat is = {};
  if (stat(path.c_str(), &is) != 0) return "absent";
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  const double age = std::difftime(now.tv_sec, is.st_mtim.tv_sec) +
                     static_cast<double>(now.tv_nsec - is.st_mtim.tv_nsec) * 1e-9;
  return absl::StrFormat("%d:%d:%d:%d.%d%s", is.st_dev, is.st_ino, is.st_size, is.st_mtim.tv_sec,
                         is.st_mtim.tv_nsec, age >= 0 && age < kTick ? kFresh : "");
}

class Finder {
 public:
  explicit Finder(fs::path directory) : directory_(std::move(directory)) {}

  // Goes from each of `starts` to what the name finds in it.
  std::vector<fs::path> Step(const std::vector<fs::path>& starts, const std::string& name) {
    std::vector<fs::path> found;
    for (const fs::path& start : starts) {
      if (HasWildcard(name)) {
        List(start, name, found);
      } else {
        found.push_back(start / name);
      }
    }
    return found;
  }

  Found result;

 private:
  void List(const fs::path& start, const std::string& name, std::vector<fs::path>& found) {
    const fs::path directory = directory_ / start;
    result.directories.push_back(directory.string());
    std::error_code error;
    // What an earlier wildcard found need not be a directory.
    if (!wildcards_ || fs::is_directory(directory, error)) {
      size_t listed = 0;
      fs::directory_iterator entry(directory, error);
      for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
        const std::string is = entry->path().filename().string();
        if (++listed > kMaxListed) {
          result.fault = Shown(start) + " has more than 10000 entries";
          break;
        }
        if (fnmatch(name.c_str(), is.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0) {
          found.push_back(start / is);
        }
      }
      if (error) result.fault = Shown(start) + " cannot be listed: " + error.message();
    }
    wildcards_ = true;
  }

  static std::string Shown(const fs::path& start) {
    return start.empty() ? "the document's directory" : start.string();
  }

  const fs::path directory_;
  bool wildcards_ = false;
};

}  // namespace

FileStamp StampOf(std::string path) {
  std::string state = StateOf(path);
  return {.path = std::move(path), .state = std::move(state)};
}

bool HasChanged(const FileStamp& stamp) {
  if (stamp.pattern.empty()) return StampOf(stamp.path) != stamp;
  return Find(stamp.path, stamp.pattern).stamp != stamp;
}

bool IsAtRest(const FileStamp& stamp) {
  return !stamp.state.ends_with(kFresh) && stamp.state != "absent";
}

bool IsBeside(const std::string& file) {
  const fs::path path(file);
  return path.has_filename() && !path.is_absolute() &&
         std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
}

bool HasWildcard(const std::string& pattern) {
  return pattern.find_first_of("*?[") != pattern.npos;
}

Found Find(const std::string& directory, const std::string& pattern) {
  Finder finder(directory);
  std::vector<fs::path> found = {fs::path()};
  for (const fs::path& name : fs::path(pattern)) found = finder.Step(found, name.string());
  for (const fs::path& file : found) finder.result.files.push_back(file.string());
  std::sort(finder.result.files.begin(), finder.result.files.end());
  finder.result.stamp = {.path = directory,
                         .state = absl::StrJoin(finder.result.files, "\n") + finder.result.fault,
                         .pattern = pattern};
  return std::move(finder.result);
}

}  // namespace fingerpost::policy::load
