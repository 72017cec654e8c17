#include "server/cpu_limit.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

namespace fingerpost {
namespace {

namespace fs = std::filesystem;

// A tree of control groups, and the process's own.
class CpuLimitTest : public ::testing::Test {
 protected:
  CpuLimitTest() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~CpuLimitTest() override { fs::remove_all(directory_); }

  void Limit(const std::string& group, const std::string& cpu_max) const {
    fs::create_directories(directory_ / group);
    std::ofstream(directory_ / group / "cpu.max") << cpu_max << '\n';
  }
  [[nodiscard]] int LimitOf(const std::string& self) const {
    std::ofstream(directory_ / "self") << self << '\n';
    return CpuLimit(directory_, directory_ / "self");
  }
  const int all_ = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));

 private:
  fs::path directory_;
};

TEST_F(CpuLimitTest, WithoutGroupsItIsTheMachines) {
  EXPECT_EQ(LimitOf(""), all_);
  EXPECT_EQ(LimitOf("0::/"), all_);
  EXPECT_EQ(CpuLimit("/nonexistent", "/nonexistent"), all_);
}

TEST_F(CpuLimitTest, InAContainerTheRootGroupIsItsOwn) {
  Limit("", "50000 100000");
  EXPECT_EQ(LimitOf("0::/"), 1) << "half a CPU";
  Limit("", "100000 100000");
  EXPECT_EQ(LimitOf("0::/"), 1);
  Limit("", "max 100000");
  EXPECT_EQ(LimitOf("0::/"), all_);
  Limit("", "99900000 100000");
  EXPECT_EQ(LimitOf("0::/"), all_) << "never more than there are";
}

TEST_F(CpuLimitTest, TheTightestGroupOnTheWayCounts) {
  Limit("pods", "100000 100000");
  Limit("pods/a", "max 100000");
  Limit("other", "10000 100000");
  EXPECT_EQ(LimitOf("12:cpu:/other\n0::/pods/a"), 1);
  EXPECT_EQ(LimitOf("0::/elsewhere"), all_);
  EXPECT_EQ(LimitOf("0::/../pods"), all_) << "outside of what is seen";
}

TEST_F(CpuLimitTest, WhatIsNoLimitLimitsNothing) {
  for (const char* text : {"", "x", "0 100000", "-1 100000", "100000 0", "100000", "nan nan"}) {
    Limit("", text);
    EXPECT_EQ(LimitOf("0::/"), all_) << text;
  }
}

}  // namespace
}  // namespace fingerpost
