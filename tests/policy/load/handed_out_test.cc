// The policy as those get it who mirror it: the same answers, without the files.
#include "core/message/json.h"
#include "done.h"
#include "policy/load/including.h"

namespace fingerpost::policy::load {
namespace {

using ::testing::IsEmpty;

v1::Policy HandedOutBy(const Loaded& loaded) {
  v1::Policy policy;
  EXPECT_TRUE(policy.ParseFromString(loaded.snapshot->document->octets));
  return policy;
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
  const compiled::Document& document = *loaded.snapshot->document;
  v1::Policy read;
  v1::Error error;
  ASSERT_TRUE(IsDone(message::FromJson(document.json, read), error)) << error.DebugString();
  EXPECT_EQ(message::ToJson(read) + "\n", document.json);
  EXPECT_EQ(message::ToJson(HandedOutBy(loaded)) + "\n", document.json);
  const Loaded again = FromText(document.json, "p.json");
  ASSERT_NE(again.snapshot, nullptr);
  EXPECT_EQ(again.snapshot->document->json, document.json);
  EXPECT_EQ(again.snapshot->document->octets, document.octets);
}

}  // namespace
}  // namespace fingerpost::policy::load
