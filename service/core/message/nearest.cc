#include "core/message/nearest.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace fingerpost::message {
namespace {

std::string Lowered(std::string_view text) {
  std::string out(text);
  absl::AsciiStrToLower(&out);
  return out;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace

Nearest::Nearest(std::string_view text)
    : text_(text.size() <= kLongestName ? Lowered(text) : ""),
      // A third of the letters may be wrong, but always at least one.
      distance_(std::max<size_t>(1, text_.size() / 3) + 1) {}

void Nearest::Offer(std::string_view candidate) {
  if (text_.empty() || candidate.size() > kLongestName) return;
  const size_t distance = EditDistance(text_, Lowered(candidate));
  if (distance > distance_) return;
  // Replicas may see the candidates in different orders.
  if (distance == distance_ && (best_.empty() || candidate >= best_)) return;
  distance_ = distance;
  best_ = candidate;
}

}  // namespace fingerpost::message
