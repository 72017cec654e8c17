// Breaks each invariant of answers once.
#include "core/decide/invariants.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

namespace fingerpost::decide {
namespace {

struct Broken {
  std::string name;
  std::string method;
  v1::Purpose purpose;
  std::string change;  // Merged into the sound answer; a field "drop" removes one.
  std::string drop;
  std::string broken;
};

v1::DecideResponse Sound() {
  v1::DecideResponse answer;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "outcome: OUTCOME_REDIRECT status: 308 reason { code: REASON_CODE_PERMANENT_MOVE } "
      "headers { name: 'Location' value: '/x' } "
      "headers { name: 'Cache-Control' value: 'max-age=86400' } "
      "headers { name: 'Content-Length' value: '5' } body: 'hello'",
      &answer));
  return answer;
}

class BrokenInvariant : public testing::TestWithParam<Broken> {};

TEST(DecideInvariants, SoundAnswerBreaksNone) {
  EXPECT_EQ(FindBrokenInvariant("GET", v1::PURPOSE_PERMANENT_MOVE, Sound()), "");
}

TEST_P(BrokenInvariant, IsNoticed) {
  v1::DecideResponse answer = Sound();
  v1::DecideResponse change;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(GetParam().change, &change));
  for (int i = answer.headers_size() - 1; i >= 0; --i) {
    if (answer.headers(i).name() == GetParam().drop) answer.mutable_headers()->DeleteSubrange(i, 1);
  }
  answer.MergeFrom(change);
  if (GetParam().name == "NoReason") answer.clear_reason();
  if (GetParam().name == "NoStatus") answer.clear_status();
  EXPECT_EQ(FindBrokenInvariant(GetParam().method, GetParam().purpose, answer), GetParam().broken);
}

constexpr auto kMove = v1::PURPOSE_PERMANENT_MOVE;

INSTANTIATE_TEST_SUITE_P(
    Each, BrokenInvariant,
    testing::Values(
        Broken{"NoReason", "GET", kMove, "", "", "every answer has a reason"},
        Broken{"NoStatus", "GET", kMove, "", "", "status is set exactly for REDIRECT and RESPOND"},
        Broken{"StatusOnRefuse", "GET", kMove, "outcome: OUTCOME_REFUSE", "",
               "status is set exactly for REDIRECT and RESPOND"},
        Broken{"CarriageReturn", "GET", kMove, "headers { name: 'X' value: 'a\\rb' }", "",
               "no field has CR, LF or NUL"},
        Broken{"LineFeed", "GET", kMove, "headers { name: 'X' value: 'a\\nb' }", "",
               "no field has CR, LF or NUL"},
        Broken{"Nul", "GET", kMove, "headers { name: 'X' value: 'a\\000b' }", "",
               "no field has CR, LF or NUL"},
        Broken{"TwoSlashes", "GET", kMove, "headers { name: 'Location' value: '//evil.test' }",
               "Location", "Location names a scheme with a host"},
        Broken{"EmptyLocation", "GET", kMove, "headers { name: 'location' value: '' }", "Location",
               "Location names a scheme with a host"},
        Broken{"RespondWith3xx", "GET", kMove, "outcome: OUTCOME_RESPOND", "",
               "REDIRECT is a 3xx and RESPOND is none"},
        Broken{"RedirectWith200", "GET", kMove, "status: 200", "Location",
               "REDIRECT is a 3xx and RESPOND is none"},
        Broken{"NoLocation", "GET", kMove, "", "Location", "a redirect has exactly one Location"},
        Broken{"TwoLocations", "GET", kMove, "headers { name: 'location' value: '/y' }", "",
               "a redirect has exactly one Location"},
        Broken{"LocationOn410", "GET", kMove, "outcome: OUTCOME_RESPOND status: 410", "",
               "a redirect has exactly one Location"},
        Broken{"LocationOn304", "GET", kMove, "status: 304", "",
               "a redirect has exactly one Location"},
        Broken{"Permanent301OnPost", "POST", kMove, "status: 301", "",
               "301 answers GET and HEAD only"},
        Broken{"Authorization308", "GET", v1::PURPOSE_AUTHORIZATION_RESPONSE, "", "",
               "an authorization response is never 307 or 308"},
        Broken{"Authorization307", "GET", v1::PURPOSE_AUTHORIZATION_RESPONSE, "status: 307", "",
               "an authorization response is never 307 or 308"},
        Broken{"FlashOnPermanent", "GET", kMove, "clear_cookie: 'a='", "",
               "a flash message is no-store and not on a permanent redirect"},
        Broken{"FlashStored", "GET", kMove, "status: 303 clear_cookie: 'a='", "",
               "a flash message is no-store and not on a permanent redirect"},
        Broken{"CookieShared", "GET", kMove, "headers { name: 'set-cookie' value: 'a=b' }", "",
               "an answer that sets a cookie is for no shared cache"},
        Broken{"NoCacheControl", "GET", kMove, "", "Cache-Control",
               "Cache-Control is always written"},
        Broken{"NoFreshness", "GET", kMove, "headers { name: 'Cache-Control' value: 'public' }",
               "Cache-Control", "301, 308 and 410 have explicit freshness or no-store"},
        Broken{"TwoLead", "GET", kMove, "headers { name: 'HX-Redirect' value: '/x' }", "",
               "one field leads the client"},
        Broken{"HtmxToAHost", "GET", kMove, "headers { name: 'hx-redirect' value: '//evil.test/' }",
               "Location", "Location names a scheme with a host"},
        Broken{"InertiaToNothing", "GET", kMove, "headers { name: 'X-Inertia-Location' value: '' }",
               "Location", "Location names a scheme with a host"},
        Broken{"CredentialsForAll", "GET", kMove,
               "headers { name: 'Access-Control-Allow-Origin' value: '*' } headers { name: "
               "'access-control-allow-credentials' value: 'true' }",
               "", "credentials are for listed origins"},
        Broken{"StoredPost", "POST", kMove, "", "", "only answers to GET and HEAD are stored"},
        Broken{"WrongLength", "GET", kMove, "body: 'longer'", "",
               "Content-Length is the length of the content"},
        Broken{"ContentOnHead", "HEAD", kMove, "", "",
               "Content-Length is the length of the content"},
        Broken{"NoLength", "GET", kMove, "", "Content-Length",
               "Content-Length is the length of the content"}),
    [](const auto& info) { return info.param.name; });

