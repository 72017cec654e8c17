// What is counted of an answer, what a reload keeps, and what the counters take.
#include "rpc/policy_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "done.h"
#include "policy/load/loader.h"
#include "rpc/envoy.h"
#include "rpc/redirect_service.h"

namespace fingerpost {
namespace {

using policy::count::HitCounts;
using policy::count::RowCounts;
using policy::count::Tally;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kStart = 1'700'000'000;
int64_t seconds = kStart;

google::protobuf::Timestamp TestClock() {
  google::protobuf::Timestamp now;
  now.set_seconds(seconds);
  return now;
}

class PolicyCountsTest : public testing::Test {
 protected:
  PolicyCountsTest() {
    seconds = kStart;
    std::string name = (std::filesystem::temp_directory_path() / "counts-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~PolicyCountsTest() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  policy::compiled::SnapshotPtr Load(const std::string& text) const {
    Write("p.yaml", text);
    const auto loaded = policy::load::FromFile((directory_ / "p.yaml").string());
    for (const auto& problem : loaded.problems) {
      if (problem.severity == message::Severity::kError) {
        ADD_FAILURE() << message::ToString(problem);
      }
    }
    return loaded.snapshot;
  }
  void Serve(const std::string& text) {
    store_ = std::make_unique<policy::load::Store>(Load(text));
    counts_ = std::make_unique<PolicyCounts>(*store_, seconds);
    service_ =
        std::make_unique<RedirectService>(*store_, Limits{}, nullptr, TestClock, counts_.get());
  }
  // As the server does.
  void Reload(const std::string& text) const {
    store_->Set(Load(text));
    counts_->Carry(seconds);
  }
  static v1::DecideRequest Get(const std::string& url) {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url(url);
    return request;
  }
  v1::DecideResponse Ask(v1::DecideRequest request) const {
    v1::DecideResponse response;
    v1::Error error;
    (void)IsDone(service_->Decide(request, response), error);
    return response;
  }
  v1::DecideResponse Ask(const std::string& url) const { return Ask(Get(url)); }

  static HitCounts Find(const std::vector<HitCounts>& list, const std::string& name) {
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&name](const auto& counts) { return counts.name == name; });
    return found == list.end() ? HitCounts{.name = "(none)"} : *found;
  }
  HitCounts Rule(const std::string& name) const { return Find(counts_->Hits().rules, name); }
  HitCounts Shadow(const std::string& name) const { return Find(counts_->Hits().shadow, name); }
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const RowHits& row : counts_->MostHit(10).top) {
      rows.push_back(row.id + " " + row.source + " " + std::to_string(row.hits) + " " +
                     std::to_string(row.last - kStart));
    }
    return rows;
  }

  std::filesystem::path directory_;
  std::unique_ptr<policy::load::Store> store_;
  std::unique_ptr<PolicyCounts> counts_;
  std::unique_ptr<RedirectService> service_;
};

TEST_F(PolicyCountsTest, WhatAnswersIsCountedByItsOutcome) {
  Serve(R"(
defaults: {require_https: true, canonical: {case: lower}}
intents:
  done: {intent: {purpose: form_result, target: /done}}
rules:
  - {id: old, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}
  - {id: left, match: {path_prefix: /left}, pass: true}
  - {id: never, match: {path: /never}, intent: {purpose: gone}}
)");
  Ask("https://h.example/old");
  seconds += 5;
  Ask("https://h.example/old");
  v1::DecideRequest webhook = Get("https://h.example/old");
  webhook.mutable_request()->set_method("TRACE");
  Ask(webhook);
  Ask("https://h.example/left/alone");
  Ask("http://h.example/old");
  Ask("https://h.example/Big");
  v1::DecideRequest named = Get("https://h.example/form");
  named.mutable_request()->set_method("POST");
  named.set_intent_name("done");
  Ask(named);
  v1::DecideRequest own = Get("https://h.example/");
  own.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  Ask(own);
  Ask("nonsense");

  const HitCounts old = Rule("old");
  EXPECT_EQ(old.by_outcome[v1::OUTCOME_REDIRECT], 2U);
  EXPECT_EQ(old.by_outcome[v1::OUTCOME_PASS], 1U) << "TRACE is not ours";
  EXPECT_EQ(old.hits(), 3U);
  EXPECT_EQ(old.last, kStart + 5);
  EXPECT_EQ(old.since, kStart);
  EXPECT_EQ(Rule("left").by_outcome[v1::OUTCOME_PASS], 1U);
  EXPECT_EQ(Rule("never").hits(), 0U);
  EXPECT_EQ(Rule("never").last, 0);
  EXPECT_EQ(Rule("https").hits(), 1U);
  EXPECT_EQ(Rule("canonical").hits(), 1U);
  const PolicyHits hits = counts_->Hits();
  EXPECT_EQ(Find(hits.intents, "done").hits(), 1U);
  EXPECT_EQ(hits.misses, 0U) << "an error and an intent of the caller's own are no miss";
  EXPECT_EQ(hits.questions(), 7U);
  EXPECT_EQ(hits.version, store_->Get()->version);
}

