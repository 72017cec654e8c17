// What an import has to say about the lines of its files: nothing is left out or changed in
// silence.
#pragma once

#include <absl/container/btree_map.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

class Report {
 public:
  enum class Kind : uint8_t {
    kSkipped,  // The policy does not have it.
    kChanged,  // The policy has it, and answers some requests in another way.
    kNote,     // The policy has it; the reader should know something.
  };
  // Of one kind with one remedy: the author of a file makes one mistake many times. What comes
  // after is counted.
  static constexpr size_t kMaxListed = 100;

  explicit Report(std::vector<std::string> files) : files_(std::move(files)) {}

  // A file that another one includes: its index.
  [[nodiscard]] uint16_t AddFile(std::string name) {
    files_.push_back(std::move(name));
    return static_cast<uint16_t>(files_.size() - 1);
  }

  // `remedy` is what to do about it, in the same words for the same reason. Line 0: the file.
  void Skip(Place place, std::string_view why, std::string_view remedy) {
    Add(Kind::kSkipped, place, why, remedy);
  }
  void Change(Place place, std::string_view why, std::string_view remedy) {
    Add(Kind::kChanged, place, why, remedy);
  }
  void Note(Place place, std::string_view why, std::string_view remedy) {
    Add(Kind::kNote, place, why, remedy);
  }

  [[nodiscard]] size_t count(Kind kind) const { return counts_[static_cast<size_t>(kind)]; }
  [[nodiscard]] const std::string& file(Place place) const { return files_.at(place.file); }

  // "FILE:LINE: skipped: WHY; REMEDY", a line each, by file and line.
  [[nodiscard]] std::string Text() const;

 private:
  struct Line {
    Place place;
    Kind kind;
    std::string what;
  };
  struct Repeated {
    size_t count = 0;
    Place last;
  };
  void Add(Kind kind, Place place, std::string_view why, std::string_view remedy);
  [[nodiscard]] std::string Where(Place place) const;

  std::vector<std::string> files_;
  std::vector<Line> lines_;
  absl::btree_map<std::pair<Kind, std::string>, Repeated> repeated_;
  std::array<size_t, 3> counts_ = {};
};

}  // namespace fingerpost::policy::formats
