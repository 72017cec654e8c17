// What a caller omits is missing, and nothing else changes, over random questions.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/decide/asking.h"
#include "core/decide/random.h"
#include "core/http/fields.h"

namespace fingerpost::decide {
namespace {

constexpr int kQuestions = 20000;

void RemoveContent(v1::DecideResponse& answer) {
  answer.clear_body();
  auto& fields = *answer.mutable_headers();
  const auto is_of_content = [](const v1::Header& field) {
    return http::EqualsIgnoreCase(field.name(), "Content-Type") ||
           http::EqualsIgnoreCase(field.name(), "Content-Length") ||
           http::EqualsIgnoreCase(field.name(), "X-Content-Type-Options") ||
           http::EqualsIgnoreCase(field.name(), "Content-Security-Policy");
  };
  fields.erase(std::remove_if(fields.begin(), fields.end(), is_of_content), fields.end());
}

// Whether `less` is `all`, a Vary, without its Accept; or stays as it is, when the rule's own
// choice looked at Accept.
bool IsWithoutAccept(std::string_view less, std::string_view all) {
  if (less == all) return true;
  if (all == "Accept") return less == "<none>";
  const size_t at = all.find(", Accept");
  std::string rest(all);
  if (at != std::string::npos) {
    rest.erase(at, 8);
  } else if (all.starts_with("Accept, ")) {
    rest.erase(0, 8);
  }
  return less == rest;
}

std::string VaryOf(v1::DecideResponse& answer) {
  std::string vary(http::FieldValue(answer.headers(), "Vary").value_or("<none>"));
  auto& fields = *answer.mutable_headers();
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [](const v1::Header& field) {
                                return http::EqualsIgnoreCase(field.name(), "Vary");
                              }),
               fields.end());
  return vary;
}

TEST(Omit, TextsLeaveCodes) {
  RandomQuestions questions(SeedOfThisRun());
  for (int i = 0; i < kQuestions; ++i) {
    Asking whole = questions.Next();
    Asking less = whole;
    less.request.add_omit(v1::ANSWER_PART_TEXTS);
    ASSERT_EQ(whole.Ask(), less.Ask()) << whole.request.ShortDebugString();
    if (whole.answer.reason().code() == v1::REASON_CODE_UNSPECIFIED) continue;
    whole.answer.mutable_reason()->clear_message();
    whole.answer.mutable_reason()->clear_citations();
    for (v1::Warning& warning : *whole.answer.mutable_warnings()) {
      warning.clear_message();
      warning.clear_citations();
    }
    ASSERT_EQ(whole.answer.SerializeAsString(), less.answer.SerializeAsString())
        << whole.answer.DebugString() << less.answer.DebugString();
  }
}

TEST(Omit, BodyTakesItsFieldsAndItsVaryAlong) {
  RandomQuestions questions(SeedOfThisRun());
  for (int i = 0; i < kQuestions; ++i) {
    Asking whole = questions.Next();
    Asking less = whole;
    less.request.add_omit(v1::ANSWER_PART_BODY);
    less.request.add_omit(v1::ANSWER_PART_TARGET);
    ASSERT_EQ(whole.Ask(), less.Ask()) << whole.request.ShortDebugString();
    whole.answer.clear_target();
    RemoveContent(whole.answer);
    const std::string all = VaryOf(whole.answer);
    ASSERT_TRUE(IsWithoutAccept(VaryOf(less.answer), all)) << whole.request.ShortDebugString();
    ASSERT_EQ(whole.answer.SerializeAsString(), less.answer.SerializeAsString())
        << whole.answer.DebugString() << less.answer.DebugString();
  }
}

// The service keeps the message of the last answer: nothing of it may come back.
TEST(Omit, NothingOfAnEarlierAnswerIsLeft) {
  Asking first(
      "request { method: 'POST' url: 'https://a.test/' } "
      "intent { purpose: PURPOSE_FORM_RESULT target: '/x' }");
  ASSERT_TRUE(first.Ask());
  ASSERT_FALSE(first.answer.reason().message().empty());
  Asking second = first;
  second.request.add_omit(v1::ANSWER_PART_TEXTS);
  second.request.add_omit(v1::ANSWER_PART_BODY);
  ASSERT_TRUE(second.Ask());
  EXPECT_EQ(second.answer.reason().message(), "");
  EXPECT_TRUE(second.answer.reason().citations().empty());
  EXPECT_EQ(second.answer.body(), "");
  EXPECT_EQ(FieldOf(second.answer, "Content-Length"), "<none>");
}

}  // namespace
}  // namespace fingerpost::decide
