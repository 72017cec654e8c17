// What is wrong with a report of usage is said with the name of its field.
#include "rpc/usage_faults.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace fingerpost {
namespace {

using ::testing::SizeIs;

v1::ReportUsageRequest Read(const std::string& text) {
  v1::ReportUsageRequest report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  return report;
}

TEST(UsageFaults, AWrongEntryNamesItsField) {
  const std::string long_name(65, 'n');
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"policy_version: 'a b'", "policy_version"},
      {"policy_version: '" + long_name + "'", "policy_version"},
      {"agent: '" + long_name + "'", "agent"},
      {"agent: 'a\\n'", "agent"},
      {"rules { outcome: OUTCOME_PASS }", "rules[1].name"},
      {"rules { name: '" + long_name + "' outcome: OUTCOME_PASS }", "rules[1].name"},
      {"rules { name: 'old' }", "rules[1].outcome"},
      {"rules { name: 'old' outcome: OUTCOME_PASS hits: 4294967297 }", "rules[1].hits"},
      {"rules { name: 'old' outcome: OUTCOME_PASS last_status: 70000 }", "rules[1].last_status"},
      {"shadow_rules { }", "shadow_rules[0].name"},
      {"shadow_rules { name: 'soon' hits: 18446744073709551615 }", "shadow_rules[0].hits"},
      {"intents { outcome: OUTCOME_PASS }", "intents[0].name"},
      {"maps { name: 'pages' }", "maps[0].outcome"},
      {"rows { line: 1 }", "rows[0].map"},
      {"rows { map: 'pages' }", "rows[0].line"},
      {"rows { map: 'pages' line: 1 hits: 4294967297 }", "rows[0].hits"},
      {"misses: 4294967297", "misses"},
      {"sampled_misses { url: 'https://h.example/" + std::string(250, 'u') + "' }",
       "sampled_misses[0].url"},
      {"sampled_misses { url: 'https://h.example/' hits: 4294967297 }", "sampled_misses[0].hits"},
      {"decisions { hits: 1 }", "decisions[0].outcome"},
      {"decisions { outcome: OUTCOME_PASS status: 7 }", "decisions[0].status"},
      {"decisions { outcome: OUTCOME_PASS hits: 4294967297 }", "decisions[0].hits"},
      {"follows { hits: 4294967297 }", "follows[0].hits"},
  };
  for (const auto& [text, field] : wrong) {
    const message::Done done =
        CheckUsage(Read("rules { name: 'old' outcome: OUTCOME_REDIRECT hits: 1 } " + text));
    ASSERT_FALSE(done) << text;
    EXPECT_EQ(done.error().code(), "INVALID_ARGUMENT");
    ASSERT_EQ(done.error().violations_size(), 1) << text << done.error().message();
    EXPECT_EQ(done.error().violations(0).field(), field) << text;
  }
}

TEST(UsageFaults, IsBounded) {
  const auto expect_wrong = [](const v1::ReportUsageRequest& report, const std::string& field) {
    const message::Done done = CheckUsage(report);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().violations(0).field(), field) << done.error().message();
  };
  v1::ReportUsageRequest report;
  for (int i = 0; i < 65; ++i) report.add_sampled_misses()->set_url("https://h.example/");
  expect_wrong(report, "sampled_misses");
  report.Clear();
  for (int i = 0; i < 20'000; ++i) {
    auto& row = *report.add_rows();
    row.set_map("pages");
    row.set_line(1);
  }
  EXPECT_TRUE(CheckUsage(report));
  report.add_follows();
  expect_wrong(report, "");
  // Not a list of 20,001 faults.
  report.Clear();
  for (int i = 0; i < 20'000; ++i) report.add_rows();
  EXPECT_EQ(CheckUsage(report).error().violations_size(), 64);
}

// Each of these is left out, and the report is good.
TEST(UsageFaults, ABadSampleIsLeftOutAlone) {
  const std::string long_name(65, 'n');
  std::string many = "samples { response { outcome: OUTCOME_PASS ";
  for (int i = 0; i < 17; ++i) many += "shadow_rules: 's' ";
  many += "} }";
  const std::vector<std::string> bad = {
      "samples { }",
      "samples { response { outcome: 4242 } }",
      "samples { response { outcome: OUTCOME_PASS reason { code: 4242 } } }",
      "samples { response { outcome: OUTCOME_PASS status: -1 } }",
      "samples { response { outcome: OUTCOME_PASS status: 600 } }",
      "samples { response { outcome: OUTCOME_PASS rule: '" + std::string(76, 'n') + "' } }",
      "samples { response { outcome: OUTCOME_PASS shadow_rules: '" + long_name + "' } }",
      many,
      "samples { response { outcome: OUTCOME_PASS } request { request { method: '" + long_name +
          "' } } }",
      "samples { response { outcome: OUTCOME_PASS } request { request { url: '" +
          std::string(8193, 'u') + "' } } }",
  };
  for (const std::string& text : bad) {
    const v1::ReportUsageRequest report =
        Read(text + "samples { response { outcome: OUTCOME_PASS rule: 'good' } }");
    EXPECT_TRUE(CheckUsage(report)) << text;
    const auto good = GoodSamples(report);
    ASSERT_THAT(good, SizeIs(1)) << text;
    EXPECT_EQ(good[0]->response().rule(), "good");
  }
}

TEST(UsageFaults, OfTooManySamplesTheFirstStay) {
  v1::ReportUsageRequest report;
  report.add_samples();  // Bad.
  for (int i = 0; i < 20; ++i) {
    auto& response = *report.add_samples()->mutable_response();
    response.set_outcome(v1::OUTCOME_PASS);
    response.set_rule(std::to_string(i));
  }
  EXPECT_TRUE(CheckUsage(report));
  const auto good = GoodSamples(report);
  ASSERT_THAT(good, SizeIs(16));
  EXPECT_EQ(good.back()->response().rule(), "15");
}

}  // namespace
}  // namespace fingerpost