TEST_F(PolicyCountsTest, ARuleInShadowModeHasWhatItWouldHaveAnswered) {
  Serve(R"(
rules:
  - {id: soon, shadow: true, match: {path_prefix: /a}, intent: {purpose: permanent_move, target: /b}}
  - {id: refused, shadow: true, match: {path: /a}, intent: {purpose: temporary_move, target: /a}}
  - {id: now, match: {path: /a}, intent: {purpose: gone}}
)");
  for (const bool explain : {false, true}) {
    v1::DecideRequest request = Get("https://h.example/a");
    request.set_explain(explain);
    EXPECT_EQ(Ask(request).status(), 410);
  }
  Ask("https://h.example/a/b");
  Ask("https://h.example/else");

  const HitCounts soon = Shadow("soon");
  EXPECT_EQ(soon.by_outcome[v1::OUTCOME_REDIRECT], 1U) << "now comes before it for /a";
  EXPECT_EQ(soon.last_outcome, v1::OUTCOME_REDIRECT);
  EXPECT_EQ(soon.last_status, 308);
  const HitCounts refused = Shadow("refused");
  EXPECT_EQ(refused.by_outcome[v1::OUTCOME_REFUSE], 2U) << "with explain and without";
  EXPECT_EQ(refused.hits(), 2U);
  EXPECT_EQ(Rule("now").hits(), 2U);
  EXPECT_EQ(Rule("soon").name, "(none)");
  EXPECT_EQ(counts_->Hits().misses, 1U) << "not what only a rule in shadow mode matches";
}

// The request comes again over https, and is counted then.
TEST_F(PolicyCountsTest, ARuleInShadowModeIsNotAskedBeforeHttps) {
  Serve(R"(
defaults: {require_https: true, canonical: {slash: remove}}
rules: [{id: soon, shadow: true, match: {path_prefix: /a}, intent: {purpose: gone}}]
)");
  Ask("http://h.example/a/");
  EXPECT_EQ(Shadow("soon").hits(), 0U);
  EXPECT_EQ(Rule("canonical").hits(), 1U) << "both in one hop";
  Ask("https://h.example/a");
  EXPECT_EQ(Shadow("soon").hits(), 1U);
}

TEST_F(PolicyCountsTest, AtMostSixteenRulesInShadowModeAreCountedForOneRequest) {
  std::string text = "rules:\n";
  for (int i = 0; i < 20; ++i) {
    text += "  - {id: s" + std::to_string(i) +
            ", shadow: true, match: {path: /a}, intent: {purpose: gone}}\n";
  }
  Serve(text);
  EXPECT_EQ(Ask("https://h.example/a").shadow_rules_size(), 16);
  EXPECT_EQ(Shadow("s15").hits(), 1U);
  EXPECT_EQ(Shadow("s16").hits(), 0U);
}

TEST_F(PolicyCountsTest, RowsAreCountedByLineAndInSum) {
  Write("m.csv", "source,target\n/a,/b\n/c?id=1,/d\nhttps://www.h.example/e,/f\n");
  Serve("maps: [{name: pages, file: m.csv}]\n");
  Ask("https://h.example/c?id=1&x=2");
  Ask("https://h.example/c?id=1");
  seconds += 7;
  Ask("https://www.h.example/e");
  Ask("https://h.example/none");
  EXPECT_THAT(Rows(), ElementsAre("pages:3 /c?id=1 2 0", "pages:4 www.h.example/e 1 7"));
  const HitCounts sum = Find(counts_->Hits().maps, "pages");
  EXPECT_EQ(sum.hits(), 3U);
  EXPECT_EQ(sum.last, kStart + 7);
  EXPECT_THAT(counts_->MostHit(1).top, SizeIs(1));
  EXPECT_THAT(counts_->MostHit(1).rows_hit, ElementsAre(2U)) << "of three";
  EXPECT_THAT(counts_->MostHit(0).top, IsEmpty());
}

TEST_F(PolicyCountsTest, AReloadKeepsWhatHasTheSameNameOrSource) {
  Write("m.csv", "/a,/b\n/c?id=1,/d\n/e,/f\n");
  Serve(R"(
rules:
  - {id: one, match: {path: /one}, intent: {purpose: gone}}
  - {id: two, match: {path: /two}, intent: {purpose: gone}}
  - {id: three, shadow: true, match: {path: /three}, intent: {purpose: gone}}
maps: [{name: pages, file: m.csv, host: h.example}]
)");
  for (const char* path : {"/one", "/two", "/three", "/a", "/a", "/c?id=1", "/e", "/miss"}) {
    Ask(std::string("https://h.example") + path);
  }
  const PolicyCounts::Current in_progress = counts_->Get();
  seconds += 60;
  // Other places and lines; /e is for another host now.
  Write("m.csv", "source,target\n/new,/b\n/c?id=1,/elsewhere\n/a,/b\nhttps://i.example/e,/f\n");
  Reload(R"(
rules:
  - {id: new, match: {path: /new}, intent: {purpose: gone}}
  - {id: three, match: {path: /three}, intent: {purpose: gone}}
  - {id: one, match: {path: /one}, intent: {purpose: temporary_move, target: /1}}
hosts: [{hosts: [other.example], defaults: {query: {mode: keep}}}]
maps: [{name: pages, file: m.csv, host: h.example}]
)");
  EXPECT_EQ(Rule("one").hits(), 1U);
  EXPECT_EQ(Rule("one").since, kStart);
  EXPECT_EQ(Rule("two").name, "(none)");
  EXPECT_EQ(Rule("three").hits(), 0U) << "it has not acted before";
  EXPECT_EQ(Rule("new").since, kStart + 60);
  EXPECT_THAT(Rows(), ElementsAre("pages:4 h.example/a 2 0", "pages:3 h.example/c?id=1 1 0"));
  EXPECT_EQ(Find(counts_->Hits().maps, "pages").hits(), 4U) << "a sum never goes down";
  EXPECT_EQ(counts_->Hits().misses, 1U);

  // An answer that began before ends after.
  policy::resolve::Matched matched{.by = policy::resolve::Matched::By::kRule};
  in_progress.tally->Count(matched, {}, "", seconds);
  EXPECT_EQ(Rule("one").hits(), 2U);
}

