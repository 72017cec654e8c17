#include "core/decide/caching.h"

#include <gmock/gmock.h>

#include "core/decide/asking.h"

namespace fingerpost::decide {
namespace {

TEST(Vary, ListsWhatWasLookedAt) {
  Asking asking(
      "request { method: 'GET' url: 'https://a.test/' } intent { purpose: PURPOSE_REROUTE target: "
      "'/b' "
      "looked_at_fields: 'X-Route' looked_at_fields: 'accept' }");
  asking.looked_at = {"x-route", "Cookie"};
  ASSERT_TRUE(asking.Ask());
  EXPECT_EQ(FieldOf(asking.answer, "Vary"), "accept, Cookie, x-route");
  EXPECT_EQ(FieldOf(asking.answer, "Cache-Control"), "private, no-cache");
  asking.request.mutable_request()->set_method("POST");
  ASSERT_TRUE(asking.Ask());
  EXPECT_EQ(FieldOf(asking.answer, "Vary"), "accept, Cookie, x-route");
  EXPECT_EQ(FieldOf(asking.answer, "Cache-Control"), "no-store");
  asking.request.mutable_intent()->add_looked_at_fields("*");
  ASSERT_TRUE(asking.Ask());
  EXPECT_EQ(FieldOf(asking.answer, "Vary"), "*");
}

// No row of the table reads the kind of client for an answer that may be stored. A row that does
// must list it in Vary.
TEST(Vary, ListsWhatTheKindOfClientAndTheContentDependOn) {
  v1::DecideRequest asked;
  asked.mutable_request()->set_method("GET");
  asked.mutable_intent()->set_purpose(v1::PURPOSE_REROUTE);
  asked.mutable_intent()->set_target("/b");
  message::Faults faults;
  const v1::Defaults defaults;
  const http::Request request = http::ReadRequest(asked.request(), {}, faults);
  Wish wish(defaults, {});
  SpellOut(asked, wish);
  const Question question(asked, request, wish);
  Choice choice = LookUp(question);
  choice.client = request.client();
  const auto vary = [&](std::string_view content) {
    v1::DecideResponse answer;
    AnswerWriter writer(answer, false, v1::DecideRequest());
    WriteCaching(question, choice, {.content = content}, writer);
    return FieldOf(answer, "Vary");
  };
  EXPECT_EQ(vary("X-Format"),
            "Accept, Content-Type, HX-Boosted, HX-History-Restore-Request, HX-Request, "
            "Sec-Fetch-Mode, Turbo-Frame, X-Format, X-Inertia, X-Requested-With");
  choice.client = {};
  EXPECT_EQ(vary("Accept"), "Accept");
  EXPECT_EQ(vary({}), "<none>");
}

}  // namespace
}  // namespace fingerpost::decide
