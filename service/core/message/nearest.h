// What was probably meant by a name that does not exist.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::message {

// No name of ours is longer; a longer text is not worth the comparison, whose cost is the product
// of the lengths.
inline constexpr size_t kLongestName = 64;

// The candidate nearest to `text` by edit distance, ignoring case.
class Nearest {
 public:
  explicit Nearest(std::string_view text);
  void Offer(std::string_view candidate);
  // "" when none is near enough to be what was meant.
  [[nodiscard]] const std::string& Best() const { return best_; }

 private:
  std::string text_;
  std::string best_;
  size_t distance_;
};

}  // namespace fingerpost::message
