#include "policy/compiled/rule.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <array>

#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::compiled {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// One rule, and the result of checking it against a request.
class OneRule {
 public:
  explicit OneRule(const std::string& match) {
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(match, policy_.add_rules()->mutable_match()));
    policy_.mutable_rules(0)->set_id("r");
    policy_.mutable_rules(0)->mutable_intent()->set_purpose(v1::PURPOSE_GONE);
    snapshot_ = Compile(policy_, faults_);
    for (const auto& fault : faults_.list()) ADD_FAILURE() << message::ToString(fault);
  }

  // "" if everything holds.
  std::string Failing(const std::string& request_text) {
    v1::DecideRequest request;
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(request_text, request.mutable_request()));
    if (request.request().url().empty()) request.mutable_request()->set_url("https://h.example/");
    message::Faults faults;
    const http::Request read = http::ReadRequest(request.request(), {}, faults);
    decide::LookedAt all;
    const Unmet unmet =
        Check(snapshot_->rules.rules().front(), Subject(request, read, snapshot_->hosts), all);
    looked_at.assign(all.fields.begin(), all.fields.end());
    return unmet.member == nullptr ? "" : unmet.member;
  }

  std::vector<std::string> looked_at;

 private:
  v1::Policy policy_;
  message::Faults faults_{message::Faults::kMostOfDocument};
  std::shared_ptr<Snapshot> snapshot_;
};

TEST(Conditions, GetStandsForHead) {
  OneRule rule(R"(methods: "GET" methods: "PUT")");
  EXPECT_EQ(rule.Failing(R"(method: "GET")"), "");
  EXPECT_EQ(rule.Failing(R"(method: "HEAD")"), "");
  EXPECT_EQ(rule.Failing(R"(method: "PUT")"), "");
  EXPECT_EQ(rule.Failing(R"(method: "POST")"), "methods");
  EXPECT_EQ(rule.Failing(R"(method: "get")"), "methods") << "RFC 9110 §9.1: case-sensitive";
}

TEST(Conditions, QueryIsDecoded) {
  OneRule rule(R"(query { name: "q" equals: "a b&" } query { name: "x" })");
  EXPECT_EQ(rule.Failing(R"(url: "https://h.example/?x&q=a+b%26")"), "");
  EXPECT_EQ(rule.Failing(R"(url: "https://h.example/?x=&q=a%20b%26&q=2")"), "");
  EXPECT_EQ(rule.Failing(R"(url: "https://h.example/?x&q=a")"), "query");
  EXPECT_EQ(rule.Failing(R"(url: "https://h.example/?q=a+b%26")"), "query");
  EXPECT_EQ(rule.Failing(R"(url: "https://h.example/")"), "query");
  EXPECT_THAT(rule.looked_at, IsEmpty()) << "the query is a part of the cache key";
}

TEST(Conditions, FieldsAreRememberedForVary) {
  OneRule rule(
      R"(fields { name: "Accept-Language" prefix: "de" } fields { name: "X-Beta" regex: "on|yes" })");
  EXPECT_EQ(
      rule.Failing(
          R"(headers { name: "accept-language" value: "de-AT" } headers { name: "x-beta" value: "yes" })"),
      "");
  EXPECT_THAT(rule.looked_at, ElementsAre("Accept-Language", "X-Beta"));
  EXPECT_EQ(
      rule.Failing(
          R"(headers { name: "accept-language" value: "en" } headers { name: "x-beta" value: "yes" })"),
      "fields");
  EXPECT_THAT(rule.looked_at, ElementsAre("Accept-Language")) << "only what was read";
  EXPECT_EQ(
      rule.Failing(
          R"(headers { name: "accept-language" value: "de" } headers { name: "x-beta" value: "yes!" })"),
      "fields");
}

TEST(Conditions, AbsenceIsACondition) {
  OneRule rule(R"(cookies { name: "seen" present: false })");
  EXPECT_EQ(rule.Failing(""), "");
  EXPECT_THAT(rule.looked_at, ElementsAre("Cookie"));
  EXPECT_EQ(rule.Failing(R"(headers { name: "Cookie" value: "a=b; seen=1" })"), "cookies");
}

TEST(Conditions, AMethodThatDoesNotHoldReadsNothingElse) {
  OneRule rule(R"(methods: "GET" fields { name: "X-Beta" })");
  EXPECT_EQ(rule.Failing(R"(method: "POST" headers { name: "X-Beta" value: "1" })"), "methods");
  EXPECT_THAT(rule.looked_at, IsEmpty());
}

TEST(Share, IsTheDocumentedHash) {
  struct Vector {
    std::string_view rule, key;
    uint32_t bucket;
  };
  // Computed by an independent implementation of XXH64: a release must not move clients.
  constexpr std::array<Vector, 4> kVectors = {{
      {"webhook-b", "acme-1", 330895},
      {"webhook-b", "acme-2", 164029},
      {"r", "", 945009},
      {"new-checkout", "a-session-id-that-is-longer-than-32-octets", 641380},
  }};
  for (const Vector& vector : kVectors) {
    EXPECT_FALSE(IsInShare(vector.rule, vector.key, vector.bucket)) << vector.key;
    EXPECT_TRUE(IsInShare(vector.rule, vector.key, vector.bucket + 1)) << vector.key;
  }
}

TEST(Share, IsAsLargeAsItSays) {
  for (const uint32_t threshold : {0U, 1U, 250'000U, 500'000U, 999'999U, 1'000'000U}) {
    int in = 0;
    for (int i = 0; i < 20'000; ++i) {
      in += IsInShare("rule", "client-" + std::to_string(i), threshold) ? 1 : 0;
    }
    EXPECT_NEAR(in, 20'000.0 * threshold / 1e6, 300) << threshold;
  }
}

TEST(Share, RaisingItTakesNobodyOut) {
  for (int i = 0; i < 2'000; ++i) {
    const std::string key = std::to_string(i);
    if (IsInShare("rule", key, 100'000)) {
      EXPECT_TRUE(IsInShare("rule", key, 100'001)) << key;
    }
  }
}

TEST(Share, WithoutTheFieldTheKeyIsEmpty) {
  OneRule rule(R"(share { percent: 100 sticky_key { cookie: "session" } })");
  EXPECT_EQ(rule.Failing(""), "");
  EXPECT_THAT(rule.looked_at, ElementsAre("Cookie"));
}

}  // namespace
}  // namespace fingerpost::policy::compiled
