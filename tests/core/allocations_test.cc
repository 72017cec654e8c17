// An answer allocates what its message and the URL parses need, and hardly more.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "core/follow/follow.h"
#include "core/http/url.h"
#include "policy/resolve/resolve.h"
#include "rpc/failing_memory.h"

namespace fingerpost {
namespace {

// Allocations of `work`.
template <typename Work>
int Count(Work work) {
  constexpr int kMost = 1'000'000;
  failing_memory::to_go = kMost;
  failing_memory::is_here = true;
  work();
  failing_memory::is_here = false;
  return kMost - failing_memory::to_go.exchange(0);
}

template <typename Message>
Message FromText(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

struct Asked {
  const char* name;
  const char* text;

  friend void PrintTo(const Asked& asked, std::ostream* out) { *out << asked.name; }
};

class DecideAllocations : public ::testing::TestWithParam<Asked> {};

// The answer's message has been used before, as the service does.
TEST_P(DecideAllocations, AreThoseOfTheUrlParses) {
  const auto question = FromText<v1::DecideRequest>(GetParam().text);
  policy::compiled::Snapshot snapshot;
  snapshot.version = "b2a1f0c4";
  v1::DecideResponse answer;
  const auto decide = [&] { ASSERT_TRUE(policy::resolve::Decide(snapshot, question, answer)); };
  decide();
  decide();
  const int parses = Count([&] {
    const auto base = ada::parse<http::Url>(question.request().url());
    const auto target = ada::parse<http::Url>(question.intent().target(), &*base);
    ASSERT_TRUE(target);
  });
  // One more where the host of the target is compared.
  EXPECT_LE(Count(decide), parses + 1);
}

INSTANTIATE_TEST_SUITE_P(
    Questions, DecideAllocations,
    ::testing::Values(
        Asked{"FormResult",
              "request { method: 'POST' url: 'https://shop.example.com/orders' } "
              "intent { purpose: PURPOSE_FORM_RESULT target: '/orders/7829/confirmation' }"},
        Asked{"TemporaryMove",
              "request { method: 'GET' url: 'https://api.example.com/v1/users/7829?fields=name' "
              "  headers { name: 'Sec-Fetch-Mode' value: 'navigate' } "
              "  headers { name: 'Accept' value: 'text/html,application/xhtml+xml,*/*;q=0.8' } } "
              "intent { purpose: PURPOSE_TEMPORARY_MOVE "
              "         target: 'https://api.example.com/v2/users/7829' }"},
        Asked{"ResourceCreated",
              "request { method: 'POST' url: 'https://api.example.com/v1/users' "
              "  headers { name: 'content-type' value: 'application/json' } } "
              "intent { purpose: PURPOSE_RESOURCE_CREATED target: '/v1/users/7829' }"},
        Asked{"Refused",
              "request { method: 'POST' url: 'https://shop.example.com/login' } "
              "intent { purpose: PURPOSE_FORM_RESULT target: 'https://evil.example.net/x' "
              "         allowed_hosts: '.example.com' }"}),
    [](const auto& row) { return std::string(row.param.name); });

class FollowAllocations : public ::testing::TestWithParam<Asked> {};

// A copy of the answer allocates what the message needs.
TEST_P(FollowAllocations, AreFewBesideTheAnswer) {
  const auto question = FromText<v1::FollowRequest>(GetParam().text);
  const auto follow = [&question](v1::FollowResponse& answer) {
    ASSERT_TRUE(follow::Follow(question, answer));
  };
  v1::FollowResponse answer;
  follow(answer);
  const int own = Count([&answer] {
    v1::FollowResponse copy;
    copy.CopyFrom(answer);
  });
  const int all = Count([&follow] {
    v1::FollowResponse fresh;
    follow(fresh);
  });
  EXPECT_GT(own, 0);
  EXPECT_LE(all - own, 9) << all << " in all";
}

INSTANTIATE_TEST_SUITE_P(
    Questions, FollowAllocations,
    ::testing::Values(
        Asked{"Bare",
              "request { method: 'GET' url: 'https://shop.example.com/orders/7829' } "
              "response { status: 302 headers { name: 'Location' value: '/orders/7829/done' } }"},
        Asked{
            "PostThatBecomesGet",
            "request { method: 'POST' url: 'https://shop.example.com/orders' body: BODY_REPLAYABLE "
            "  headers { name: 'Authorization' value: 'Bearer 0123456789abcdef0123456789abcdef' }"
            "  headers { name: 'Content-Type' value: 'application/x-www-form-urlencoded' } "
            "  headers { name: 'Content-Length' value: '27' } } "
            "response { status: 303 headers { name: 'Location' value: '/orders/7829/done' } }"},
        Asked{"OtherOriginWithCookie",
              "request { method: 'GET' url: 'https://login.example.com/session' "
              "  headers { name: 'Authorization' value: 'Bearer 0123456789abcdef0123456789abcdef' "
              "} } response { status: 302 "
              "  headers { name: 'Location' value: 'https://shop.example.com/' } "
              "  headers { name: 'Set-Cookie' value: 'sid=abc; Domain=example.com; Secure' } }"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace fingerpost
