// What engines in other processes report is counted as if the service had answered.
#include "rpc/usage_service.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "done.h"
#include "engine/fingerpost.h"
#include "policy/load/loader.h"
#include "rpc/redirect_service.h"

namespace fingerpost {
namespace {

using policy::count::HitCounts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kNow = 1'800'000'000;

google::protobuf::Timestamp TestClock() {
  google::protobuf::Timestamp now;
  now.set_seconds(kNow);
  return now;
}

constexpr char kPolicy[] = R"(
defaults: {require_https: true, canonical: {case: lower}}
intents:
  done: {intent: {purpose: form_result, target: /done}}
  never: {intent: {purpose: gone}}
rules:
  - {id: soon, shadow: true, match: {path_prefix: /old}, intent: {purpose: gone}}
  - {id: old, match: {path_prefix: /old}, intent: {purpose: permanent_move, target: "/new{rest}"}}
  - {id: same, match: {path_prefix: /same}, intent: {purpose: temporary_move, target: "/{rest}"}}
  - {id: left, match: {path_prefix: /left}, pass: true}
maps: [{name: pages, file: m.csv}, {name: more, file: n.csv}]
)";

// A service that counts, with the policy of a file.
struct Counting {
  explicit Counting(const std::string& path) : store(policy::load::FromFile(path).snapshot) {}

