// A policy with a map of a million redirects in a temporary directory.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "bench/compare.h"

namespace fingerpost::bench {

inline const size_t kRows = Unless<size_t>(1'000'000, 1'000);

// Row `row` of the map.
inline std::string TargetOf(size_t row) { return "/journal/new-title-of-" + std::to_string(row); }
inline std::string PathOf(size_t row) {
  return "/articles/2019/a-rather-long-title-" + std::to_string(row);
}
// A source with a query, as old shops have them: all rows have one path.
inline std::string PageOf(size_t row) {
  return "/shop/index.asp?category=books&PageID=" + std::to_string(row);
}

class Million {
 public:
  // `source` is PathOf or PageOf.
  explicit Million(std::string (*source)(size_t) = PathOf) : source_(source) {
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
      map << source_(row) << ',' << TargetOf(row) << '\n';
    }
    map << more;
    return directory_ / name;
  }

 private:
  std::string (*source_)(size_t);
  std::filesystem::path directory_;
};

}  // namespace fingerpost::bench
