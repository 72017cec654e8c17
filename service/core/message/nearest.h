// The name that was probably meant by one that does not exist.
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::message {

// No name of ours is longer. A longer text is not compared, because the cost is the product of the
// lengths.
inline constexpr size_t kLongestName = 64;

// The candidate nearest to `text` by edit distance, ignoring case; of equally near ones the first
// in the order of their octets.
class Nearest {
 public:
  explicit Nearest(std::string_view text);
  void Offer(std::string_view candidate);
  // "" if none is near enough.
  [[nodiscard]] const std::string& Best() const { return best_; }

 private:
  std::string text_;
  std::string best_;
  size_t distance_;
};

}  // namespace fingerpost::message
