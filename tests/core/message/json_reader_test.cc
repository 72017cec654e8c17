#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/message/json.h"
#include "done.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::message {
namespace {

using google::protobuf::util::MessageDifferencer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

template <typename Message>
Message Read(std::string_view text) {
  Message message;
  v1::Error error;
  EXPECT_TRUE(IsDone(FromJson(text, message), error)) << text << "\n" << error.ShortDebugString();
  return message;
}

v1::Error Refused(std::string_view text) {
  v1::DecideRequest message;
  v1::Error error;
  EXPECT_FALSE(IsDone(FromJson(text, message), error)) << text;
  EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
  return error;
}

// Every fault as "field: description".
std::vector<std::string> Faults(std::string_view text) {
  const v1::Error error = Refused(text);
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_INVALID_FIELDS) << error.ShortDebugString();
  std::vector<std::string> faults;
  for (const auto& fault : error.violations()) {
    faults.push_back(fault.field() + ": " + fault.description());
  }
  return faults;
}

TEST(FromJson, ReadsTheOrderForm) {
  const auto request = Read<v1::DecideRequest>(R"({
    "request": {"method": "POST", "url": "https://shop.example.com/orders"},
    "intent": {"purpose": "form_result", "target": "/orders/7829/confirmation"}})");
  EXPECT_EQ(request.request().method(), "POST");
  EXPECT_EQ(request.request().url(), "https://shop.example.com/orders");
  EXPECT_EQ(request.intent().purpose(), v1::PURPOSE_FORM_RESULT);
  EXPECT_EQ(request.intent().target(), "/orders/7829/confirmation");
}

TEST(FromJson, TakesBothCasings) {
  const auto snake = Read<v1::DecideRequest>(
      R"({"intent": {"operation_state": "DONE", "retry_after": "120s", "redirect_uris": ["x:/"]}})");
  const auto camel = Read<v1::DecideRequest>(
      R"({"intent": {"operationState": "DONE", "retryAfter": "120s", "redirectUris": ["x:/"]}})");
  EXPECT_TRUE(MessageDifferencer::Equals(snake, camel));
  EXPECT_EQ(camel.intent().retry_after().seconds(), 120);
}

TEST(FromJson, TakesEverySpellingOfAnEnumValue) {
  for (const char* spelling :
       {"\"form_result\"", "\"FORM_RESULT\"", "\"Form_Result\"", "\"PURPOSE_FORM_RESULT\"",
        "\"purpose_form_result\"", "\"form-result\"", "1", "1.0"}) {
    const auto request =
        Read<v1::DecideRequest>(R"({"intent": {"purpose": )" + std::string(spelling) + "}}");
    EXPECT_EQ(request.intent().purpose(), v1::PURPOSE_FORM_RESULT) << spelling;
  }
  EXPECT_EQ(
      Read<v1::DecideRequest>(R"({"request": {"protocol": "HTTP/1.0"}})").request().protocol(),
      v1::PROTOCOL_HTTP_1_0);
  EXPECT_EQ(Read<v1::FollowRequest>(R"({"options": {"profile": "curl_x"}})").options().profile(),
            v1::PROFILE_CURL_X);
}

TEST(FromJson, ReadsEveryKindOfField) {
  const auto request = Read<v1::FollowRequest>(R"({
    "request": {"headers": [{"name": "A", "value": "é"}, {"name": "B", "raw_value": "/w=="},
                            {"name": "C", "rawValue": "_w"}, {"name": "D"}]},
    "response": {"status": 303},
    "options": {"limit": 0, "allow_downgrade": false, "targets": {"allowed_ports": [80, "443"]}},
    "chain": {"count": 1.0, "visited": [{"cookies": "18446744073709551615"}], "originTainted": true},
    "now": "2026-01-31T12:00:00.5Z"})");
  EXPECT_EQ(request.request().headers(0).value(), "é");
  EXPECT_EQ(request.request().headers(1).raw_value(), "\xff");
  EXPECT_EQ(request.request().headers(2).raw_value(), "\xff");
  EXPECT_EQ(request.request().headers(3).content_case(), v1::Header::CONTENT_NOT_SET);
  EXPECT_EQ(request.response().status(), 303);
  EXPECT_TRUE(request.options().has_limit());
  EXPECT_TRUE(request.options().has_allow_downgrade());
  EXPECT_FALSE(request.options().has_keep_post());
  EXPECT_THAT(request.options().targets().allowed_ports(), ElementsAre(80, 443));
  EXPECT_EQ(request.chain().count(), 1);
  EXPECT_EQ(request.chain().visited(0).cookies(), 18446744073709551615U);
  EXPECT_TRUE(request.chain().origin_tainted());
  EXPECT_EQ(request.now().nanos(), 500000000);
}

