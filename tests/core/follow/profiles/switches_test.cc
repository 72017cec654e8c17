// The switches of the clients: each with what its client does without it and with it.
// tests/profiles has the real clients' behaviour.
#include "core/follow/profiles/switches.h"

#include <gtest/gtest.h>

#include <set>

#include "core/follow/asking.h"

namespace fingerpost::follow {
namespace {

using testing::Ask;
using testing::Next;

struct Turned {
  v1::Profile profile;
  v1::ClientSwitch id;
  const char* request;
  int status;
  const char* fields;
  const char* without;
  const char* with;
};
void PrintTo(const Turned& row, std::ostream* out) {
  *out << v1::Profile_Name(row.profile) << " " << v1::ClientSwitch_Name(row.id);
}

class SwitchTable : public ::testing::TestWithParam<Turned> {};
TEST_P(SwitchTable, ChangesTheNextRequest) {
  const Turned& row = GetParam();
  v1::FollowRequest question = Ask(row.request, row.status, row.fields);
  question.mutable_options()->set_profile(row.profile);
  EXPECT_EQ(Next(question), row.without);
  question.mutable_options()->add_switches(row.id);
  EXPECT_EQ(Next(question), row.with);
}

constexpr Turned kRows[] = {
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_AUTO_REFERER, "GET https://u:p@a.test/x?y#z", 302,
     "Location: http://b.test/", "GET http://b.test/",
     "GET http://b.test/\nReferer: https://a.test/x?y"},
    {v1::PROFILE_CURL_X, v1::CLIENT_SWITCH_AUTO_REFERER, "GET https://a.test/\nReferer: mine", 302,
     "Location: /x", "GET https://a.test/x\nReferer: mine", "GET https://a.test/x\nReferer: mine"},
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_POST301, "POST https://a.test/ [body]", 301,
     "Location: /x", "GET https://a.test/x", "POST https://a.test/x [body]"},
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_POST302, "POST https://a.test/ [body]", 302,
     "Location: /x", "GET https://a.test/x", "POST https://a.test/x [body]"},
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_POST302, "POST https://a.test/ [body]", 301,
     "Location: /x", "GET https://a.test/x", "GET https://a.test/x"},
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_POST303, "POST https://a.test/ [body]", 303,
     "Location: /x", "GET https://a.test/x", "POST https://a.test/x [body]"},
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_POST303, "PUT https://a.test/ [body]", 303, "Location: /x",
     "GET https://a.test/x", "GET https://a.test/x"},
    {v1::PROFILE_CURL_X, v1::CLIENT_SWITCH_POST301, "PATCH https://a.test/ [body]", 301,
     "Location: /x", "PATCH https://a.test/x", "PATCH https://a.test/x [body]"},
    {v1::PROFILE_CURL_FOLLOW, v1::CLIENT_SWITCH_POST302, "PATCH https://a.test/ [body]", 302,
     "Location: /x", "GET https://a.test/x", "PATCH https://a.test/x [body]"},
    {v1::PROFILE_CURL, v1::CLIENT_SWITCH_LOCATION_TRUSTED,
     "GET https://a.test/\nAuthorization: t\nCookie: c=1\nHost: h.test", 302,
     "Location: https://b.test/", "GET https://b.test/",
     "GET https://b.test/\nAuthorization: t\nCookie: c=1"},
    {v1::PROFILE_CURL_X, v1::CLIENT_SWITCH_UPLOAD, "PUT https://a.test/ [body]", 301,
     "Location: /x", "PUT https://a.test/x", "PUT https://a.test/x [body]"},
    {v1::PROFILE_CURL_FOLLOW, v1::CLIENT_SWITCH_UPLOAD, "PUT https://a.test/ [body]", 302,
     "Location: /x", "GET https://a.test/x", "PUT https://a.test/x [body]"},
    {v1::PROFILE_GUZZLE, v1::CLIENT_SWITCH_STRICT, "PUT https://a.test/ [body]", 302,
     "Location: /x", "GET https://a.test/x", "PUT https://a.test/x [body]"},
    {v1::PROFILE_GUZZLE, v1::CLIENT_SWITCH_STRICT, "PUT https://a.test/ [body]", 303,
     "Location: /x", "GET https://a.test/x", "GET https://a.test/x"},
    {v1::PROFILE_GUZZLE, v1::CLIENT_SWITCH_AUTO_REFERER, "GET https://a.test/x?y#z", 302,
     "Location: /n", "GET https://a.test/n", "GET https://a.test/n\nReferer: https://a.test/x?y"},
    {v1::PROFILE_GUZZLE, v1::CLIENT_SWITCH_AUTO_REFERER, "GET https://a.test/x?y\nReferer: mine",
     302, "Location: https://b.test/", "GET https://b.test/",
     "GET https://b.test/\nReferer: https://a.test/"},
    {v1::PROFILE_GUZZLE, v1::CLIENT_SWITCH_AUTO_REFERER, "GET https://a.test/x\nReferer: mine", 302,
     "Location: http://a.test/", "GET http://a.test/", "GET http://a.test/"},
    {v1::PROFILE_FARADAY, v1::CLIENT_SWITCH_STRICT, "PATCH https://a.test/ [body]", 301,
     "Location: /x", "GET https://a.test/x", "PATCH https://a.test/x [body]"},
    {v1::PROFILE_HTTPCLIENT5, v1::CLIENT_SWITCH_LAX, "PUT https://a.test/ [body]", 307,
     "Location: /x", "PUT https://a.test/x [body]", "STOP METHOD_NOT_FOLLOWED"},
    {v1::PROFILE_HTTPCLIENT5, v1::CLIENT_SWITCH_LAX, "GET https://a.test/\nAuthorization: t", 302,
     "Location: https://b.test/", "STOP CREDENTIALS_PRESENT",
     "GET https://b.test/\nAuthorization: t"},
    {v1::PROFILE_HTTPCLIENT5, v1::CLIENT_SWITCH_LAX, "GET https://a.test/", 308, "Location: /x",
     "GET https://a.test/x", "STOP STATUS_NOT_FOLLOWED"},
    {v1::PROFILE_JDK, v1::CLIENT_SWITCH_ALWAYS, "GET https://a.test/", 302,
     "Location: http://a.test/", "STOP DOWNGRADE", "GET http://a.test/"},
    {v1::PROFILE_CURL_FOLLOW, v1::CLIENT_SWITCH_POST303, "PUT https://a.test/ [body]", 303,
     "Location: /x", "GET https://a.test/x", "PUT https://a.test/x [body]"},
    {v1::PROFILE_CURL_FOLLOW, v1::CLIENT_SWITCH_POST303, "PUT https://a.test/ [once]", 303,
     "Location: /x", "GET https://a.test/x", "GET https://a.test/x"},
    {v1::PROFILE_CURL_X, v1::CLIENT_SWITCH_POST303, "PUT https://a.test/ [once]", 303,
     "Location: /x", "PUT https://a.test/x", "PUT https://a.test/x"},
};
INSTANTIATE_TEST_SUITE_P(Clients, SwitchTable, ::testing::ValuesIn(kRows));

TEST(Switches, EveryOneHasItsRow) {
  std::set<std::pair<v1::Profile, v1::ClientSwitch>> tested;
  for (const Turned& row : kRows) tested.emplace(row.profile, row.id);
  std::set<v1::ClientSwitch> known;
  for (const SwitchRow& row : EverySwitch()) known.insert(row.id);
  EXPECT_EQ(static_cast<int>(known.size()), v1::ClientSwitch_descriptor()->value_count() - 1);
  std::set<v1::ClientSwitch> ids;
  for (const auto& [profile, id] : tested) ids.insert(id);
  EXPECT_EQ(ids, known);
}

TEST(Switches, AnotherClientsIsRefused) {
  v1::FollowRequest question = Ask("GET https://a.test/", 302, "Location: /x");
  question.mutable_options()->set_profile(v1::PROFILE_GO);
  question.mutable_options()->add_switches(v1::CLIENT_SWITCH_STRICT);
  question.mutable_options()->add_switches(v1::CLIENT_SWITCH_UNSPECIFIED);
  EXPECT_EQ(Next(question), "INVALID options.switches[0] options.switches[1]");
}

}  // namespace
}  // namespace fingerpost::follow
