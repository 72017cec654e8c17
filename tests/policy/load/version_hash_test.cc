#include "policy/load/version_hash.h"

#include <gtest/gtest.h>

#include <array>

namespace fingerpost::policy::load {
namespace {

TEST(VersionHash, IsPartOfTheProduct) {
  // The published vector of XXH64 for no octets and seed 0. Replicas of different releases must
  // agree on the version of one document.
  const std::array<std::string_view, 1> one = {""};
  EXPECT_EQ(VersionHash(one), "ef46db3751d8e999");
}

TEST(VersionHash, KeepsPartsApart) {
  const std::array<std::string_view, 2> a = {"ab", "c"};
  const std::array<std::string_view, 2> b = {"a", "bc"};
  EXPECT_NE(VersionHash(a), VersionHash(b));
}

}  // namespace
}  // namespace fingerpost::policy::load