TEST_F(PolicyCountsTest, TheOldPolicyAnswersAndCountsUntilTheReportOfTheNewOne) {
  Write("m.csv", "/a,/b\n");
  Serve("maps: [{name: pages, file: m.csv}]\n");
  Ask("https://h.example/a");
  Write("m.csv", "/0,/1\n/a,/b\n");
  store_->Set(Load("maps: [{name: pages, file: m.csv}]\n"));
  Ask("https://h.example/a");
  EXPECT_THAT(Rows(), ElementsAre("pages:1 /a 2 0"));
  counts_->Carry(seconds);
  Ask("https://h.example/a");
  EXPECT_THAT(Rows(), ElementsAre("pages:2 /a 3 0"));
  EXPECT_EQ(store_->Reap(), 0U) << "the counters keep no old policy";
}

TEST_F(PolicyCountsTest, OnlySomeAreListedAndTheRestIsOneSum) {
  const auto policy = [](size_t first, size_t count) {
    std::string text = "rules:\n";
    for (size_t i = first; i < first + count; ++i) {
      const std::string name = std::to_string(i);
      text += "  - {id: r" + name + ", match: {path: /" + name + "}, intent: {purpose: gone}}\n";
    }
    return text;
  };
  const size_t last = Tally::kListed + 1;
  Serve(policy(0, last + 1));
  for (size_t i = 0; i <= last; ++i) Ask("https://h.example/" + std::to_string(i));
  const std::string name = "r" + std::to_string(last);
  EXPECT_TRUE(Rule("r0").is_listed);
  EXPECT_FALSE(Rule(name).is_listed);
  EXPECT_EQ(Rule(name).hits(), 1U) << "it has its own counter nevertheless";
  EXPECT_EQ(counts_->Hits().other_rules.hits(), 2U);
  // One goes and another comes: nobody's time series goes back or jumps.
  Reload(policy(1, last + 1));
  EXPECT_FALSE(Rule(name).is_listed);
  EXPECT_TRUE(Rule("r" + std::to_string(last + 1)).is_listed);
  EXPECT_EQ(counts_->Hits().other_rules.hits(), 2U);
}

TEST_F(PolicyCountsTest, ARuleThatIsCalledOtherIsNotListed) {
  Serve("rules: [{id: other, match: {path: /o}, intent: {purpose: gone}}]\n");
  Ask("https://h.example/o");
  EXPECT_FALSE(Rule("other").is_listed) << "Prometheus refuses the same series twice";
  EXPECT_EQ(counts_->Hits().other_rules.hits(), 1U);
}

TEST_F(PolicyCountsTest, EnvoysQuestionsAreCounted) {
  Serve("rules: [{id: old, match: {path: /old}, intent: {purpose: gone}}]\n");
  envoy::service::auth::v3::CheckRequest check;
  auto& http = *check.mutable_attributes()->mutable_request()->mutable_http();
  http.set_method("GET");
  http.set_scheme("https");
  http.set_host("h.example");
  http.set_path("/old");
  envoy::service::auth::v3::CheckResponse response;
  v1::DecideResponse answer;
  ASSERT_TRUE(CheckForEnvoy(*service_, check, response, answer, kNoDeadline).ok());
  EXPECT_EQ(Rule("old").hits(), 1U);
}

TEST_F(PolicyCountsTest, ThreadsLoseNothing) {
  Write("m.csv", "/a,/b\n");
  const std::string policy = "maps: [{name: pages, file: m.csv}]\n";
  Serve(policy);
  constexpr int kEach = 200;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < kEach; ++j) {
        Ask("https://h.example/a");
        Ask("https://h.example/miss");
      }
    });
  }
  for (int i = 0; i < 5; ++i) Reload(policy + "# " + std::to_string(i) + "\n");
  for (std::thread& thread : threads) thread.join();
  const PolicyHits hits = counts_->Hits();
  EXPECT_EQ(Find(hits.maps, "pages").hits(), 3U * kEach);
  EXPECT_EQ(hits.misses, 3U * kEach);
}

}  // namespace
}  // namespace fingerpost