TEST(FromJson, ReadsMaps) {
  const auto request =
      Read<v1::DecideRequest>(R"({"parameters": {"id": "7829", "": "x", "a.b": ""}})");
  EXPECT_EQ(request.parameters().size(), 3);
  EXPECT_EQ(request.parameters().at("id"), "7829");
  EXPECT_THAT(Faults(R"({"parameters": {"id": 5, "id": null, "o": {}, "l": []}})"),
              ElementsAre("parameters.id: expected text, found a number",
                          "parameters.id: given twice", "parameters.id: expected text, found null",
                          "parameters.o: expected text, found an object",
                          "parameters.l: expected text, found a list"));
  EXPECT_THAT(Faults(R"({"parameters": ["id"]})"),
              ElementsAre("parameters: expected an object, found a list"));
  EXPECT_THAT(Faults(R"({"parameters": "id"})"),
              ElementsAre("parameters: expected an object, found text"));
}

TEST(FromJson, NullMeansAbsent) {
  const auto request =
      Read<v1::DecideRequest>(R"({"request": null, "intent": {"purpose": null, "flash": null}})");
  EXPECT_FALSE(request.has_request());
  EXPECT_TRUE(request.has_intent());
  EXPECT_FALSE(request.intent().has_flash());
}

TEST(FromJson, ClearsTheMessageFirst) {
  v1::DecideRequest message;
  message.set_explain(true);
  v1::Error error;
  error.set_message("old");
  EXPECT_TRUE(IsDone(FromJson("{}", message), error));
  EXPECT_FALSE(message.explain());
  EXPECT_EQ(error.message(), "");
}

TEST(FromJson, NamesTheUnknownField) {
  EXPECT_THAT(Faults(R"({"intent": {"purpos": "gone"}})"),
              ElementsAre("intent.purpos: unknown field; did you mean purpose?"));
  EXPECT_THAT(Faults(R"({"request": {"headers": [{"name": "A"}, {"key": "B", "value": "b"}]}})"),
              ElementsAre("request.headers[1].key: unknown field; expected one of name, value, "
                          "raw_value"));
}

TEST(FromJson, NamesTheUnknownEnumValue) {
  EXPECT_THAT(Faults(R"({"request": {"body": "replay"}})"),
              ElementsAre("request.body: expected one of none, replayable, one_shot"));
  EXPECT_THAT(Faults(R"({"request": {"body": "replayble"}})"),
              ElementsAre("request.body: expected one of none, replayable, one_shot; did you mean "
                          "replayable?"));
  EXPECT_THAT(Faults(R"({"request": {"body": 2147483648}})"),
              ElementsAre("request.body: expected a name"));
  EXPECT_THAT(Faults(R"({"request": {"body": ""}})"),
              ElementsAre("request.body: expected one of none, replayable, one_shot"));
}

TEST(FromJson, NamesTheExpectedType) {
  EXPECT_THAT(
      Faults(R"({"request": "x", "intent": {"target": 5, "pinned_status": "x", "trust": true,
                 "retry_after": 5, "window": {"from": "tomorrow"}, "redirect_capable": "yes",
                 "allowed_hosts": "a", "weighted_targets": {}, "flash": []},
                 "now": {"seconds": 1}, "explain": 1})"),
      ElementsAre(
          "request: expected an object (method, url, protocol, headers, body), found text",
          "intent.target: expected text, found a number",
          "intent.pinned_status: expected a whole number from -2147483648 to 2147483647, "
          "found text",
          "intent.trust: expected a name, found true or false",
          "intent.retry_after: expected a duration in seconds such as \"60s\", found a number",
          "intent.window.from: expected an instant such as \"2026-01-31T12:00:00Z\" (RFC 3339)",
          "intent.redirect_capable: expected true or false, found text",
          "intent.allowed_hosts: expected a list, found text",
          "intent.weighted_targets: expected a list, found an object",
          "intent.flash: expected an object (text, name, max_age, readable_by_scripts), found a "
          "list",
          "now: expected an instant such as \"2026-01-31T12:00:00Z\" (RFC 3339), found an "
          "object",
          "explain: expected true or false, found a number"));
}

TEST(FromJson, ChecksTheRangeOfNumbers) {
  for (const char* status : {"2147483648", "-2147483649", "1.5", "1e300", "\"2147483648\""}) {
    EXPECT_THAT(Faults(R"({"intent": {"pinned_status": )" + std::string(status) + "}}"),
                ElementsAre(HasSubstr("intent.pinned_status: expected a whole number from ")))
        << status;
  }
  EXPECT_THAT(Faults(R"({"intent": {"weighted_targets": [{"weight": -1}]}})"),
              ElementsAre("intent.weighted_targets[0].weight: expected a whole number from 0 to "
                          "4294967295"));
}

