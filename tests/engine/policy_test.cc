// The ways to open a policy: text, octets and files give the same answers.
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "directories.h"
#include "engine/library.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/document/document.h"
#include "policy/document/file.h"
#include "policy/load/loader.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::engine::testing {
namespace {

std::string Example(const std::string& name) {
  const auto text = policy::document::ReadFile(
      FINGERPOST_TESTS_DIR "/../service/policy/examples/" + name, policy::document::kMaxDocument);
  EXPECT_TRUE(text) << name;
  return text.value_or("");
}

// What the author of an example asks.
std::vector<v1::DecideRequest> Questions(const std::string& name) {
  v1::PolicyTestTable table;
  message::FaultList faults;
  const policy::document::Document document(Example(name + ".tests.yaml"), name, table, faults);
  EXPECT_FALSE(message::HasErrors(faults));
  std::vector<v1::DecideRequest> questions;
  for (const v1::PolicyTest& test : table.tests()) {
    questions.push_back(test.ask());
    v1::DecideRequest& question = questions.back();
    if (!question.has_now()) question.mutable_now()->set_seconds(1'767'225'600);
    if (!question.has_draw()) question.set_draw(0);
  }
  EXPECT_FALSE(questions.empty());
  return questions;
}

class OfExample : public ::testing::TestWithParam<const char*> {};

TEST_P(OfExample, TextAndOctetsAnswerAsTheCore) {
  const std::string name = GetParam();
  const std::string yaml = Example(name + ".yaml");
  const auto core = policy::load::FromText(yaml, name).snapshot;
  ASSERT_NE(core, nullptr);
  const Policy of_text(yaml);
  const Policy of_octets(*core->handed_out->Octets(), core->version.c_str());
  ASSERT_EQ(of_text.opened().status, FINGERPOST_OK) << of_text.opened().error().message();
  ASSERT_EQ(of_octets.opened().status, FINGERPOST_OK) << of_octets.opened().error().message();
  EXPECT_EQ(of_text.opened().octets, "");
  EXPECT_EQ(fingerpost_policy_version(of_text.get()), core->version);
  EXPECT_EQ(fingerpost_policy_version(of_octets.get()), core->version);
  for (v1::DecideRequest question : Questions(name)) {
    for (const bool explain : {false, true}) {
      question.set_explain(explain);
      v1::DecideResponse answer;
      const auto done = policy::resolve::Decide(*core, question, answer);
      const std::string expected =
          done ? answer.SerializeAsString() : done.error().SerializeAsString();
      EXPECT_EQ(of_text.Decide(question.SerializeAsString()).octets, expected);
      EXPECT_EQ(of_octets.Decide(question.SerializeAsString()).octets, expected);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Engine, OfExample, ::testing::Values("shop", "gateway", "sso"),
                         [](const auto& info) { return std::string(info.param); });

// Its map lies beside it.
TEST(EngineFile, ReadsItsMaps) {
  const std::string path = FINGERPOST_TESTS_DIR "/../service/policy/examples/migration.yaml";
  const auto core = policy::load::FromFile(path).snapshot;
  ASSERT_NE(core, nullptr);
  fingerpost_policy* policy = nullptr;
  size_t size = 1;
  ASSERT_EQ(fingerpost_open_file(path.c_str(), &policy, nullptr, 0, &size), FINGERPOST_OK);
  EXPECT_EQ(size, 0);
  for (const v1::DecideRequest& question : Questions("migration")) {
    const std::string octets = question.SerializeAsString();
    const Result result = Call([&](void* answer, size_t capacity, size_t* length) {
      return fingerpost_decide(policy, octets.data(), octets.size(), answer, capacity, length);
    });
    v1::DecideResponse answer;
    ASSERT_TRUE(policy::resolve::Decide(*core, question, answer));
    EXPECT_EQ(result.octets, answer.SerializeAsString());
  }
  fingerpost_close(policy);
}

TEST(EngineOctets, HaveAVersionOfTheirOwnWithoutOne) {
  const Policy first("", nullptr);
  v1::Policy other;
  other.mutable_defaults()->set_flash_cookie("other");
  const Policy second(other.SerializeAsString(), nullptr);
  EXPECT_EQ(std::string(fingerpost_policy_version(first.get())).size(), 16);
  EXPECT_STRNE(fingerpost_policy_version(first.get()), fingerpost_policy_version(second.get()));
  EXPECT_STREQ(fingerpost_policy_version(Policy("", "v7").get()), "v7");
}

// A map of protobuf is walked in an order of chance.
TEST(EngineOctets, HaveTheirErrorsInOneOrder) {
  v1::Policy wrong;
  std::vector<std::string> expected;
  for (char name = 'a'; name <= 'z'; ++name) {
    (*wrong.mutable_intents())[std::string(1, name)];
    expected.push_back(std::string("intents.") + name);
  }
  const Policy policy(wrong.SerializeAsString(), nullptr);
  ASSERT_EQ(policy.opened().status, FINGERPOST_ERROR);
  const v1::Error error = policy.opened().error();
  std::vector<std::string> found;
  for (const auto& violation : error.violations()) {
    found.push_back(violation.field());
  }
  EXPECT_EQ(found, expected);
}

TEST(EngineThreads, AskOnePolicyAtOnce) {
  const Policy policy(Example("shop.yaml"));
  std::vector<std::string> questions;
  std::vector<std::string> answers;
  for (const v1::DecideRequest& question : Questions("shop")) {
    questions.push_back(question.SerializeAsString());
    answers.push_back(policy.Decide(questions.back()).octets);
  }
  constexpr size_t kThreads = 64;
  constexpr size_t kRounds = 100;
  std::vector<int> wrong(kThreads);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < t + kRounds; ++i) {
        const size_t n = i % questions.size();
        if (policy.Decide(questions[n]).octets != answers[n]) ++wrong[t];
        // Others open and close in between.
        if (i % 25 == 0 && Policy("rules: []").opened().status != FINGERPOST_OK) ++wrong[t];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(kThreads));
}

}  // namespace
}  // namespace fingerpost::engine::testing
