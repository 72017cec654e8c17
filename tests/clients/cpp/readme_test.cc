// The block of client/cpp/README.md about tests of one's own.
#include "fingerpost/client.h"
#include "fingerpost/testing.h"
#include "gtest/gtest.h"

namespace {

TEST(Readme, Order) {
  auto golden = std::make_shared<fingerpost::testing::GoldenRows>();
  const fingerpost::Client client(golden);

  fingerpost::v1::DecideRequest question;
  question.mutable_request()->set_method("POST");
  question.mutable_intent()->set_purpose(fingerpost::v1::PURPOSE_FORM_RESULT);
  question.mutable_intent()->set_target("/orders/1");

  fingerpost::Decision decision;
  fingerpost::v1::Error error;
  ASSERT_TRUE(client.Decide(question, decision, error)) << error.message();
  EXPECT_EQ(decision.response.status(), 303);
  EXPECT_EQ(golden->decide_questions().size(), 1);
}

}  // namespace