  policy::load::Store store;
  PolicyCounts counts{store, kNow - 1000};
  Meters meters;
  RedirectService service{store, Limits{}, &meters, TestClock, &counts};
  UsageService usage{counts, meters, TestClock};
};

class UsageServiceTest : public testing::Test {
 protected:
  UsageServiceTest() {
    std::string name = (std::filesystem::temp_directory_path() / "usage-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    Write("m.csv", "/a,/b\n/c?id=1,/d\nhttps://www.h.example/e,/f\n");
    Write("n.csv", "/g,/h\n");
    Write("p.yaml", kPolicy);
  }
  ~UsageServiceTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string Path() const { return (directory_ / "p.yaml").string(); }

  static HitCounts Find(const std::vector<HitCounts>& list, const std::string& name) {
    for (const HitCounts& counts : list) {
      if (counts.name == name) return counts;
    }
    return {.name = "(none)"};
  }

  std::filesystem::path directory_;
};

std::vector<v1::DecideRequest> Questions() {
  std::vector<v1::DecideRequest> questions;
  const auto add = [&](const char* method, const std::string& url) -> v1::DecideRequest& {
    v1::DecideRequest& question = questions.emplace_back();
    question.mutable_request()->set_method(method);
    question.mutable_request()->set_url(url);
    question.set_draw(7);
    question.mutable_now()->set_seconds(kNow);
    return question;
  };
  int i = 0;
  for (const char* url :
       {"https://h.example/old/tea", "https://h.example/old", "https://h.example/same//a",
        "https://h.example/left/x", "http://h.example/old", "https://h.example/Big",
        "https://h.example/a", "https://h.example/c?id=1&token=secret", "https://www.h.example/e",
        "https://h.example/g", "https://h.example/none?token=secret", "https://h.example/nothing",
        "nonsense"}) {
    for (int times = i++ % 4; times >= 0; --times) add("GET", url);
    add("TRACE", url);
    add("HEAD", url);
  }
  add("POST", "https://h.example/form").set_intent_name("done");
  add("GET", "https://h.example/form").set_intent_name("done");
  add("GET", "https://h.example/form").set_intent_name("unknown");
  add("GET", "https://h.example/").mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  return questions;
}

v1::FollowRequest Hop(int status) {
  v1::FollowRequest hop;
  hop.mutable_request()->set_method("GET");
  hop.mutable_request()->set_url("https://h.example/");
  hop.mutable_response()->set_status(status);
  auto& location = *hop.mutable_response()->add_headers();
  location.set_name("Location");
  location.set_value("/next");
  return hop;
}

// What the engine reports after these questions.
v1::ReportUsageRequest FromEngine(const std::string& path,
                                  const std::vector<v1::DecideRequest>& questions) {
  fingerpost_policy* policy = nullptr;
  std::string room(size_t{1} << 20, '\0');
  size_t size = 0;
  EXPECT_EQ(fingerpost_open_file(path.c_str(), &policy, room.data(), room.size(), &size),
            FINGERPOST_OK);
  for (const v1::DecideRequest& question : questions) {
    const std::string octets = question.SerializeAsString();
    EXPECT_NE(
        fingerpost_decide(policy, octets.data(), octets.size(), room.data(), room.size(), &size),
        FINGERPOST_TOO_SMALL);
  }
  for (const int status : {200, 302, 302}) {
    const std::string octets = Hop(status).SerializeAsString();
    EXPECT_EQ(
        fingerpost_follow(policy, octets.data(), octets.size(), room.data(), room.size(), &size),
        FINGERPOST_OK);
  }
  EXPECT_EQ(fingerpost_take_usage(policy, room.data(), room.size(), &size), FINGERPOST_OK);
  v1::ReportUsageRequest report;
  EXPECT_TRUE(report.ParseFromArray(room.data(), static_cast<int>(size)));
  fingerpost_close(policy);
  return report;
}

// All that the counters say.
std::vector<std::string> Told(const Counting& counting) {
  std::vector<std::string> lines;
  const auto list = [&](const char* kind, const std::vector<HitCounts>& all) {
    for (const HitCounts& counts : all) {
      std::string line = std::string(kind) + ' ' + counts.name + " last " +
                         std::to_string(counts.last) + ' ' + std::to_string(counts.last_status);
      for (const uint64_t hits : counts.by_outcome) line += ' ' + std::to_string(hits);
      lines.push_back(std::move(line));
    }
  };
  const PolicyHits hits = counting.counts.Hits();
  list("rule", hits.rules);
  list("shadow", hits.shadow);
  list("intent", hits.intents);
  list("map", hits.maps);
  list("other", {hits.other_rules, hits.other_shadow, hits.other_intents});
  lines.push_back("misses " + std::to_string(hits.misses));
  for (const auto& miss : hits.sampled) {
    lines.push_back("miss " + miss.url + ' ' + std::to_string(miss.seen) + ' ' +
                    std::to_string(miss.last));
  }
  for (const RowHits& row : counting.counts.MostHit(100).top) {
    lines.push_back("row " + row.id + ' ' + row.source + ' ' + std::to_string(row.hits) + ' ' +
                    std::to_string(row.last));
  }
  for (const auto& decision : counting.meters.answers().Decisions()) {
    lines.push_back("decision " + std::to_string(decision.outcome) + ' ' +
                    std::to_string(decision.purpose) + ' ' + std::to_string(decision.status) + ' ' +
                    std::to_string(decision.reason) + ' ' + std::to_string(decision.count));
  }
  for (const auto& follow : counting.meters.answers().Follows()) {
    lines.push_back("follow " + std::to_string(follow.stop) + ' ' + std::to_string(follow.count));
  }
  return lines;
}

TEST_F(UsageServiceTest, AReportOfTheEngineCountsAsTheServicesOwnAnswers) {
  Counting own(Path());
  for (v1::DecideRequest question : Questions()) {
    v1::DecideResponse answer;
    v1::Error error;
    (void)IsDone(own.service.Decide(question, answer), error);
  }
  for (const int status : {200, 302, 302}) {
    v1::FollowRequest hop = Hop(status);
    v1::FollowResponse answer;
    ASSERT_TRUE(own.service.Follow(hop, answer));
  }
  Counting reported(Path());
  const v1::ReportUsageRequest report = FromEngine(Path(), Questions());
  ASSERT_TRUE(reported.usage.Report(report));
  EXPECT_EQ(Told(reported), Told(own));
  const UsageCounts counts = reported.usage.counts();
  EXPECT_EQ(counts.reports, 1U);
  EXPECT_EQ(counts.unknown, 0U);
  EXPECT_EQ(counts.follows, 3U);
  EXPECT_GT(counts.decisions, 30U);
  EXPECT_EQ(report.DebugString().find("secret"), std::string::npos);
}

TEST_F(UsageServiceTest, OfAnotherVersionNamesCountAndRowsDoNot) {
  Counting counting(Path());
  v1::ReportUsageRequest report = FromEngine(Path(), Questions());
  uint64_t rows = 0;
  for (const v1::RowUsage& row : report.rows()) rows += row.hits();
  report.set_policy_version("another");
  ASSERT_TRUE(counting.usage.Report(report));
  EXPECT_THAT(counting.counts.MostHit(10).top, IsEmpty());
  EXPECT_EQ(counting.usage.counts().unknown, rows);
  EXPECT_GT(Find(counting.counts.Hits().maps, "pages").hits(), 0U) << "the map has the name";
  EXPECT_GT(Find(counting.counts.Hits().rules, "old").hits(), 0U);
}

v1::ReportUsageRequest Read(const std::string& text) {
  v1::ReportUsageRequest report;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &report)) << text;
  return report;
}

