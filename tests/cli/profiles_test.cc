// `fingerpost profiles`: every profile with its settings in words, and client/PROFILES.md, which is
// made from them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "cli/program.h"
#include "directories.h"
#include "profile_settings.h"

namespace fingerpost {
namespace {

using cli::ProfileSetting;

std::vector<nlohmann::json> Profiles() {
  std::istringstream lines(RunShell("fingerpost profiles --json").out);
  std::vector<nlohmann::json> profiles;
  for (std::string line; std::getline(lines, line);)
    profiles.push_back(nlohmann::json::parse(line));
  return profiles;
}

TEST(Profiles, EveryProfileIsListedWithEverySetting) {
  const auto profiles = Profiles();
  ASSERT_EQ(static_cast<int>(profiles.size()), v1::Profile_descriptor()->value_count() - 1);
  for (const auto& profile : profiles) {
    EXPECT_FALSE(profile["client"].get<std::string>().empty());
    EXPECT_EQ(profile["settings"].size(), profiles.front()["settings"].size())
        << profile["profile"];
    for (const auto& [name, value] : profile["settings"].items())
      EXPECT_FALSE(value.get<std::string>().empty()) << profile["profile"] << " " << name;
  }
  EXPECT_TRUE(profiles.front()["departs_from_strict"].empty());
}

// A setting that is the same in every profile says nothing.
TEST(Profiles, EverySettingTellsProfilesApart) {
  const auto profiles = Profiles();
  for (const auto& [name, value] : profiles.front()["settings"].items()) {
    std::set<std::string> values;
    for (const auto& profile : profiles) values.insert(profile["settings"][name]);
    EXPECT_GT(values.size(), 1U) << name;
  }
}

TEST(Profiles, WhatDepartsIsWhatDiffers) {
  const auto profiles = Profiles();
  const auto& strict = profiles.front()["settings"];
  for (const auto& profile : profiles) {
    for (const auto& [name, value] : profile["settings"].items()) {
      const auto& departs = profile["departs_from_strict"];
      EXPECT_EQ(std::find(departs.begin(), departs.end(), name) != departs.end(),
                value != strict[name])
          << profile["profile"] << " " << name;
    }
  }
}

// --- client/PROFILES.md ---

constexpr const char* kShown[] = {"301",
                                  "302",
                                  "303",
                                  "307",
                                  "limit",
                                  "schemes",
                                  "credentials stay behind",
                                  "dropped fields",
                                  "cookie jar"};

std::string Escaped(std::string text) {
  for (size_t at = text.find('|'); at != text.npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

std::string Table() {
  std::string head = "| Profile | Client |", line = "|---|---|", rows;
  for (const char* name : kShown) {
    head += std::string(" ") + name + " |";
    line += "---|";
  }
  for (const auto& profile : Profiles()) {
    const bool compared =
        profile["verified"] || profile["profile"] == "strict" || profile["profile"] == "fetch";
    rows += "| `" + profile["profile"].get<std::string>() + "` | " + Escaped(profile["client"]) +
            (compared ? "" : " (not compared)") + " |";
    for (const char* name : kShown) rows += " " + Escaped(profile["settings"][name]) + " |";
    rows += "\n";
  }
  return head + "\n" + line + "\n" + rows;
}

TEST(Profiles, TheTableOfTheDocsIsTheirs) {
  const std::string path = FINGERPOST_TESTS_DIR "/../client/PROFILES.md";
  std::ifstream file(path);
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const size_t begin = page.find("| Profile |");
  ASSERT_NE(begin, page.npos);
  const size_t end =
      page.find("\n\n", begin) == page.npos ? page.size() : page.find("\n\n", begin) + 1;
  const std::string table = Table();
  if (std::getenv("FINGERPOST_UPDATE") != nullptr)
    std::ofstream(path) << page.substr(0, begin) + table + page.substr(end);
  EXPECT_EQ(page.substr(begin, end - begin), table) << "FINGERPOST_UPDATE=1 writes it.";
}

}  // namespace
}  // namespace fingerpost
