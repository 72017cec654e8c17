#include "policy/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/default_policy.h"

namespace fingerpost {
namespace {

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
  ASSERT_TRUE(Decide(*DefaultPolicy(), Get("https://shop.example.com/"), out, error));
  EXPECT_EQ(out.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(out.reason().code(), v1::REASON_CODE_NO_MATCH);
  EXPECT_EQ(out.policy_version(), DefaultPolicy()->version);
  EXPECT_EQ(out.rule(), "");
  EXPECT_EQ(out.headers_size(), 0);
}

// It spells out what holds without it.
TEST(Resolve, TheDefaultPolicyChangesNothing) {
  v1::DecideRequest request = Get("http://shop.example.com/a");
  Reporter reporter;
  const auto empty = Compile(v1::Policy(), reporter);
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
      ASSERT_TRUE(Decide(*DefaultPolicy(), request, with, error)) << error.DebugString();
      ASSERT_TRUE(Decide(*empty, request, without, error)) << error.DebugString();
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
  EXPECT_FALSE(Decide(*DefaultPolicy(), request, out, error));
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  ASSERT_EQ(error.violations_size(), 2);
  EXPECT_EQ(error.violations(0).field(), "request.method");
  EXPECT_EQ(error.violations(1).field(), "request.url");
}

TEST(Resolve, MatchingNeedsAnHttpUrl) {
  for (const char* url : {"/orders", "ftp://example.com/", "https://", "https://a b/"}) {
    v1::DecideResponse out;
    v1::Error error;
    EXPECT_FALSE(Decide(*DefaultPolicy(), Get(url), out, error)) << url;
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
  Reporter reporter;
  EXPECT_FALSE(Decide(*Compile(policy, reporter), request, out, error));
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
  EXPECT_FALSE(Decide(*DefaultPolicy(), request, out, error));
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  ASSERT_EQ(error.violations_size(), 1);
  EXPECT_EQ(error.violations(0).field(), "intent.trust");
}

}  // namespace
}  // namespace fingerpost
