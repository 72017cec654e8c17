#include "core/message/nearest.h"

#include <gmock/gmock.h>

namespace fingerpost::message {
namespace {

TEST(Nearest, TakesTypingErrorsOnly) {
  const auto nearest = [](std::string_view text) {
    Nearest nearest(text);
    nearest.Offer("purpose");
    nearest.Offer("target");
    return nearest.Best();
  };
  EXPECT_EQ(nearest("purpos"), "purpose");
  EXPECT_EQ(nearest("TARGTE"), "target");
  EXPECT_EQ(nearest("x"), "");
  EXPECT_EQ(nearest(""), "");
  EXPECT_EQ(nearest("status"), "");
}

TEST(Nearest, TakesTheSameOneInWhicheverOrderTheyCome) {
  for (const auto& [first, second] :
       {std::pair("form_a", "form_b"), std::pair("form_b", "form_a")}) {
    Nearest nearest("form_c");
    nearest.Offer(first);
    nearest.Offer(second);
    EXPECT_EQ(nearest.Best(), "form_a");
  }
}

}  // namespace
}  // namespace fingerpost::message
