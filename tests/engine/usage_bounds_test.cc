// A report has its limits; what does not fit comes with the next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "engine/library.h"
#include "engine/usage_report.h"
#include "fingerpost/v1/policy_service.pb.h"

namespace fingerpost::engine::testing {
namespace {

// A policy with this text, from a file with maps beside it.
class InFiles {
 public:
  InFiles(const std::string& yaml, const std::string& rows) {
    std::string name = (std::filesystem::temp_directory_path() / "usage-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    std::ofstream(directory_ / "p.yaml") << yaml;
    std::ofstream(directory_ / "m.csv") << rows;
    opened_ = Call([&](void* error, size_t capacity, size_t* size) {
      return fingerpost_open_file((directory_ / "p.yaml").c_str(), &policy_, error, capacity, size);
    });
  }
  ~InFiles() {
    fingerpost_close(policy_);
    std::filesystem::remove_all(directory_);
  }
  InFiles(const InFiles&) = delete;
  InFiles& operator=(const InFiles&) = delete;

  [[nodiscard]] const Result& opened() const { return opened_; }
  [[nodiscard]] const fingerpost_policy* get() const { return policy_; }
  void Decide(const std::string& url) const {
    const std::string question = Get(url).SerializeAsString();
    char answer[8192];
    size_t size = 0;
    ASSERT_EQ(
        fingerpost_decide(policy_, question.data(), question.size(), answer, sizeof answer, &size),
        FINGERPOST_OK);
  }

 private:
  std::filesystem::path directory_;
  fingerpost_policy* policy_ = nullptr;
  Result opened_;
};

TEST(EngineUsage, IsBoundedAndRowsHaveTheirTurns) {
  constexpr uint32_t kRows = 30'000;
  std::string rows;
  for (uint32_t i = 1; i <= kRows; ++i) rows += "/p" + std::to_string(i) + ",/q\n";
  const InFiles policy("maps: [{name: pages, file: m.csv}]\n", rows);
  ASSERT_EQ(policy.opened().status, FINGERPOST_OK) << policy.opened().error().message();
  std::map<uint32_t, uint64_t> hits;
  uint64_t answers = 0, of_map = 0;
  const auto hit_all = [&] {
    for (uint32_t i = 1; i <= kRows; ++i) policy.Decide("https://h.example/p" + std::to_string(i));
  };
  const auto take = [&] {
    const Result taken = Take(policy.get());
    EXPECT_LE(taken.octets.size(), 1'000'000U);
    if (taken.octets.empty()) return false;
    const v1::ReportUsageRequest report = Read(taken);
    EXPECT_LE(
        report.rows_size() + report.maps_size() + report.decisions_size() + report.samples_size(),
        20'000);
    answers += Sum(report.decisions());
    of_map += Sum(report.maps());
    for (const v1::RowUsage& row : report.rows()) {
      EXPECT_EQ(row.map(), "pages");
      EXPECT_EQ(row.last().seconds(), kNow);
      hits[row.line()] += row.hits();
    }
    return true;
  };
  hit_all();
  ASSERT_TRUE(take());
  const size_t first = hits.size();
  EXPECT_LT(first, kRows);
  hit_all();
  ASSERT_TRUE(take());
  EXPECT_EQ(hits.size(), kRows) << "the other rows come first";
  while (take()) {
  }
  EXPECT_EQ(answers, 2 * kRows);
  EXPECT_EQ(of_map, 2 * kRows);
  for (const auto& [line, count] : hits) ASSERT_EQ(count, 2U) << line;
}

TEST(EngineUsage, OfTenThousandRulesAndIntentsIsBounded) {
  const std::string name(55, 'n');
  std::string yaml = "rules:\n";
  constexpr int kRules = 10'000;
  for (int i = 0; i < kRules; ++i) {
    const std::string n = std::to_string(i);
    yaml += "- {id: " + name + n + ", match: {path: /" + n + "}, intent: {purpose: gone}}\n";
  }
  yaml += "intents:\n";
  for (int i = 0; i < kRules; ++i) {
    yaml += "  " + name + std::to_string(i) + ": {intent: {purpose: gone}}\n";
  }
  const Policy policy(yaml);
  ASSERT_EQ(policy.opened().status, FINGERPOST_OK) << policy.opened().error().message();
  for (int i = 0; i < kRules; ++i) {
    Ask(policy, Get("https://h.example/" + std::to_string(i)));
    v1::DecideRequest named = Get("https://h.example/");
    named.set_intent_name(name + std::to_string(i));
    ASSERT_EQ(policy.Decide(named.SerializeAsString()).status, FINGERPOST_OK);
  }
  uint64_t rules = 0, intents = 0, answers = 0;
  int reports = 0;
  for (Result taken = Take(policy.get()); !taken.octets.empty(); taken = Take(policy.get())) {
    EXPECT_LE(taken.octets.size(), 1'000'000U);
    const v1::ReportUsageRequest report = Read(taken);
    rules += Sum(report.rules());
    intents += Sum(report.intents());
    answers += Sum(report.decisions());
    ASSERT_LT(++reports, 10);
  }
  EXPECT_EQ(rules, kRules);
  EXPECT_EQ(intents, kRules);
  EXPECT_EQ(answers, 2 * kRules);
  EXPECT_GT(reports, 1);
}

}  // namespace
}  // namespace fingerpost::engine::testing
