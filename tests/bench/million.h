// A policy with a map of a million redirects, in a temporary directory.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace fingerpost::bench {

inline constexpr size_t kRows = 1'000'000;

inline std::string PathOf(size_t row) {
  return "/articles/2019/a-rather-long-title-" + std::to_string(row);
}

class Million {
 public:
  Million() {
    std::string name = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    std::ofstream(policy()) << "maps: [{name: m, file: m.csv}]\n";
    (void)Write("m.csv", "");
  }
  ~Million() { std::filesystem::remove_all(directory_); }
  Million(const Million&) = delete;
  Million& operator=(const Million&) = delete;

  [[nodiscard]] std::string policy() const { return (directory_ / "p.yaml").string(); }
  [[nodiscard]] std::string map() const { return (directory_ / "m.csv").string(); }

  // Writes the map to a file of that name, followed by `more`.
  [[nodiscard]] std::filesystem::path Write(std::string_view name, std::string_view more) const {
    std::ofstream map(directory_ / name);
    for (size_t row = 0; row < kRows; ++row) {
      map << PathOf(row) << ",/journal/new-title-of-" << row << '\n';
    }
    map << more;
    return directory_ / name;
  }

 private:
  std::filesystem::path directory_;
};

}  // namespace fingerpost::bench
