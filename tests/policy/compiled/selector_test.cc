// The part of a policy that a caller asks for.
#include "policy/compiled/selector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/load/loader.h"

namespace fingerpost::policy::compiled {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kPolicy[] = R"(
defaults:
  allowed_hosts: [www.led.example]
hosts:
  - hosts: [.shop.example]
    defaults: {require_https: true, canonical: {host: www.led.example}}
  - hosts: [www.led.example]
    defaults: {flash_cookie: led, allowed_hosts: [led.example]}
  - hosts: [blog.example]
    defaults: {flash_cookie: blog, allowed_hosts: [partner.example]}
  - hosts: [other.example]
    defaults: {flash_cookie: other}
intents:
  named: {intent: {purpose: gone}}
  placed: {intent: {purpose: form_result, target: "/orders"}}
rules:
  - {id: everywhere, match: {path: /e}, intent: {purpose: gone}}
  - {id: shop, match: {hosts: [SHOP.example], path: /s}, intent_name: named}
  - {id: shops, match: {hosts: ["*.shop.example"], path: /s}, intent: {purpose: gone}}
  - {id: www, match: {hosts: [www.shop.example, blog.example], path: /w}, intent: {purpose: gone}}
  - {id: blog, match: {hosts: [blog.example], path: /b}, intent: {purpose: permanent_move, target: "https://partner.example/"}}
  - {id: partner, match: {hosts: [shop.example], path: /p}, intent: {purpose: permanent_move, target: "https://partner.example/"}}
)";

const RowHosts kRowHosts = {{"of-blog", {"blog.example"}},
                            {"of-both", {"blog.example", "www.shop.example"}}};

v1::Policy Whole() {
  const load::Loaded loaded = load::FromText(kPolicy, "p.yaml");
  for (const message::Fault& fault : loaded.problems) {
    EXPECT_NE(fault.severity, message::Severity::kError) << ToString(fault);
  }
  v1::Policy policy;
  EXPECT_TRUE(loaded.snapshot != nullptr &&
              policy.ParseFromString(*loaded.snapshot->handed_out->Octets()));
  for (const char* map : {"any", "of-blog", "of-both"}) policy.add_maps()->set_name(map);
  return policy;
}

Selector Selected(const std::vector<std::string>& hosts, const std::vector<std::string>& intents) {
  v1::PolicySelector asked;
  asked.mutable_hosts()->Assign(hosts.begin(), hosts.end());
  asked.mutable_intents()->Assign(intents.begin(), intents.end());
  message::Faults faults;
  Selector selector(asked, "hosts", "intents", faults);
  EXPECT_TRUE(faults.empty()) << ToError(faults).DebugString();
  return selector;
}

std::vector<std::string> Rules(const v1::Policy& policy) {
  std::vector<std::string> ids;
  for (const v1::Rule& rule : policy.rules()) ids.push_back(rule.id());
  return ids;
}

std::vector<std::string> Maps(const v1::Policy& policy) {
  std::vector<std::string> names;
  for (const v1::MapFile& map : policy.maps()) names.push_back(map.name());
  return names;
}

std::vector<std::string> Intents(const v1::Policy& policy) {
  std::vector<std::string> names;
  for (const auto& [name, _] : policy.intents()) names.push_back(name);
  return names;
}

// The first host of each, with "!" if the settings are whole.
std::vector<std::string> Settings(const v1::Policy& policy) {
  std::vector<std::string> hosts;
  for (const v1::HostDefaults& of : policy.hosts()) {
    v1::Defaults rest = of.defaults();
    rest.clear_allowed_hosts();
    hosts.push_back(of.hosts(0) + (rest.ByteSizeLong() > 0 ? "!" : ""));
  }
  return hosts;
}

TEST(Selector, NothingSelectsAll) {
  const v1::Policy policy = Whole();
  EXPECT_TRUE(Selector().is_all());
  EXPECT_EQ(Selector().key(), "");
  EXPECT_EQ(Selector().Cut(policy, kRowHosts).SerializeAsString().size(), policy.ByteSizeLong());
}

TEST(Selector, OfAHostAreItsRulesAndWhatTheyNeed) {
  const v1::Policy part = Selected({"shop.example"}, {}).Cut(Whole(), kRowHosts);
  EXPECT_THAT(Rules(part), ElementsAre("everywhere", "shop", "shops", "partner"))
      << "a pattern counts with its domain";
  EXPECT_THAT(Maps(part), ElementsAre("any"));
  EXPECT_THAT(Intents(part), ElementsAre("named")) << "a rule names it";
  EXPECT_THAT(Settings(part), ElementsAre(".shop.example!", "www.led.example!", "blog.example"))
      << "where the canonical form leads; of others the allowed hosts";
  EXPECT_EQ(part.defaults().allowed_hosts_size(), 1);
}

