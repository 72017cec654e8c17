// What a policy answered is counted, and taken home once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/library.h"
#include "engine/usage_report.h"
#include "fingerpost/v1/policy_service.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"

namespace fingerpost::engine::testing {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kYaml = R"(
defaults: {require_https: true}
intents:
  done: {intent: {purpose: form_result, target: /done}}
rules:
  - {id: soon, shadow: true, match: {path_prefix: /old}, intent: {purpose: gone}}
  - {id: old, match: {path_prefix: /old}, intent: {purpose: permanent_move, target: /new}}
  - {id: same, match: {path_prefix: /same}, intent: {purpose: temporary_move, target: "/{rest}"}}
)";

std::string Text(const v1::HitUsage& hits) {
  return hits.name() + " " + v1::Outcome_Name(hits.outcome()).substr(8) + " " +
         std::to_string(hits.hits()) + " " + std::to_string(hits.last().seconds()) + " " +
         std::to_string(hits.last_status());
}

std::vector<std::string> Texts(const google::protobuf::RepeatedPtrField<v1::HitUsage>& list) {
  std::vector<std::string> texts;
  for (const v1::HitUsage& hits : list) texts.push_back(Text(hits));
  return texts;
}

TEST(EngineUsage, IsWhatWasAnsweredSinceTheLastTake) {
  const Policy policy(kYaml);
  EXPECT_EQ(Take(policy.get()).octets, "") << "nothing was answered";
  for (const char* path : {"/old/tea", "/old", "/same//a", "/none"}) {
    Ask(policy, Get(std::string("https://h.example") + path));
  }
  Ask(policy, Get("http://h.example/old"));
  v1::DecideRequest named = Get("https://h.example/form", kNow + 5);
  named.mutable_request()->set_method("POST");
  named.set_intent_name("done");
  EXPECT_EQ(policy.Decide(named.SerializeAsString()).status, FINGERPOST_OK);
  v1::DecideRequest own = Get("https://h.example/");
  own.clear_now();
  own.mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  EXPECT_EQ(policy.Decide(own.SerializeAsString()).status, FINGERPOST_OK);
  // Errors are not counted.
  named.set_intent_name("unknown");
  EXPECT_EQ(policy.Decide(named.SerializeAsString()).status, FINGERPOST_ERROR);
  EXPECT_EQ(policy.Decide("\xff").status, FINGERPOST_ERROR);

  const v1::ReportUsageRequest report = Read(Take(policy.get()));
  EXPECT_EQ(report.policy_version(), fingerpost_policy_version(policy.get()));
  EXPECT_THAT(Texts(report.rules()), ::testing::ElementsAre("https REDIRECT 1 1767225600 308",
                                                            "old REDIRECT 2 1767225600 308",
                                                            "same REFUSE 1 1767225600 0"));
  EXPECT_THAT(Texts(report.shadow_rules()),
              ::testing::ElementsAre("soon RESPOND 2 1767225600 410"));
  EXPECT_THAT(Texts(report.intents()), ::testing::ElementsAre("done REDIRECT 1 1767225605 303"));
  EXPECT_EQ(report.misses(), 1);
  ASSERT_THAT(report.sampled_misses(), SizeIs(1));
  EXPECT_EQ(report.sampled_misses(0).url(), "https://h.example/none");
  EXPECT_EQ(Sum(report.decisions()), 7);
  EXPECT_EQ(report.decisions_size(), 6) << "old's two are of one kind";
  EXPECT_EQ(Take(policy.get()).octets, "") << "it is taken once";

  Ask(policy, Get("https://h.example/old", kNow + 9));
  EXPECT_THAT(Texts(Read(Take(policy.get())).rules()),
              ::testing::ElementsAre("old REDIRECT 1 1767225609 308"));
}

