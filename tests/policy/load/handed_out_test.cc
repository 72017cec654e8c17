// The policy as those get it who mirror it: the same answers, without the files.
#include "core/message/json.h"
#include "done.h"
#include "policy/load/including.h"

namespace fingerpost::policy::load {
namespace {

using ::testing::IsEmpty;

v1::Policy HandedOutBy(const Loaded& loaded) {
  v1::Policy policy;
  EXPECT_TRUE(policy.ParseFromString(*loaded.snapshot->handed_out->Octets()));
  return policy;
}

// With comments, so that it has so many octets.
std::string Filled(std::string text, size_t octets) {
  while (text.size() < octets) {
    const size_t line = std::min(octets - text.size(), size_t{1000});
    if (line == 1) return "\n" + text;
    text += "#" + std::string(line - 2, '-') + "\n";
  }
  return text;
}

TEST_F(Include, WhatIsHandedOutHasTheFilesInTheirPlaces) {
  Write("p.yaml", std::string(kTeams) + "intents: {z: {intent: {purpose: gone}}}\nrules:\n" +
                      Rule("own", "path: /own"));
  Write("teams/a/a.yaml", kA + "intents: {a: {intent: {purpose: gone}}}\n" +
                              "maps: [{name: m, file: m.csv, host: a.example}]\n");
  Write("teams/a/m.csv", "/old,/new\n");
  Write("teams/b/b.yaml", kB);
  EXPECT_THAT(Told(), IsEmpty());
  const v1::Policy policy = HandedOutBy(loaded_);
  EXPECT_TRUE(policy.include().empty());
  ASSERT_EQ(policy.rules_size(), 3);
  EXPECT_EQ(policy.rules(2).id(), "b");
  EXPECT_EQ(policy.intents().size(), 2U);
  ASSERT_EQ(policy.maps_size(), 1);
  EXPECT_EQ(policy.maps(0).file(), "teams/a/m.csv") << "its rows stay where they are";
}

TEST_F(Include, WhatIsHandedOutIsWhatAnswers) {
  WriteTeams();
  Load();
  Write("teams/b/b.yaml", kBad);
  Load();
  EXPECT_EQ(HandedOutBy(loaded_).rules_size(), 2) << "the last good version of b";
}

TEST(HandedOut, BothFormsSayTheSameAndLoadAgain) {
  const Loaded loaded = FromText(R"(
defaults: {allowed_hosts: [.shop.example], hsts: {max_age: 600s}}
intents:
  zulu: {intent: {purpose: gone}}
  alpha: {intent: {purpose: form_result, target: "/o/{id}"}, parameters: {id: {type: integer}}}
rules: [{id: a, match: {path_prefix: /é}, intent: {purpose: permanent_move, target: "/b{rest}"}}]
)",
                                 "p.yaml");
  ASSERT_NE(loaded.snapshot, nullptr);
  const std::string json = *loaded.snapshot->handed_out->Json();
  v1::Policy read;
  v1::Error error;
  ASSERT_TRUE(IsDone(message::FromJson(json, read), error)) << error.DebugString();
  EXPECT_EQ(message::ToJson(read) + "\n", json);
  v1::Policy octets = HandedOutBy(loaded);
  EXPECT_EQ(octets.handed_out().version(), loaded.snapshot->version);
  octets.clear_handed_out();
  EXPECT_EQ(message::ToJson(octets) + "\n", json);
  const Loaded again = FromText(json, "p.json");
  ASSERT_NE(again.snapshot, nullptr);
  EXPECT_EQ(*again.snapshot->handed_out->Json(), json);
}

TEST(HandedOut, AFormIsMadeOnceAndShared) {
  const Loaded loaded =
      FromText("rules: [{id: a, match: {path: /a}, intent: {purpose: gone}}]", "p");
  ASSERT_NE(loaded.snapshot, nullptr);
  const compiled::HandedOut& policy = *loaded.snapshot->handed_out;
  EXPECT_EQ(policy.Find({}), nullptr) << "nobody has asked";
  const auto octets = policy.Octets();
  EXPECT_EQ(policy.Octets(), octets);
  EXPECT_EQ(policy.Find({}), octets);
  EXPECT_EQ(policy.Json(), policy.Json());
}

TEST_F(Include, RowsOfSmallMapsAndPlacesGoAlong) {
  const std::string rows = "/old,/new\n";
  const std::string full = Filled(rows, size_t{256} << 10);
  Write("p.yaml", std::string(kTeams) +
                      "maps: [{name: full, file: full.csv}, {name: large, file: large.csv}]\n");
  Write("full.csv", full);
  Write("large.csv", Filled("/a,/b\n", full.size() + 1));
  Write("teams/a/a.yaml", kA + "maps: [{name: m, file: m.csv, host: a.example}]\n");
  Write("teams/a/m.csv", rows);
  Write("teams/b/b.yaml", kB);
  EXPECT_THAT(Told(), IsEmpty());
  const v1::HandedOut out = HandedOutBy(loaded_).handed_out();
  EXPECT_EQ(out.version(), loaded_.snapshot->version);
  EXPECT_FALSE(out.has_selector());
  ASSERT_EQ(out.rows_size(), 2) << "one has more than 256 KiB";
  EXPECT_EQ(out.rows().at("full"), full);
  EXPECT_EQ(out.rows().at("m"), rows);
  EXPECT_EQ(out.origins().at("map.m"), "teams/a/m.csv");
  EXPECT_EQ(out.origins().at("rule.b"), "teams/b/b.yaml:2");
  EXPECT_EQ(out.origins().size(), 3U);

  // Rows that are not read again go along again.
  const std::string before = *loaded_.snapshot->handed_out->Octets();
  Write("teams/b/b.yaml", kBad);
  Load();
  EXPECT_EQ(HandedOutBy(loaded_).handed_out().rows_size(), 2);
  Write("teams/b/b.yaml", kB);
  Load();
  EXPECT_EQ(*loaded_.snapshot->handed_out->Octets(), before) << "equal policies have equal octets";
}

TEST_F(Include, RowsOfAllMapsTogetherAreFew) {
  std::string maps = "maps:\n";
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    maps += std::string("  - {name: ") + name + ", file: " + name + ".csv}\n";
    Write(std::string(name) + ".csv",
          Filled(std::string("/") + name + ",/to\n", size_t{220} << 10));
  }
  Write("f.csv", "/f,/to\n");
  Write("p.yaml", maps);
  EXPECT_THAT(Told(), IsEmpty());
  const auto rows = HandedOutBy(loaded_).handed_out().rows();
  EXPECT_EQ(rows.size(), 5U);
  EXPECT_FALSE(rows.contains("e")) << "beyond 1 MiB";
  EXPECT_TRUE(rows.contains("f")) << "a smaller one has room";
}

}  // namespace
}  // namespace fingerpost::policy::load
