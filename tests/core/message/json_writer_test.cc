#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <string>

#include "core/message/json.h"
#include "done.h"
#include "fingerpost/v1/decide.pb.h"
#include "fingerpost/v1/follow.pb.h"

namespace fingerpost::message {
namespace {

using google::protobuf::util::MessageDifferencer;

template <typename Message>
Message Read(std::string_view text) {
  Message message;
  v1::Error error;
  EXPECT_TRUE(IsDone(FromJson(text, message), error)) << text << "\n" << error.ShortDebugString();
  return message;
}

TEST(ToJson, IsOneLineInSnakeCaseWithFullEnumNames) {
  v1::DecideResponse response;
  response.set_outcome(v1::OUTCOME_REDIRECT);
  response.set_status(303);
  auto& header = *response.add_headers();
  header.set_name("Location");
  header.set_value("/a\n");
  response.mutable_reason()->add_citations("RFC 9110 §15.4.4");
  response.mutable_now()->set_seconds(1'700'000'000);
  response.set_clear_cookie("x");
  EXPECT_EQ(ToJson(response), R"({"outcome":"OUTCOME_REDIRECT","status":303,)"
                              R"("headers":[{"name":"Location","value":"/a\n"}],)"
                              R"("reason":{"citations":["RFC 9110 §15.4.4"]},"clear_cookie":"x",)"
                              R"("now":"2023-11-14T22:13:20Z"})");
}

// RFC 8259 §7; a terminal sees no control character, no character that reverses text (U+202E), and
// no half character.
TEST(AppendJsonString, EscapesWhatIsNotToBeShown) {
  std::string out = "before ";
  AppendJsonString("a\"b\\c\n\x01\x7F/\xC3\xBC\xE2\x80\xAE\xC3", out);
  EXPECT_EQ(out, R"(before "a\"b\\c\n\u0001\u007f/ü\u202e\ufffd")");
}

TEST(ToJson, IsReadBack) {
  v1::FollowRequest request;
  request.mutable_request()->set_method("GET");
  auto& header = *request.mutable_request()->add_headers();
  header.set_name("X");
  header.set_raw_value("\x01\xff");
  request.mutable_options()->set_limit(0);
  request.mutable_chain()->add_visited()->set_cookies(18446744073709551615U);
  request.mutable_now()->set_nanos(7);
  EXPECT_TRUE(MessageDifferencer::Equals(Read<v1::FollowRequest>(ToJson(request)), request));
}

// Every field with a value, in the largest message, is written as by protobuf's own printer.
TEST(ToJson, AgreesWithProtobuf) {
  const auto agrees = [](const google::protobuf::Message& message) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string expected;
    ASSERT_TRUE(google::protobuf::util::MessageToJsonString(message, &expected, options).ok());
    EXPECT_EQ(ToJson(message), expected);
  };
  agrees(v1::DecideRequest());
  agrees(Read<v1::DecideRequest>(R"({
    "request": {"method": "POST", "url": "https://a.example/\u00e9?\ud83d\ude42", "protocol": "http_2",
                "headers": [{"name": "A", "value": "\"\\\n"}, {"name": "B", "raw_value": "/w=="}, {},
                            {"value": ""}], "body": "one_shot"},
    "intent": {"purpose": "reroute", "pinned_status": -303, "retry_after": "1.5s", "trust": "caller",
               "weighted_targets": [{"target": "/a", "weight": 4294967295}, {}], "flash": {},
               "window": {"from": "1969-12-31T23:59:59.000000001Z"}, "redirect_capable": true},
    "parameters": {"id": "7829"}, "now": "2026-01-31T12:00:00Z", "explain": true})"));
  agrees(Read<v1::FollowRequest>(R"({"options": {"limit": 0, "allow_downgrade": false,
    "targets": {"allowed_ports": [1, 65535]}}, "chain": {"visited": [{"cookies": "18446744073709551615"}],
    "cookies": [{"value": "AAECAw==", "expires": "9999-12-31T23:59:59.999Z"}]}})"));
}

TEST(ToJson, WritesEnumValuesFromTheFutureAsNumbers) {
  v1::DecideResponse response;
  response.set_outcome(static_cast<v1::Outcome>(99));
  EXPECT_EQ(ToJson(response), R"({"outcome":99})");
}

TEST(ToJson, SortsMaps) {
  v1::DecideRequest request;
  for (const char* key : {"c", "a", "b"}) (*request.mutable_parameters())[key] = "x";
  EXPECT_EQ(ToJson(request), R"({"parameters":{"a":"x","b":"x","c":"x"}})");
}

TEST(ToJson, EscapesWhatWouldDriveATerminal) {
  v1::DecideResponse response;
  response.set_body("<p>\x1b[31m\x7f\t\u0085\u202e\xff</p>");
  EXPECT_EQ(ToJson(response), R"({"body":"<p>\u001b[31m\u007f\u0009\u0085\u202e\ufffd</p>"})");
  EXPECT_EQ(Read<v1::DecideResponse>(ToJson(response)).body(),
            "<p>\x1b[31m\x7f\t\u0085\u202e\ufffd</p>");
}

TEST(AppendJson, Appends) {
  std::string out = "x";
  AppendJson(v1::Error(), out);
  EXPECT_EQ(out, "x{}");
}

}  // namespace
}  // namespace fingerpost::message
