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

}  // namespace
}  // namespace fingerpost::message
