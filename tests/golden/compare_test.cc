// The comparer finds faults, in answers and in rows.

#include "golden/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "golden/corpus.h"
#include "golden/well_formed.h"

namespace fingerpost::golden {
namespace {

using testing::Contains;
using testing::Field;
using testing::IsEmpty;

v1::DecideRequest OrderForm() {
  v1::DecideRequest request;
  request.mutable_request()->set_method("POST");
  request.mutable_request()->set_url("https://shop.example.com/orders");
  return request;
}

DecideAnswer SeeOther() {
  DecideAnswer answer{.response = {}, .error = {}, .ok = true};
  v1::DecideResponse& response = answer.response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  for (const auto& [name, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"Location", "/x"}, {"Cache-Control", "no-store"}, {"Content-Length", "0"}}) {
    v1::Header& header = *response.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  response.mutable_reason()->set_code(v1::REASON_CODE_FORM_RESULT);
  response.mutable_reason()->set_message("The result is elsewhere.");
  response.mutable_reason()->add_citations("RFC 9110 §15.4.4");
  return answer;
}

std::vector<Mismatch> CompareWith(const std::string& expect, const DecideAnswer& answer) {
  return Compare(ParseJson(expect), OrderForm(), answer);
}

auto At(const std::string& path) { return Contains(Field("path", &Mismatch::path, path)); }

TEST(Comparer, AcceptsWhatIsAsExpected) {
  EXPECT_THAT(
      CompareWith(R"({"outcome": "redirect", "status": 303, "reason": {"code": "form_result"},
                              "fields": {"location": "/x", "Set-Cookie": null}})",
                  SeeOther()),
      IsEmpty());
}

TEST(Comparer, FindsEveryDifference) {
  EXPECT_THAT(CompareWith(R"({"status": 302})", SeeOther()), At("status"));
  EXPECT_THAT(CompareWith(R"({"outcome": "pass"})", SeeOther()), At("outcome"));
  EXPECT_THAT(CompareWith(R"({"reason": {"code": "gone"}})", SeeOther()), At("reason.code"));
  EXPECT_THAT(CompareWith(R"({"fields": {"Location": "/y"}})", SeeOther()), At("fields.Location"));
  EXPECT_THAT(CompareWith(R"({"fields": {"Location": null}})", SeeOther()), At("fields.Location"));
  EXPECT_THAT(CompareWith(R"({"fields": {"Vary": "Accept"}})", SeeOther()), At("fields.Vary"));
  EXPECT_THAT(CompareWith(R"({"headers": [{"name": "Location", "value": "/x"}]})", SeeOther()),
              At("headers[1]"));
  EXPECT_THAT(CompareWith(R"({"warnings": ["downgrade"]})", SeeOther()), At("warnings"));
  EXPECT_THAT(CompareWith(R"({"error": {"reason": "invalid_fields"}})", SeeOther()), At("error"));
}

TEST(Comparer, FindsAWarningThatNoRowExpects) {
  DecideAnswer answer = SeeOther();
  answer.response.add_warnings()->set_code(v1::WARNING_CODE_DOWNGRADE);
  answer.response.mutable_warnings(0)->set_message("The target is not https.");
  EXPECT_THAT(CompareWith("{}", answer), At("warnings"));
  EXPECT_THAT(CompareWith(R"({"warnings": ["downgrade"]})", answer), IsEmpty());
}

TEST(Comparer, ResolvesLocationAsABrowserDoes) {
  DecideAnswer answer = SeeOther();
  answer.response.mutable_headers(0)->set_value("//evil.test");
  EXPECT_THAT(CompareWith(R"({"stays_on": ["shop.example.com"]})", answer), At("stays_on"));
  EXPECT_THAT(CompareWith(R"({"stays_on": ["evil.test"]})", answer), IsEmpty());
  EXPECT_THAT(CompareWith(R"({"stays_on": ["shop.example.com"]})", SeeOther()), IsEmpty());
}

