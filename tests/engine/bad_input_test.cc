// Whatever a caller gives: an error, and no crash.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "engine/library.h"
#include "fingerpost/v1/policy.pb.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "policy/resolve/resolve.h"
#include "version.h"

namespace fingerpost::engine::testing {
namespace {

using ::testing::HasSubstr;

v1::DecideRequest Question() {
  v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_request()->set_url("https://shop.example/orders");
  question.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/orders/7");
  return question;
}

// A policy with a rule, a named intent and its parameter.
v1::Policy Small() {
  v1::Policy policy;
  v1::Rule& rule = *policy.add_rules();
  rule.set_id("tea");
  rule.mutable_match()->set_path("/tea");
  rule.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  rule.mutable_intent()->set_target("/teas");
  v1::NamedIntent& named = (*policy.mutable_intents())["order"];
  named.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  named.mutable_intent()->set_target("/orders/{id}");
  (*named.mutable_parameters())["id"].set_type(v1::PARAMETER_TYPE_INTEGER);
  return policy;
}

void ExpectRefused(const Result& result, v1::ErrorReason reason, const std::string& field,
                   const std::string& sentence) {
  EXPECT_EQ(result.status, FINGERPOST_ERROR);
  const v1::Error error = result.error();
  EXPECT_EQ(error.reason(), reason) << error.message();
  ASSERT_GT(error.violations_size(), 0) << error.message();
  EXPECT_EQ(error.violations(0).field(), field);
  EXPECT_THAT(error.message(), HasSubstr(sentence));
}

Result Open(const v1::Policy& policy) { return Policy(policy.SerializeAsString(), "v1").opened(); }

TEST(EngineBuffer, IsAskedForAsMuchAsTheAnswerTakes) {
  const Policy policy("{}");
  const std::string question = Question().SerializeAsString();
  size_t size = 0;
  EXPECT_EQ(fingerpost_decide(policy.get(), question.data(), question.size(), nullptr, 0, &size),
            FINGERPOST_TOO_SMALL);
  ASSERT_GT(size, 0);
  std::string answer(size + 1, '#');
  size_t again = 0;
  EXPECT_EQ(fingerpost_decide(policy.get(), question.data(), question.size(), answer.data(),
                              size - 1, &again),
            FINGERPOST_TOO_SMALL);
  EXPECT_EQ(again, size);
  EXPECT_EQ(answer, std::string(size + 1, '#')) << "nothing is written";
  EXPECT_EQ(fingerpost_decide(policy.get(), question.data(), question.size(), answer.data(), size,
                              &again),
            FINGERPOST_OK);
  EXPECT_EQ(answer.back(), '#') << "nothing is written beyond it";
}

TEST(EngineBuffer, ThatIsNoneIsMisuse) {
  const Policy policy("{}");
  char answer[8];
  size_t size = 7;
  fingerpost_policy* opened = nullptr;
  EXPECT_EQ(fingerpost_decide(policy.get(), nullptr, 0, answer, sizeof answer, nullptr),
            FINGERPOST_MISUSE);
  EXPECT_EQ(fingerpost_decide(policy.get(), nullptr, 0, nullptr, 8, &size), FINGERPOST_MISUSE);
  EXPECT_EQ(fingerpost_follow(nullptr, nullptr, 0, nullptr, 8, &size), FINGERPOST_MISUSE);
  EXPECT_EQ(fingerpost_take_usage(policy.get(), nullptr, 8, &size), FINGERPOST_MISUSE);
  EXPECT_EQ(fingerpost_take_usage(policy.get(), answer, 8, nullptr), FINGERPOST_MISUSE);
  EXPECT_EQ(fingerpost_open(nullptr, 0, nullptr, &opened, nullptr, 8, &size), FINGERPOST_MISUSE);
  EXPECT_EQ(fingerpost_open_text("{}", 2, &opened, answer, 8, nullptr), FINGERPOST_MISUSE);
  EXPECT_EQ(size, 7);
  EXPECT_EQ(opened, nullptr);
}

TEST(EngineQuestion, ThatIsNoMessageIsAnError) {
  const Policy policy("{}");
  const std::string good = Question().SerializeAsString();
  for (const std::string& bad :
       {std::string("\xff"), std::string("\x0a\x7fx"), good.substr(0, good.size() - 1)}) {
    ExpectRefused(policy.Decide(bad), v1::ERROR_REASON_INVALID_FIELDS, "question",
                  "fingerpost.v1.DecideRequest");
  }
  char answer[512];
  size_t size = 0;
  const auto written = [&](int status) { return Result{status, std::string(answer, size)}; };
  ExpectRefused(written(fingerpost_follow(nullptr, "\xff", 1, answer, sizeof answer, &size)),
                v1::ERROR_REASON_INVALID_FIELDS, "question", "fingerpost.v1.FollowRequest");
  ExpectRefused(
      written(fingerpost_batch_decide(policy.get(), "\xff", 1, answer, sizeof answer, &size)),
      v1::ERROR_REASON_INVALID_FIELDS, "question", "fingerpost.v1.BatchDecideRequest");
  ExpectRefused(
      written(fingerpost_batch_follow(policy.get(), "\xff", 1, answer, sizeof answer, &size)),
      v1::ERROR_REASON_INVALID_FIELDS, "question", "fingerpost.v1.BatchFollowRequest");
  // Neither NULL nor more than protobuf can take is read.
  ExpectRefused(written(fingerpost_decide(policy.get(), nullptr, 5, answer, sizeof answer, &size)),
                v1::ERROR_REASON_INVALID_FIELDS, "question", "expected");
  ExpectRefused(written(fingerpost_decide(policy.get(), answer, std::numeric_limits<size_t>::max(),
                                          answer, sizeof answer, &size)),
                v1::ERROR_REASON_INVALID_FIELDS, "question", "expected");
  ExpectRefused(
      written(fingerpost_decide(nullptr, good.data(), good.size(), answer, sizeof answer, &size)),
      v1::ERROR_REASON_INVALID_FIELDS, "policy", "NULL");
  ExpectRefused(written(fingerpost_batch_decide(nullptr, nullptr, 0, answer, sizeof answer, &size)),
                v1::ERROR_REASON_INVALID_FIELDS, "policy", "NULL");
  ExpectRefused(written(fingerpost_take_usage(nullptr, answer, sizeof answer, &size)),
                v1::ERROR_REASON_INVALID_FIELDS, "policy", "NULL");
}

TEST(EngineQuestion, WithoutTheTimeOrTheDrawThatItNeedsIsTheCoresError) {
  const Policy policy("{}");
  v1::DecideRequest question = Question();
  question.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  question.mutable_intent()->mutable_window()->mutable_from()->set_seconds(1);
  ExpectRefused(policy.Decide(question.SerializeAsString()), v1::ERROR_REASON_INVALID_FIELDS, "now",
                "required");

  question = Question();
  for (const char* target : {"/a", "/b"}) {
    auto& weighted = *question.mutable_intent()->add_weighted_targets();
    weighted.set_target(target);
    weighted.set_weight(1);
  }
  question.mutable_intent()->mutable_sticky_key()->set_cookie("group");
  question.mutable_intent()->mutable_sticky_key()->mutable_assign()->mutable_max_age()->set_seconds(
      60);
  question.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  question.mutable_intent()->clear_target();
  ExpectRefused(policy.Decide(question.SerializeAsString()), v1::ERROR_REASON_INVALID_FIELDS,
                "draw", "");
}

TEST(EngineOctets, ThatAreNoPolicyAreAnError) {
  const std::string good = Small().SerializeAsString();
  ExpectRefused(Policy("\xff", "v1").opened(), v1::ERROR_REASON_INVALID_FIELDS, "octets",
                "fingerpost.v1.Policy");
  ExpectRefused(Policy(good, "").opened(), v1::ERROR_REASON_INVALID_FIELDS, "version", "NULL");
  ExpectRefused(Policy(good, "a b").opened(), v1::ERROR_REASON_INVALID_FIELDS, "version", "64");
  ExpectRefused(Policy(good, std::string(65, 'v').c_str()).opened(),
                v1::ERROR_REASON_INVALID_FIELDS, "version", "64");
  EXPECT_EQ(Policy(good, std::string(64, 'v').c_str()).opened().status, FINGERPOST_OK);
  // Any beginning of it, and any changed octet, opens or is an error.
  for (size_t i = 0; i < good.size(); ++i) {
    const Policy cut(good.substr(0, i), "v1");
    EXPECT_EQ(cut.opened().status == FINGERPOST_OK, cut.get() != nullptr);
    for (const char octet : {'\0', '\x7f', '\xff'}) {
      std::string changed = good;
      changed[i] = octet;
      const Policy other(changed, "v1");
      EXPECT_EQ(other.opened().status == FINGERPOST_OK, other.get() != nullptr);
    }
  }
  char error[512];
  size_t size = 0;
  const int status = fingerpost_open(good.data(), good.size(), "v1", nullptr, error, 512, &size);
  ExpectRefused({status, std::string(error, size)}, v1::ERROR_REASON_INVALID_FIELDS, "policy",
                "NULL");
  fingerpost_policy* policy = nullptr;
  EXPECT_EQ(fingerpost_open(nullptr, 3, "v1", &policy, error, 512, &size), FINGERPOST_ERROR);
}

TEST(EngineOctets, OfANewerServiceAreRefused) {
  const auto add_field = [](google::protobuf::Message& to) {
    to.GetReflection()->MutableUnknownFields(&to)->AddVarint(4242, 1);
  };
  const auto expect_refused = [](const v1::Policy& policy, const std::string& where) {
    const Result result = Open(policy);
    ExpectRefused(result, v1::ERROR_REASON_NOT_IMPLEMENTED, where,
                  std::string("Fingerpost ") + kVersion + " does not know; update the engine");
    EXPECT_EQ(result.error().code(), "UNIMPLEMENTED");
  };
  ASSERT_EQ(Open(Small()).status, FINGERPOST_OK);
  v1::Policy policy = Small();
  add_field(policy);
  expect_refused(policy, "");
  policy = Small();
  add_field(*policy.mutable_rules(0)->mutable_match());
  expect_refused(policy, "rules[0].match");
  policy = Small();
  add_field((*(*policy.mutable_intents())["order"].mutable_parameters())["id"]);
  expect_refused(policy, "intents.order.parameters.id");
  // A value of an enum.
  policy = Small();
  policy.mutable_rules(0)->mutable_intent()->set_purpose(static_cast<v1::Purpose>(4242));
  expect_refused(policy, "rules[0].intent.purpose");
}

TEST(EngineOctets, ThatWereHandedOutAreChecked) {
  v1::Policy policy = Small();
  v1::MapFile& map = *policy.add_maps();
  map.set_name("old");
  map.set_file("old.csv");
  (*policy.mutable_handed_out()->mutable_rows())["old"] = "/a,/b\n/c\n/d,/e,299";
  const Result rows = Open(policy);
  ExpectRefused(rows, v1::ERROR_REASON_INVALID_FIELDS, "", "old.csv:2:1: has no target");
  EXPECT_EQ(rows.error().violations_size(), 2);
  EXPECT_THAT(rows.error().violations(1).description(),
              HasSubstr("old.csv:3:1: ends without a line end"));

  policy = Small();
  policy.mutable_handed_out()->set_version("a b");
  ExpectRefused(Policy(policy.SerializeAsString(), nullptr).opened(),
                v1::ERROR_REASON_INVALID_FIELDS, "handed_out.version", "visible ASCII");
  policy.mutable_handed_out()->set_version("v7");
  policy.mutable_handed_out()->mutable_selector()->add_hosts("shop.example/a");
  ExpectRefused(Open(policy), v1::ERROR_REASON_INVALID_FIELDS, "handed_out.selector.hosts[0]",
                "is not a host");
  policy.mutable_handed_out()
      ->GetReflection()
      ->MutableUnknownFields(policy.mutable_handed_out())
      ->AddVarint(4242, 1);
  ExpectRefused(Open(policy), v1::ERROR_REASON_NOT_IMPLEMENTED, "handed_out", "ask the service");
}

TEST(EnginePolicy, ThatIsWrongHasEveryProblemWithItsPlace) {
  v1::Policy policy = Small();
  policy.mutable_rules(0)->mutable_match()->set_path("tea");
  *policy.add_rules() = policy.rules(0);
  const Result of_octets = Open(policy);
  EXPECT_GE(of_octets.error().violations_size(), 2) << of_octets.error().message();
  ExpectRefused(of_octets, v1::ERROR_REASON_INVALID_FIELDS, "rules[0].match.path", "");

  const Result of_text =
      Policy("rules:\n  - {id: tea, match: {pth: /tea}, intent: {purpose: gone}}").opened();
  ExpectRefused(of_text, v1::ERROR_REASON_INVALID_FIELDS, "rules[0].match.pth",
                "policy:2:23: unknown field; did you mean path?");
  for (const char* text : {"", "[", "\xff", "a: &x 1", "42", "rules: {}", "maps: [{name: a}]"}) {
    EXPECT_EQ(Policy(text).opened().status, FINGERPOST_ERROR) << text;
  }
}

TEST(EngineFile, ThatIsNotThereIsAnError) {
  fingerpost_policy* policy = nullptr;
  const auto open = [&](const char* path) {
    return Call([&](void* error, size_t capacity, size_t* size) {
      return fingerpost_open_file(path, &policy, error, capacity, size);
    });
  };
  EXPECT_THAT(open("nowhere/policy.yaml").error().message(), HasSubstr("nowhere/policy.yaml"));
  ExpectRefused(open(nullptr), v1::ERROR_REASON_INVALID_FIELDS, "path", "NULL");
  EXPECT_EQ(policy, nullptr);
}

TEST(EngineHandle, MayBeNull) {
  fingerpost_close(nullptr);
  EXPECT_EQ(fingerpost_policy_version(nullptr), nullptr);
  EXPECT_EQ(fingerpost_abi(), FINGERPOST_ABI);
  EXPECT_STREQ(fingerpost_version(), kVersion);
}

}  // namespace
}  // namespace fingerpost::engine::testing
