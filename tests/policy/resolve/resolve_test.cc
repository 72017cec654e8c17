#include "policy/resolve/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "core/follow/follow.h"
#include "done.h"
#include "policy/load/default_policy.h"
#include "policy/load/loader.h"

namespace fingerpost::policy::resolve {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::DecideRequest Get(const std::string& url) {
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url(url);
  return request;
}

TEST(Resolve, NothingMatchesTheDefaultPolicy) {
  v1::DecideResponse out;
  v1::Error error;
  ASSERT_TRUE(IsDone(Decide(*load::DefaultPolicy(), Get("https://shop.example.com/"), out), error));
  EXPECT_EQ(out.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(out.reason().code(), v1::REASON_CODE_NO_MATCH);
  EXPECT_EQ(out.policy_version(), load::DefaultPolicy()->version);
  EXPECT_EQ(out.rule(), "");
  EXPECT_EQ(out.headers_size(), 0);
}

// It only spells out the built-in defaults.
TEST(Resolve, TheDefaultPolicyChangesNothing) {
  v1::DecideRequest request = Get("http://shop.example.com/a");
  message::Faults faults(message::Faults::kMostOfDocument);
  const auto empty = compiled::Compile(v1::Policy(), faults);
  v1::Intent& intent = *request.mutable_intent();
  for (const v1::Purpose purpose :
       {v1::PURPOSE_PERMANENT_MOVE, v1::PURPOSE_TEMPORARY_MOVE, v1::PURPOSE_GONE,
        v1::PURPOSE_CANONICAL_URL, v1::PURPOSE_LOGIN_REQUIRED, v1::PURPOSE_FORM_RESULT}) {
    for (const char* target : {"/b", "https://evil.example/"}) {
      intent.set_purpose(purpose);
      intent.set_target(purpose == v1::PURPOSE_GONE ? "" : target);
      intent.clear_flash();
      if (purpose == v1::PURPOSE_FORM_RESULT) intent.mutable_flash()->set_text("Thanks");
      v1::DecideResponse with, without;
      v1::Error error;
      ASSERT_TRUE(IsDone(Decide(*load::DefaultPolicy(), request, with), error))
          << error.DebugString();
      ASSERT_TRUE(IsDone(Decide(*empty, request, without), error)) << error.DebugString();
      with.clear_policy_version();
      without.clear_policy_version();
      EXPECT_EQ(with.SerializeAsString(), without.SerializeAsString()) << with.DebugString();
    }
  }
}

TEST(Resolve, MatchingNeedsAUrl) {
  v1::DecideResponse out;
  v1::Error error;
  v1::DecideRequest request;
  EXPECT_FALSE(IsDone(Decide(*load::DefaultPolicy(), request, out), error));
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  ASSERT_EQ(error.violations_size(), 2);
  EXPECT_EQ(error.violations(0).field(), "request.method");
  EXPECT_EQ(error.violations(1).field(), "request.url");
}

TEST(Resolve, MatchingNeedsAnHttpUrl) {
  for (const char* url : {"/orders", "ftp://example.com/", "https://", "https://a b/"}) {
    v1::DecideResponse out;
    v1::Error error;
    EXPECT_FALSE(IsDone(Decide(*load::DefaultPolicy(), Get(url), out), error)) << url;
    ASSERT_EQ(error.violations_size(), 1) << url;
    EXPECT_EQ(error.violations(0).field(), "request.url");
  }
}

TEST(Resolve, UnknownIntentIsNotFoundAndNamesTheOnesThereAre) {
  v1::Policy policy;
  (*policy.mutable_intents())["order_placed"].mutable_intent()->set_purpose(
      v1::PURPOSE_FORM_RESULT);
  v1::DecideRequest request = Get("https://shop.example.com/");
  request.set_intent_name("order_plcaed");
  v1::DecideResponse out;
  v1::Error error;
  message::Faults faults(message::Faults::kMostOfDocument);
  EXPECT_FALSE(IsDone(Decide(*compiled::Compile(policy, faults), request, out), error));
  EXPECT_EQ(error.code(), "NOT_FOUND");
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_UNKNOWN_INTENT);
  EXPECT_THAT(error.message(), HasSubstr("order_placed"));
  ASSERT_EQ(error.violations_size(), 1);
  EXPECT_EQ(error.violations(0).field(), "intent_name");
}

TEST(Resolve, ARequestMayNotClaimThePolicysTrust) {
  v1::DecideRequest request = Get("https://shop.example.com/");
  request.mutable_intent()->set_purpose(v1::PURPOSE_PERMANENT_MOVE);
  request.mutable_intent()->set_target("https://elsewhere.example/");
  request.mutable_intent()->set_trust(v1::TRUST_POLICY);
  v1::DecideResponse out;
  v1::Error error;
  EXPECT_FALSE(IsDone(Decide(*load::DefaultPolicy(), request, out), error));
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  ASSERT_EQ(error.violations_size(), 1);
  EXPECT_EQ(error.violations(0).field(), "intent.trust");
}

// The same request, by each wish: an intent, a name, and none.
std::vector<v1::DecideRequest> ByEveryWish(const v1::DecideRequest& request) {
  std::vector<v1::DecideRequest> all(3, request);
  all[0].mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  all[1].set_intent_name("gone");
  return all;
}

std::vector<std::string> Faults(const compiled::Snapshot& policy,
                                const v1::DecideRequest& request) {
  v1::DecideResponse out;
  v1::Error error;
  if (IsDone(Decide(policy, request, out), error)) return {};
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  std::vector<std::string> faults;
  for (const auto& violation : error.violations()) {
    faults.push_back(violation.field() + ": " + violation.description());
  }
  return faults;
}

TEST(Resolve, ARequestHasTheSameFaultsWhateverTheWish) {
  v1::Policy source;
  (*source.mutable_intents())["gone"].mutable_intent()->set_purpose(v1::PURPOSE_GONE);
  message::Faults faults(message::Faults::kMostOfDocument);
  const auto policy = compiled::Compile(source, faults);
  using Spoil = void (*)(v1::DecideRequest&);
  for (const Spoil spoil : std::initializer_list<Spoil>{
           [](auto& r) { r.mutable_request()->set_url("https://h.example/a\tb"); },
           [](auto& r) { r.mutable_request()->set_url("https://h.example/a\n"); },
           [](auto& r) { r.mutable_request()->set_url("\x01https://h.example/"); },
           [](auto& r) { r.mutable_request()->set_url("https://\t/evil.example/"); },
           [](auto& r) { r.mutable_request()->set_url("https://h.example/\x7f"); },
           [](auto& r) { r.mutable_request()->set_url("//h.example/"); },
           [](auto& r) { r.mutable_request()->set_url("mailto:a@b"); },
           [](auto& r) { r.mutable_request()->set_url("https://h/" + std::string(70000, 'a')); },
           [](auto& r) { r.mutable_request()->set_url("https://h/" + std::string(30000, '"')); },
           [](auto& r) { r.mutable_request()->set_method("G T"); },
           [](auto& r) { r.mutable_request()->set_protocol(static_cast<v1::Protocol>(9)); },
           [](auto& r) { r.mutable_request()->set_body(static_cast<v1::Body>(9)); },
           [](auto& r) { r.mutable_request()->add_headers()->set_name("a b"); },
           [](auto& r) { r.mutable_now()->set_seconds(std::numeric_limits<int64_t>::min()); },
           [](auto& r) { r.mutable_now()->set_seconds(std::numeric_limits<int64_t>::max()); },
           [](auto& r) { r.mutable_now()->set_seconds(253402300800); },
           [](auto& r) { r.mutable_now()->set_seconds(-62135596801); },
           [](auto& r) { r.mutable_now()->set_nanos(-1); },
           [](auto& r) { r.mutable_now()->set_nanos(1000000000); }}) {
    v1::DecideRequest request = Get("https://h.example/");
    spoil(request);
    const std::vector<v1::DecideRequest> all = ByEveryWish(request);
    const std::vector<std::string> faults = Faults(*policy, all[0]);
    EXPECT_EQ(faults.size(), 1U) << request.DebugString();
    EXPECT_EQ(Faults(*policy, all[1]), faults);
    EXPECT_EQ(Faults(*policy, all[2]), faults);
    v1::DecideRequest unknown = request;
    unknown.set_intent_name("nobody");
    EXPECT_EQ(Faults(*policy, unknown), faults);

    v1::FollowRequest follow;
    *follow.mutable_request() = request.request();
    if (request.has_now()) *follow.mutable_now() = request.now();
    follow.mutable_response()->set_status(200);
    v1::FollowResponse out;
    v1::Error error;
    EXPECT_FALSE(IsDone(follow::Follow(follow, out), error));
    ASSERT_EQ(error.violations_size(), 1);
    EXPECT_EQ(error.violations(0).field() + ": " + error.violations(0).description(), faults[0]);
  }
}

TEST(Resolve, FaultsOfParametersComeWithThoseOfTheRequest) {
  const auto policy = load::FromText(
      "intents: {order: {intent: {purpose: form_result, target: \"/{id}\"}, "
      "parameters: {id: {type: integer}}}}",
      "p.yaml");
  v1::DecideRequest request = Get("https://h.example/\n");
  request.set_intent_name("order");
  (*request.mutable_parameters())["id"] = "x";
  EXPECT_THAT(Faults(*policy.snapshot, request),
              ElementsAre(HasSubstr("request.url: "), HasSubstr("parameters[\"id\"]: ")));
}

// Every valid instant, with windows at both ends of time.
TEST(Resolve, NoInstantOverflows) {
  const auto policy = load::FromText(
      "rules: [{id: a, match: {path: /}, intent: {purpose: campaign, target: /t, cache: {max_age: "
      "60s}, window: {from: \"0001-01-01T00:00:00Z\", until: \"9999-12-31T23:59:59Z\"}}}]",
      "p.yaml");
  ASSERT_NE(policy.snapshot, nullptr);
  for (const int64_t seconds :
       {int64_t{-62135596800}, int64_t{-1}, int64_t{0}, int64_t{253402300799}}) {
    v1::DecideRequest request = Get("https://h.example/");
    request.mutable_now()->set_seconds(seconds);
    request.mutable_now()->set_nanos(999999999);
    EXPECT_THAT(Faults(*policy.snapshot, request), ElementsAre());
  }
}

}  // namespace
}  // namespace fingerpost::policy::resolve