TEST(EngineUsage, OfFollowIsCountedForThePolicyThatIsNamed) {
  const Policy policy("{}");
  v1::FollowRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url("https://h.example/");
  question.mutable_response()->set_status(200);
  v1::BatchFollowRequest batch;
  *batch.add_requests() = question;
  question.mutable_response()->set_status(302);
  auto& location = *question.mutable_response()->add_headers();
  location.set_name("Location");
  location.set_value("/next");
  *batch.add_requests() = question;
  batch.add_requests();  // An error.
  for (const bool is_counted : {true, false}) {
    const fingerpost_policy* counted = is_counted ? policy.get() : nullptr;
    const std::string one = question.SerializeAsString();
    const std::string many = batch.SerializeAsString();
    EXPECT_EQ(Call([&](void* answer, size_t capacity, size_t* size) {
                return fingerpost_follow(counted, one.data(), one.size(), answer, capacity, size);
              }).status,
              FINGERPOST_OK);
    EXPECT_EQ(Call([&](void* answer, size_t capacity, size_t* size) {
                return fingerpost_batch_follow(counted, many.data(), many.size(), answer, capacity,
                                               size);
              }).status,
              FINGERPOST_OK);
  }
  const v1::ReportUsageRequest report = Read(Take(policy.get()));
  ASSERT_THAT(report.follows(), SizeIs(2));
  EXPECT_EQ(report.follows(0).stop(), v1::STOP_REASON_UNSPECIFIED);
  EXPECT_EQ(report.follows(0).hits(), 2);
  EXPECT_EQ(report.follows(1).stop(), v1::STOP_REASON_FINAL_RESPONSE);
  EXPECT_EQ(report.follows(1).hits(), 1);
}

// The question comes again.
TEST(EngineUsage, AnAnswerWithoutRoomIsNotCounted) {
  const Policy policy(kYaml);
  const std::string one = Get("https://h.example/old").SerializeAsString();
  v1::BatchDecideRequest batch;
  *batch.add_requests() = Get("https://h.example/old");
  *batch.add_requests() = Get("nonsense");
  *batch.add_requests() = Get("https://h.example/same//a");
  const std::string many = batch.SerializeAsString();
  size_t size = 0;
  EXPECT_EQ(fingerpost_decide(policy.get(), one.data(), one.size(), nullptr, 0, &size),
            FINGERPOST_TOO_SMALL);
  EXPECT_EQ(fingerpost_batch_decide(policy.get(), many.data(), many.size(), nullptr, 0, &size),
            FINGERPOST_TOO_SMALL);
  EXPECT_EQ(Take(policy.get()).octets, "");
  const auto ask = [&](void* answer, size_t capacity, size_t* octets) {
    return fingerpost_batch_decide(policy.get(), many.data(), many.size(), answer, capacity,
                                   octets);
  };
  EXPECT_EQ(Call(ask, 1).status, FINGERPOST_OK);
  const v1::ReportUsageRequest report = Read(Take(policy.get()));
  EXPECT_THAT(Texts(report.rules()), ::testing::ElementsAre("old REDIRECT 1 1767225600 308",
                                                            "same REFUSE 1 1767225600 0"));
  EXPECT_EQ(Sum(report.decisions()), 2) << "an error is no answer";
}

TEST(EngineUsage, WithoutRoomNothingIsTaken) {
  const Policy policy(kYaml);
  Ask(policy, Get("https://h.example/old"));
  Ask(policy, Get("https://h.example/none"));
  std::string room(size_t{1} << 16, '#');
  size_t size = 0;
  EXPECT_EQ(fingerpost_take_usage(policy.get(), nullptr, 0, &size), FINGERPOST_TOO_SMALL);
  size_t again = 0;
  EXPECT_EQ(fingerpost_take_usage(policy.get(), room.data(), size - 1, &again),
            FINGERPOST_TOO_SMALL);
  EXPECT_EQ(again, size);
  EXPECT_EQ(room, std::string(room.size(), '#'));
  EXPECT_EQ(fingerpost_take_usage(policy.get(), room.data(), size, &again), FINGERPOST_OK);
  v1::ReportUsageRequest report;
  ASSERT_TRUE(report.ParseFromArray(room.data(), static_cast<int>(again)));
  EXPECT_EQ(Sum(report.decisions()), 2);
  EXPECT_EQ(Sum(report.rules()), 1);
  EXPECT_EQ(report.misses(), 1);
  EXPECT_THAT(report.samples(), SizeIs(2));
  EXPECT_EQ(Take(policy.get()).octets, "");
}

TEST(EngineUsage, ACallerMayAppendItsAgent) {
  const Policy policy(kYaml);
  Ask(policy, Get("https://h.example/old"));
  v1::ReportUsageRequest agent;
  agent.set_agent("test/1");
  Result taken = Take(policy.get());
  taken.octets += agent.SerializeAsString();
  const v1::ReportUsageRequest report = Read(taken);
  EXPECT_EQ(report.agent(), "test/1");
  EXPECT_EQ(Sum(report.rules()), 1);
}