TEST_F(UsageServiceTest, WhatThePolicyDoesNotHaveIsPassedOver) {
  Write("m.csv", "source,target\n/a,/b\n");
  Counting counting(Path());
  ASSERT_TRUE(counting.usage.Report(
      Read("policy_version: 'x' "
           "rules { name: 'gone' outcome: OUTCOME_REDIRECT hits: 1 } "
           "rules { name: 'soon' outcome: OUTCOME_REDIRECT hits: 2 } "  // It does not act.
           "shadow_rules { name: 'old' hits: 4 } "                      // It does.
           "intents { name: 'gone' outcome: OUTCOME_RESPOND hits: 8 } "
           "maps { name: 'gone' outcome: OUTCOME_RESPOND hits: 16 } "
           "rules { name: 'https' outcome: OUTCOME_REDIRECT hits: 3 }")));
  EXPECT_EQ(counting.usage.counts().unknown, 31U);
  EXPECT_EQ(counting.counts.Hits().questions(), 3U);
  EXPECT_EQ(Find(counting.counts.Hits().rules, "https").hits(), 3U);
  // Rows beyond the file, of a line that has none, and of a map that is not here.
  v1::ReportUsageRequest rows = Read(
      "rows { map: 'pages' line: 5 hits: 5 } rows { map: 'pages' line: 1 hits: 9 } "
      "rows { map: 'gone' line: 1 hits: 7 }");
  rows.set_policy_version(counting.store.Get()->version);
  ASSERT_TRUE(counting.usage.Report(rows));
  EXPECT_EQ(counting.usage.counts().unknown, 43U);
  EXPECT_THAT(counting.counts.MostHit(10).top, IsEmpty());
}

TEST_F(UsageServiceTest, TheLastHitIsTheLatestAndNeverLaterThanNow) {
  Counting counting(Path());
  const auto report = [&](int64_t last, int status) {
    v1::ReportUsageRequest usage = Read("rules { name: 'old' outcome: OUTCOME_REDIRECT hits: 1 }");
    usage.mutable_rules(0)->mutable_last()->set_seconds(last);
    usage.mutable_rules(0)->set_last_status(status);
    ASSERT_TRUE(counting.usage.Report(usage));
  };
  const auto old = [&] { return Find(counting.counts.Hits().rules, "old"); };
  report(kNow - 50, 308);
  report(kNow - 60, 301);
  EXPECT_EQ(old().last, kNow - 50);
  EXPECT_EQ(old().last_status, 308);
  report(kNow + 9000, 301);
  EXPECT_EQ(old().last, kNow);
  EXPECT_EQ(old().last_status, 301);
  report(-1, 308);
  EXPECT_EQ(old().last, kNow);
  EXPECT_EQ(old().hits(), 4U);
}

TEST_F(UsageServiceTest, AMissLosesWhatNobodyMayRead) {
  Counting counting(Path());
  ASSERT_TRUE(counting.usage.Report(
      Read("misses: 5 sampled_misses { url: 'https://u:p@h.example/a?token=1#f' hits: 2 } "
           "sampled_misses { url: 'admin:PW@h.example/' hits: 1 } "
           "sampled_misses { url: 'https://h.example/nothing' }")));
  const PolicyHits hits = counting.counts.Hits();
  EXPECT_EQ(hits.misses, 5U);
  ASSERT_THAT(hits.sampled, SizeIs(1));
  EXPECT_EQ(hits.sampled[0].url, "https://h.example/a");
  EXPECT_EQ(hits.sampled[0].seen, 2U);
}

TEST_F(UsageServiceTest, NothingOfAWrongReportIsCounted) {
  Counting counting(Path());
  EXPECT_FALSE(counting.usage.Report(Read(
      "rules { name: 'old' outcome: OUTCOME_REDIRECT hits: 1 } decisions { hits: 1 } misses: 1")));
  EXPECT_EQ(counting.counts.Hits().questions(), 0U);
  EXPECT_EQ(counting.usage.counts().reports, 0U);
}

TEST_F(UsageServiceTest, ABadSampleCostsOnlyItself) {
  Counting counting(Path());
  v1::ReportUsageRequest report = Read(
      "rules { name: 'old' outcome: OUTCOME_REDIRECT hits: 1 } "
      "samples { response { outcome: OUTCOME_PASS status: 7 } } "
      "samples { response { outcome: OUTCOME_PASS } }");
  ASSERT_TRUE(counting.usage.Report(report));
  EXPECT_EQ(counting.usage.counts().dropped_samples, 1U);
  EXPECT_EQ(Find(counting.counts.Hits().rules, "old").hits(), 1U);
}