TEST(FromJson, NamesElements) {
  EXPECT_THAT(Faults(R"({"intent": {"allowed_hosts": ["a", 1, null, ["b"], {}]}})"),
              ElementsAre("intent.allowed_hosts[1]: expected text, found a number",
                          "intent.allowed_hosts[2]: expected text, found null",
                          "intent.allowed_hosts[3]: expected text, found a list",
                          "intent.allowed_hosts[4]: expected text, found an object"));
}

TEST(FromJson, RefusesWhatIsGivenTwice) {
  EXPECT_THAT(Faults(R"({"explain": true, "explain": false})"),
              ElementsAre("explain: given twice"));
  EXPECT_THAT(Faults(R"({"intent": {"pinned_status": 303, "pinnedStatus": 307}})"),
              ElementsAre("intent.pinned_status: given twice"));
  EXPECT_THAT(Faults(R"({"intent": {}, "intent_name": "login"})"),
              ElementsAre("intent_name: expected only one of intent, intent_name"));
}

TEST(FromJson, ReportsOneFaultForAWholeUnknownPart) {
  EXPECT_THAT(Faults(R"({"nothing": {"a": [1, {"b": "c"}], "d": {}}, "explain": 3})"),
              ElementsAre(HasSubstr("nothing: unknown field"), HasSubstr("explain: ")));
}

TEST(FromJson, WantsAnObject) {
  for (const char* text : {"[]", "[{\"explain\": true}]", "5", "\"x\"", "true", "null"}) {
    EXPECT_THAT(Faults(text), ElementsAre(HasSubstr(": expected an object, found "))) << text;
  }
}

TEST(FromJson, AFaultOfTheWholeDocumentHasNoFieldInItsMessage) {
  v1::DecideRequest request;
  v1::Error error;
  EXPECT_FALSE(IsDone(FromJson("[]", request), error));
  EXPECT_EQ(error.message(), "expected an object, found a list");
}

TEST(FromJson, SaysWhereTheTextIsNotJson) {
  const v1::Error error = Refused(R"({"request": {"url": "https://u:secret@h/" "intent")");
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_MALFORMED_JSON);
  EXPECT_THAT(error.message(), HasSubstr("expected a JSON object; line 1, column 50: "));
  EXPECT_THAT(error.message(), Not(HasSubstr("secret")));
  EXPECT_THAT(error.violations(), IsEmpty());
}

TEST(FromJson, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "{",
                                      "}",
                                      "{}}",
                                      "{} {}",
                                      "{'a': 1}",
                                      "{\"a\" 1}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "nul",
                                      "{\"a\": 01}",
                                      "{\"a\": +1}",
                                      "{\"a\": .5}",
                                      "{\"a\": NaN}",
                                      "{\"a\": 1e999}",
                                      "// x\n{}",
                                      "{\"a\": \"\t\"}",
                                      "{\"a\": \"\xff\"}",
                                      "{\"a\": \"\xc0\xaf\"}",
                                      "{\"a\": \"\xed\xa0\x80\"}",
                                      R"({"a": "\ud800"})",
                                      R"({"a": "\x41"})",
                                      "{\"a\": \"",
                                      "[1",
                                      "{\"explain\": tru"}) {
    EXPECT_EQ(Refused(text).reason(), v1::ERROR_REASON_MALFORMED_JSON) << text;
  }
}

TEST(FromJson, BoundsItsErrors) {
  std::string many = "{";
  for (int i = 0; i < 100'000; ++i) many += "\"f" + std::to_string(i) + "\": 1, ";
  many += "\"" + std::string(1'000'000, 'x') + "\": 1}";
  EXPECT_LE(Refused(many).ByteSizeLong(), 20'000);
  EXPECT_LE(Refused("{\"" + std::string(1'000'000, 'x') + "\": 1}").ByteSizeLong(), 1'000);
  EXPECT_LE(
      Refused(R"({"intent": {"purpose": ")" + std::string(1'000'000, 'x') + "\"}}").ByteSizeLong(),
      1'000);
}

// Recursion would overflow the stack here.
TEST(FromJson, SurvivesDepth) {
  const std::string deep(1'000'000, '[');
  EXPECT_EQ(Refused("{\"a\": " + deep).reason(), v1::ERROR_REASON_MALFORMED_JSON);
  EXPECT_THAT(Faults("{\"a\": " + deep + std::string(1'000'000, ']') + "}"),
              ElementsAre(HasSubstr("a: unknown field")));
}

TEST(FromJson, ShowsNamesHarmlessly) {
  EXPECT_THAT(Faults("{\"a\\u001b[31m\\n\": 1}"),
              ElementsAre(HasSubstr("a\\x1b[31m\\n: unknown field")));
}

// An invalid value is reported with all other faults, in the order of the message.
TEST(FromJson, TakesEnumValuesFromTheFutureAsNumbers) {
  EXPECT_EQ(Read<v1::DecideRequest>(R"({"request": {"body": 99}})").request().body(), 99);
}

}  // namespace
}  // namespace fingerpost::message
