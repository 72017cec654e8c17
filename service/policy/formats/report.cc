#include "policy/formats/report.h"

#include <algorithm>
#include <tuple>

#include "policy/formats/cat.h"

namespace fingerpost::policy::formats {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"skipped", "changed", "note"};

}  // namespace

void Report::Add(Kind kind, Place place, std::string_view why, std::string_view remedy) {
  ++counts_[static_cast<size_t>(kind)];
  Repeated& repeated = repeated_[{kind, std::string(remedy)}];
  repeated.last = place;
  if (++repeated.count > kMaxListed) return;
  lines_.push_back({place, kind, Cat(why, "; ", remedy)});
}

std::string Report::Where(Place place) const {
  return place.line == 0 ? file(place) : Cat(file(place), ":", place.line);
}

std::string Report::Text() const {
  std::vector<Line> lines = lines_;
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return std::tie(a.place.file, a.place.line) < std::tie(b.place.file, b.place.line);
  });
  std::string out;
  for (const Line& line : lines) {
    Append(out, Where(line.place), ": ", kNames[static_cast<size_t>(line.kind)], ": ", line.what,
           "\n");
  }
  for (const auto& [what, repeated] : repeated_) {
    if (repeated.count <= kMaxListed) continue;
    Append(out, Where(repeated.last), ": ", kNames[static_cast<size_t>(what.first)], ": ",
           repeated.count - kMaxListed, " more, the last of them here; ", what.second, "\n");
  }
  return out;
}

}  // namespace fingerpost::policy::formats