// Reports of a newer engine, and of a map whose rows have long names.
TEST_F(UsageServiceTest, ValuesOfANewerEngineDoNotCostTheCounts) {
  Counting counting(Path());
  EXPECT_TRUE(counting.usage.Report(
      Read("rules { name: 'old' outcome: OUTCOME_REDIRECT hits: 1 } "
           "rules { name: 'old' outcome: 4242 hits: 2 } "
           "decisions { outcome: OUTCOME_PASS purpose: 4242 reason: 4242 hits: 3 } "
           "decisions { outcome: 4242 hits: 4 } "
           "follows { stop: 4242 hits: 5 } "
           "samples { response { outcome: OUTCOME_PASS reason { code: 4242 } } } "
           "samples { response { outcome: 4242 } } "
           "samples { response { outcome: OUTCOME_REDIRECT rule: '" +
           std::string(64, 'm') + ":1234567890' } }")));
  EXPECT_EQ(Find(counting.counts.Hits().rules, "old").hits(), 1U);
  EXPECT_EQ(counting.usage.counts().unknown, 2U);
  EXPECT_EQ(counting.usage.counts().decisions, 7U);
  EXPECT_EQ(counting.usage.counts().follows, 5U);
  EXPECT_EQ(counting.usage.counts().dropped_samples, 2U);
}

// Whatever is reported, its kinds and those of others have their places.
TEST_F(UsageServiceTest, InventedKindsCountByTheirOutcome) {
  Counting counting(Path());
  uint64_t entries = 0;
  uint64_t invented = 0;
  for (int outcome = v1::OUTCOME_REDIRECT; outcome <= v1::OUTCOME_REFUSE; ++outcome) {
    v1::ReportUsageRequest report;
    for (int purpose = 0; purpose < v1::Purpose_ARRAYSIZE; ++purpose) {
      for (const int status : {0, 200, 303, 308, 404, 599}) {
        for (int reason = 0; reason < v1::ReasonCode_ARRAYSIZE; ++reason) {
          auto& entry = *report.add_decisions();
          entry.set_outcome(static_cast<v1::Outcome>(outcome));
          entry.set_purpose(static_cast<v1::Purpose>(purpose));
          entry.set_status(status);
          entry.set_reason(static_cast<v1::ReasonCode>(reason));
          entry.set_hits(1);
          ++entries;
        }
      }
    }
    ASSERT_TRUE(counting.usage.Report(report));
  }
  const auto& answers = counting.meters.answers();
  for (const auto& decision : answers.Decisions()) {
    if (decision.reason == v1::REASON_CODE_UNSPECIFIED) invented += decision.count;
    EXPECT_NE(decision.status, 599);
  }
  EXPECT_GT(invented, entries / 2);
  EXPECT_EQ(answers.Uncounted(), 0U);
  // Honest ones, of every kind that this engine gives.
  ASSERT_TRUE(counting.usage.Report(FromEngine(Path(), Questions())));
  EXPECT_EQ(answers.Uncounted(), 0U);
}

TEST_F(UsageServiceTest, ThreadsAndReloadsLoseNothing) {
  Counting counting(Path());
  constexpr int kThreads = 4;
  constexpr int kEach = 300;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const v1::ReportUsageRequest report = Read(
          "rules { name: 'old' outcome: OUTCOME_REDIRECT hits: 3 } "
          "decisions { outcome: OUTCOME_REDIRECT status: 308 hits: 3 } misses: 2");
      for (int i = 0; i < kEach; ++i) EXPECT_TRUE(counting.usage.Report(report));
    });
  }
  for (int i = 0; i < 5; ++i) {
    Write("p.yaml", kPolicy + ("# " + std::to_string(i) + "\n"));
    counting.store.Set(policy::load::FromFile(Path()).snapshot);
    counting.counts.Carry(kNow);
  }
  for (std::thread& thread : threads) thread.join();
  const PolicyHits hits = counting.counts.Hits();
  EXPECT_EQ(Find(hits.rules, "old").hits(), 3U * kThreads * kEach);
  EXPECT_EQ(hits.misses, 2U * kThreads * kEach);
  const auto decisions = counting.meters.answers().Decisions();
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0].count, 3U * kThreads * kEach);
}

}  // namespace
}  // namespace fingerpost
