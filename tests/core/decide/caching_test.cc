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

}  // namespace
}  // namespace fingerpost::decide
