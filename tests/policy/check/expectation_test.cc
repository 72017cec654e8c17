#include "policy/check/expectation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fingerpost::policy::check {
namespace {

using ::testing::HasSubstr;

Answered Redirect() {
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  response.set_rule("order");
  response.mutable_reason()->set_code(v1::REASON_CODE_FORM_RESULT);
  response.add_warnings()->set_code(v1::WARNING_CODE_DOWNGRADE);
  response.add_warnings()->set_code(v1::WARNING_CODE_FRESHNESS_CAPPED);
  v1::Header& location = *response.add_headers();
  location.set_name("Location");
  location.set_value("/orders/7829/confirmation");
  return response;
}

// The actual value; "" if the sentence holds.
std::string Check(std::string_view sentence, const Answered& answered) {
  const auto parsed = Expectation::Parse(sentence);
  return parsed ? parsed->Check(answered) : parsed.error();
}

TEST(Expectation, HoldsOrSaysWhatWasFound) {
  const Answered answered = Redirect();
  for (const char* sentence :
       {"status is 303", "status is not 302", "outcome is redirect", "reason is form_result",
        "rule is order", "location is /orders/7829/confirmation", "Location starts with /orders/",
        "location contains 7829", "location does not contain evil", "set-cookie is absent",
        "location is present", "warning is downgrade", "warning is freshness_capped",
        "body is absent", "error is absent", "shadow rule is absent"}) {
    EXPECT_EQ(Check(sentence, answered), "") << sentence;
  }
  EXPECT_EQ(Check("status is 302", answered), "status is 303");
  EXPECT_EQ(Check("status is not 303", answered), "status is 303");
  EXPECT_EQ(Check("location is absent", answered), "location is /orders/7829/confirmation");
  EXPECT_EQ(Check("vary is present", answered), "vary is absent");
  EXPECT_EQ(Check("vary contains Accept", answered), "vary is absent");
  EXPECT_EQ(Check("warning is loop", answered), "warning is downgrade and freshness_capped");
  EXPECT_EQ(Check("location does not contain orders", answered),
            "location is /orders/7829/confirmation");
}

TEST(Expectation, AnErrorIsAnAnswerToo) {
  v1::Error error;
  error.set_code("NOT_FOUND");
  error.set_message("no such intent");
  const Answered answered = message::Unexpected(error);
  EXPECT_EQ(Check("error is NOT_FOUND", answered), "");
  EXPECT_EQ(Check("message contains intent", answered), "");
  EXPECT_EQ(Check("status is 303", answered), "there is no answer: no such intent");
  EXPECT_EQ(Check("error is absent", answered), "error is NOT_FOUND");
}

// It would be absent from every answer, so the sentence would always hold.
TEST(Expectation, RefusesASubjectThatIsMisspelt) {
  EXPECT_EQ(Expectation::Parse("locaton is absent").error(),
            "names nothing that an answer has; did you mean location?");
  EXPECT_EQ(Expectation::Parse("Set-Cokie does not contain flash").error(),
            "names nothing that an answer has; did you mean set-cookie?");
  EXPECT_FALSE(Expectation::Parse("rules is not a"));
  for (const char* sentence : {"Location is absent", "x-team is absent", "link is absent",
                               "retry-after is 5", "shadow rule is a"}) {
    EXPECT_TRUE(Expectation::Parse(sentence)) << sentence;
  }
}

TEST(Expectation, RefusesWhatIsNoSentence) {
  for (const char* sentence : {"", "status", "status 303", "is 303", "status is ",
                               "the answer is 303", "status equals 303", "location contains "}) {
    EXPECT_THAT(Check(sentence, Redirect()), HasSubstr("expected one such as")) << sentence;
  }
}

}  // namespace
}  // namespace fingerpost::policy::check