TEST(Selector, OfADomainAreItsHosts) {
  EXPECT_THAT(Rules(Selected({".shop.example"}, {}).Cut(Whole(), kRowHosts)),
              ElementsAre("everywhere", "shop", "shops", "www", "partner"));
  EXPECT_THAT(Rules(Selected({"*.shop.example"}, {}).Cut(Whole(), kRowHosts)),
              ElementsAre("everywhere", "shop", "shops", "www", "partner"));
  EXPECT_THAT(Maps(Selected({".shop.example"}, {}).Cut(Whole(), kRowHosts)),
              ElementsAre("any", "of-both"));
  EXPECT_THAT(Rules(Selected({"none.example"}, {}).Cut(Whole(), kRowHosts)),
              ElementsAre("everywhere"));
}

TEST(Selector, OfAnIntentIsItAndEverySetting) {
  const v1::Policy part = Selected({}, {"placed", "unknown"}).Cut(Whole(), kRowHosts);
  EXPECT_THAT(Rules(part), IsEmpty());
  EXPECT_THAT(Maps(part), IsEmpty());
  EXPECT_THAT(Intents(part), ElementsAre("placed"));
  EXPECT_THAT(Settings(part),
              ElementsAre(".shop.example!", "www.led.example!", "blog.example!", "other.example!"));
}

// A new field of Policy must be cut, too: it fails here until a part has it.
TEST(Selector, APartHasEveryKindOfField) {
  const v1::Policy whole = Whole();
  const v1::Policy part = Selected({"shop.example"}, {"placed"}).Cut(whole, kRowHosts);
  const google::protobuf::Descriptor& fields = *v1::Policy::descriptor();
  for (int i = 0; i < fields.field_count(); ++i) {
    const auto& field = *fields.field(i);
    if (field.name() == "include" || field.name() == "handed_out") continue;
    const auto& reflection = *v1::Policy::GetReflection();
    EXPECT_TRUE(field.is_repeated() ? reflection.FieldSize(part, &field) > 0
                                    : reflection.HasField(part, &field))
        << field.name();
  }
}

TEST(Selector, HostsAndIntentsAdd) {
  const v1::Policy part = Selected({"blog.example"}, {"placed"}).Cut(Whole(), kRowHosts);
  EXPECT_THAT(Rules(part), ElementsAre("everywhere", "www", "blog"));
  EXPECT_THAT(Maps(part), ElementsAre("any", "of-blog", "of-both"));
  EXPECT_THAT(Intents(part), ElementsAre("placed"));
}

TEST(Selector, EqualOnesHaveOneKey) {
  const Selector one = Selected({"a.example", "B.example", "a.example"}, {"x", "y"});
  const Selector other = Selected({"b.example", "a.example"}, {"y", "x", "x"});
  EXPECT_EQ(one.key(), other.key());
  EXPECT_THAT(one.ToMessage().hosts(), ElementsAre("a.example", "b.example"));
  EXPECT_NE(one.key(), Selected({"a.example"}, {"x", "y"}).key());
}

TEST(Selector, TellsWhatIsWrong) {
  v1::PolicySelector asked;
  asked.add_hosts("shop.example");
  asked.add_hosts("https://shop.example/");
  asked.add_hosts("");
  asked.add_intents("placed");
  asked.add_intents("a b");
  message::Faults faults;
  const Selector selector(asked, "hosts", "intents", faults);
  ASSERT_EQ(faults.list().size(), 3U);
  EXPECT_EQ(message::ToString(faults.list()[0].path), "hosts[1]");
  EXPECT_EQ(message::ToString(faults.list()[1].path), "hosts[2]");
  EXPECT_EQ(message::ToString(faults.list()[2].path), "intents[1]");

  for (int i = 0; i <= 256; ++i) asked.add_hosts("a.example");
  for (int i = 0; i <= 10'000; ++i) asked.add_intents("a");
  message::Faults sizes;
  const Selector large(asked, "hosts", "intents", sizes);
  ASSERT_EQ(sizes.list().size(), 2U);
  EXPECT_EQ(sizes.list()[0].what, "at most 256 hosts, got 260");
  EXPECT_EQ(sizes.list()[1].what, "at most 10000 names, got 10003");

  asked.Clear();
  asked.add_hosts("a.example");
  for (int i = 0; i < 1024; ++i) asked.add_intents(std::string(64, 'n'));
  message::Faults octets;
  const Selector long_one(asked, "hosts", "intents", octets);
  ASSERT_EQ(octets.list().size(), 1U);
  EXPECT_EQ(message::ToString(octets.list()[0].path), "intents");
  EXPECT_EQ(octets.list()[0].what, "at most 65536 octets of hosts and intents, got 65545");
}

}  // namespace
}  // namespace fingerpost::policy::compiled