// Some answers, and nothing in them that nobody may read.
TEST(EngineUsage, HasSamplesWithoutSecrets) {
  const Policy policy(kYaml);
  v1::DecideRequest question = Get("https://u:secret@h.example/old/tea?token=secret#secret");
  auto& field = *question.mutable_request()->add_headers();
  field.set_name("Authorization");
  field.set_value("Bearer secret");
  (*question.mutable_parameters())["a"] = "secret";
  const std::string octets = question.SerializeAsString();
  for (int i = 0; i < 100; ++i) ASSERT_EQ(policy.Decide(octets).status, FINGERPOST_OK);
  for (int i = 0; i < 100; ++i) {
    Ask(policy, Get("https://h.example/same//a?secret"));
    Ask(policy, Get("https://h.example/none?secret"));
  }
  question.clear_parameters();
  question.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  question.mutable_intent()->set_target("/a?secret");
  const Result taken = Take(policy.get());
  EXPECT_THAT(taken.octets, Not(HasSubstr("secret")));
  const v1::ReportUsageRequest report = Read(taken);
  ASSERT_THAT(report.samples(), SizeIs(8)) << "four, and four of REFUSE";
  const v1::DecisionSample& sample = report.samples(0);
  EXPECT_EQ(sample.request().request().method(), "GET");
  EXPECT_EQ(sample.request().request().url(), "https://h.example/old/tea");
  EXPECT_THAT(sample.request().request().headers(), IsEmpty());
  EXPECT_EQ(sample.response().outcome(), v1::OUTCOME_REDIRECT);
  EXPECT_EQ(sample.response().status(), 308);
  EXPECT_EQ(sample.response().reason().code(), v1::REASON_CODE_PERMANENT_MOVE);
  EXPECT_EQ(sample.response().rule(), "old");
  EXPECT_THAT(sample.response().shadow_rules(), ::testing::ElementsAre("soon"));
  EXPECT_THAT(sample.response().headers(), IsEmpty());
  EXPECT_EQ(report.samples(7).response().outcome(), v1::OUTCOME_REFUSE);
  // The next report has its own.
  Ask(policy, question);
  const Result next = Take(policy.get());
  EXPECT_THAT(next.octets, Not(HasSubstr("secret")));
  ASSERT_THAT(Read(next).samples(), SizeIs(1));
  EXPECT_EQ(Read(next).samples(0).request().intent().purpose(), v1::PURPOSE_TEMPORARY_MOVE);
}

TEST(EngineUsage, ThreadsLoseNothingAndCountNothingTwice) {
  const Policy policy(kYaml);
  constexpr size_t kThreads = 8;
  constexpr size_t kEach = 2000;
  std::atomic<bool> over{false};
  std::vector<v1::ReportUsageRequest> sums(2);
  const auto take = [&](v1::ReportUsageRequest& sum) {
    std::string room(size_t{1} << 20, '\0');
    size_t size = 0;
    ASSERT_EQ(fingerpost_take_usage(policy.get(), room.data(), room.size(), &size), FINGERPOST_OK);
    v1::ReportUsageRequest report;
    ASSERT_TRUE(report.ParseFromArray(room.data(), static_cast<int>(size)));
    EXPECT_LE(report.samples_size(), 16);
    sum.set_misses(sum.misses() + report.misses());
    report.clear_misses();
    report.clear_samples();
    sum.MergeFrom(report);
  };
  std::vector<std::thread> takers;
  for (auto& sum : sums) {
    takers.emplace_back([&] {
      while (!over) take(sum);
    });
  }
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      const std::string old = Get("https://h.example/old").SerializeAsString();
      const std::string none = Get("https://h.example/none").SerializeAsString();
      const std::string same = Get("https://h.example/same//a").SerializeAsString();
      for (size_t i = 0; i < kEach; ++i) {
        for (const std::string* question : {&old, &none, &same})
          ASSERT_EQ(policy.Decide(*question).status, FINGERPOST_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  over = true;
  for (std::thread& taker : takers) taker.join();
  v1::ReportUsageRequest& sum = sums.front();
  take(sum);
  sum.set_misses(sum.misses() + sums.back().misses());
  sums.back().clear_misses();
  sum.MergeFrom(sums.back());
  constexpr uint64_t kOfEach = kThreads * kEach;
  EXPECT_EQ(Sum(sum.rules()), 2 * kOfEach);
  EXPECT_EQ(Sum(sum.shadow_rules()), kOfEach);
  EXPECT_EQ(sum.misses(), kOfEach);
  EXPECT_EQ(Sum(sum.decisions()), 3 * kOfEach);
  EXPECT_EQ(Take(policy.get()).octets, "");
}

}  // namespace
}  // namespace fingerpost::engine::testing
