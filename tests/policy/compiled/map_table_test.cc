#include "policy/compiled/map_table.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace fingerpost::policy::compiled {
namespace {

TEST(MapTable, FindsWhatWasAdded) {
  MapTable table;
  EXPECT_FALSE(table.Find(kAnyHost, "/a"));
  EXPECT_FALSE(
      table.Add({.path = "/a", .target = "/b", .host = 0, .line = 3, .map = 2, .code = 1}));
  EXPECT_FALSE(table.Add({.path = "/a", .target = "/c", .host = 7, .line = 4}));
  const auto any = table.Find(kAnyHost, "/a");
  ASSERT_TRUE(any);
  EXPECT_EQ(any->target, "/b");
  EXPECT_EQ(any->line, 3U);
  EXPECT_EQ(any->map, 2);
  EXPECT_EQ(any->code, 1);
  EXPECT_EQ(table.Find(7, "/a")->target, "/c");
  EXPECT_FALSE(table.Find(8, "/a"));
  EXPECT_FALSE(table.Find(kAnyHost, "/"));
  EXPECT_FALSE(table.Find(kAnyHost, ""));
}

TEST(MapTable, TheFirstStays) {
  MapTable table;
  EXPECT_FALSE(table.Add({.path = "/a", .target = "/b", .line = 1}));
  const auto before = table.Add({.path = "/a", .target = "/c", .line = 2});
  ASSERT_TRUE(before);
  EXPECT_EQ(before->line, 1U);
  EXPECT_EQ(table.Find(kAnyHost, "/a")->target, "/b");
  EXPECT_EQ(table.size(), 1U);
}

TEST(MapTable, HoldsTheLongestEntries) {
  MapTable table;
  const std::string path(MapTable::kMaxPath, 'p');
  const std::string target(MapTable::kMaxTarget, 't');
  for (HostId host = 0; host < 400; ++host) {  // Several chunks.
    EXPECT_FALSE(table.Add({.path = path, .target = target, .host = host, .line = host}));
  }
  for (HostId host = 0; host < 400; ++host) {
    const auto found = table.Find(host, path);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->line, host);
    EXPECT_EQ(found->target, target);
  }
}

TEST(MapTable, AgreesWithAnOrdinaryMap) {
  MapTable table;
  std::unordered_map<std::string, uint32_t> reference;
  std::mt19937 random(7);
  for (uint32_t i = 0; i < 200'000; ++i) {
    const std::string path = "/p/" + std::to_string(random() % 150'000);
    const bool is_new = reference.emplace(path, i).second;
    EXPECT_EQ(table.Add({.path = path, .target = "/t", .line = i}).has_value(), !is_new);
  }
  EXPECT_EQ(table.size(), reference.size());
  for (uint32_t i = 0; i < 200'000; ++i) {
    const std::string path = "/p/" + std::to_string(i);
    const auto found = table.Find(kAnyHost, path);
    const auto expected = reference.find(path);
    ASSERT_EQ(found.has_value(), expected != reference.end()) << path;
    if (found) {
      ASSERT_EQ(found->line, expected->second);
    }
  }
}

}  // namespace
}  // namespace fingerpost::policy::compiled