// The invariant that an answer without a status breaks.
std::string Silent(const std::string& text) {
  v1::DecideResponse answer;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "reason { code: REASON_CODE_NO_MATCH } " + text, &answer));
  return std::string(FindBrokenInvariant("GET", v1::PURPOSE_UNSPECIFIED, answer));
}

TEST(DecideInvariants, FieldsWithoutAStatus) {
  EXPECT_EQ(Silent("outcome: OUTCOME_REFUSE"), "");
  EXPECT_EQ(Silent("outcome: OUTCOME_REFUSE body: 'x'"), "only REDIRECT and RESPOND have content");
  EXPECT_EQ(Silent("outcome: OUTCOME_PASS body: 'x'"), "only REDIRECT and RESPOND have content");
  for (const char* outcome : {"OUTCOME_REFUSE", "OUTCOME_FORWARD"}) {
    EXPECT_EQ(Silent("outcome: " + std::string(outcome) + " headers { name: 'Vary' value: 'A' }"),
              "REFUSE and FORWARD have no fields");
  }
}

TEST(DecideInvariants, PassSaysOnWhatItDependedAndKeepsKeysApart) {
  const std::string pass = "outcome: OUTCOME_PASS headers { name: 'Vary' value: 'Cookie' } ";
  const std::string key = "headers { name: 'set-cookie' value: 'v=1' } ";
  const std::string apart = "headers { name: 'Cache-Control' value: 'private' } ";
  EXPECT_EQ(Silent(pass), "");
  EXPECT_EQ(Silent(pass + apart + key), "");
  EXPECT_EQ(Silent(pass + key), "an answer that sets a cookie is for no shared cache");
  EXPECT_EQ(Silent(pass + "headers { name: 'Location' value: '/x' }"),
            "PASS has no fields but Cache-Control, Vary and Set-Cookie");
  EXPECT_EQ(Silent(pass + apart + "headers { name: 'Set-Cookie' value: 'v=1\\r\\nX: y' }"),
            "no field has CR, LF or NUL");
}

}  // namespace
}  // namespace fingerpost::decide