TEST(Comparer, ComparesErrors) {
  DecideAnswer answer;
  answer.error.set_code("INVALID_ARGUMENT");
  answer.error.set_reason(v1::ERROR_REASON_INVALID_FIELDS);
  answer.error.set_message("intent.target: expected a URL");
  answer.error.add_violations()->set_field("intent.target");
  answer.error.mutable_violations(0)->set_description("expected a URL");
  EXPECT_THAT(
      CompareWith(R"({"error": {"reason": "invalid_fields", "violations": ["intent.target"]}})",
                  answer),
      IsEmpty());
  EXPECT_THAT(CompareWith(R"({"error": {"violations": []}})", answer), At("error.violations"));
  EXPECT_THAT(CompareWith(R"({"status": 303})", answer), At("(answer)"));
}

TEST(Comparer, KnowsWhatHoldsOfEveryAnswer) {
  DecideAnswer two_locations = SeeOther();
  *two_locations.response.add_headers() = two_locations.response.headers(0);
  EXPECT_THAT(CompareWith("{}", two_locations), At("(every answer)"));
  DecideAnswer no_freshness = SeeOther();
  no_freshness.response.mutable_headers()->DeleteSubrange(1, 1);
  EXPECT_THAT(CompareWith("{}", no_freshness), At("(every answer)"));
  DecideAnswer split = SeeOther();
  split.response.mutable_headers(0)->set_value("/x\r\nSet-Cookie: a=b");
  EXPECT_THAT(CompareWith("{}", split), At("(every answer)"));
  DecideAnswer wrong_length = SeeOther();
  wrong_length.response.set_body("x");
  EXPECT_THAT(CompareWith("{}", wrong_length), At("(every answer)"));
}

TEST(Comparer, AppliesChanges) {
  v1::FollowRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url("https://a.test/");
  request.mutable_request()->add_headers()->set_name("Authorization");
  FollowAnswer answer{.response = {}, .error = {}, .ok = true};
  v1::FollowResponse& response = answer.response;
  response.set_profile(v1::PROFILE_STRICT);
  response.mutable_chain()->set_count(1);
  response.mutable_next()->set_method("GET");
  response.mutable_next()->set_url("https://b.test/");
  const Value anything = ParseJson("{}");
  EXPECT_THAT(Compare(anything, request, answer), At("(every answer)"));
  v1::Change& url = *response.add_changes();
  url.set_kind(v1::CHANGE_KIND_URL);
  url.set_reason(v1::CHANGE_REASON_LOCATION);
  url.set_message("Location names the next URL.");
  url.set_value("https://b.test/");
  EXPECT_THAT(Compare(anything, request, answer), At("(every answer)"));
  v1::Change& dropped = *response.add_changes();
  dropped.set_kind(v1::CHANGE_KIND_FIELD_DROPPED);
  dropped.set_reason(v1::CHANGE_REASON_ORIGIN_CHANGED);
  dropped.set_message("Another origin.");
  EXPECT_THAT(Compare(anything, request, answer), IsEmpty());
}

TEST(Comparer, FindsTheFaultsOfARow) {
  EXPECT_EQ(FaultsOf(ParseJson(R"({"status": 303, "fields": {"A": null}})"), false), "");
  EXPECT_NE(FaultsOf(ParseJson(R"({"statsu": 303})"), false), "");
  EXPECT_NE(FaultsOf(ParseJson(R"({"outcome": "redirected"})"), false), "");
  EXPECT_NE(FaultsOf(ParseJson(R"({"next": {"header": []}})"), true), "");
  EXPECT_NE(FaultsOf(ParseJson(R"({"error": {}, "status": 303})"), false), "");
  EXPECT_NE(FaultsOf(ParseJson(R"({"warnings": ["none"]})"), true), "");
}

}  // namespace
}  // namespace fingerpost::golden
