// Secrets that `fingerpost trace` sends and shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "core/http/fields.h"
#include "trace_table.h"

namespace fingerpost {
namespace {

TEST(Walk, KeepsSecretsToItself) {
  Journey journey = JourneyTo("https://a.example/");
  for (const char* value : {"Bearer one", "Bearer two"}) {
    v1::Header& header = *journey.request.add_headers();
    header.set_name("Authorization");
    header.set_value(value);
  }
  std::vector<v1::HttpRequest> sent;
  const Trace trace = WalkThrough(
      journey,
      {{"https://a.example/", {307, "/b"}}, {"https://a.example/b", {307, "https://c.example/"}}},
      &sent);
  ASSERT_EQ(sent.size(), 3);
  for (const size_t same_origin : {0U, 1U}) {
    ASSERT_EQ(sent[same_origin].headers_size(), 2);
    EXPECT_EQ(sent[same_origin].headers(0).value(), "Bearer one");
    EXPECT_EQ(sent[same_origin].headers(1).value(), "Bearer two");
    EXPECT_TRUE(http::IsWithheld(trace.hops[same_origin].request.headers(0)));
  }
  EXPECT_EQ(sent[2].headers_size(), 0);
}

// Userinfo is Basic for the first origin (RFC 7617), however the profile's client treats its
// caller's Authorization, and does not return when the chain returns to the origin.
TEST(Walk, UserinfoIsForTheFirstOrigin) {
  const Table table = {{"https://a.example/", {302, "/b"}},
                       {"https://a.example/b", {302, "https://sub.a.example/"}},
                       {"https://sub.a.example/", {302, "https://a.example/c"}}};
  for (const auto profile : {v1::PROFILE_STRICT, v1::PROFILE_CURL, v1::PROFILE_GO,
                             v1::PROFILE_URLLIB, v1::PROFILE_REQUESTS, v1::PROFILE_HTTPX}) {
    Journey journey = JourneyTo("https://us%65r:p%40ss@a.example/");
    journey.options.set_profile(profile);
    std::vector<v1::HttpRequest> sent;
    const Trace trace = WalkThrough(journey, table, &sent);
    ASSERT_EQ(sent.size(), 4) << profile;
    for (const size_t hop : {0U, 1U}) {
      EXPECT_EQ(http::FieldValue(sent[hop].headers(), "Authorization"), "Basic dXNlcjpwQHNz")
          << profile;
      EXPECT_TRUE(
          http::IsWithheld(*http::FindField(trace.hops[hop].request.headers(), "Authorization")));
    }
    EXPECT_EQ(http::FindField(sent[2].headers(), "Authorization"), nullptr) << profile;
    EXPECT_EQ(sent[0].url(), "https://a.example/");
    EXPECT_EQ(trace.hops[0].request.url(), "https://a.example/");
  }
}

TEST(Walk, UserinfoGivesWayToAnAuthorization) {
  Journey journey = JourneyTo("https://user:password@a.example/");
  v1::Header& header = *journey.request.add_headers();
  header.set_name("authorization");
  header.set_value("Bearer x");
  std::vector<v1::HttpRequest> sent;
  (void)WalkThrough(journey, {}, &sent);
  ASSERT_EQ(sent[0].headers_size(), 1);
  EXPECT_EQ(sent[0].headers(0).value(), "Bearer x");
}

// Every spelling of userinfo that the URL parser takes.
TEST(Walk, ShowsNoUserinfoOfALocation) {
  const std::pair<const char*, const char*> spellings[] = {
      {"https://u:PW@b.example/", "https://(withheld)@b.example/"},
      {"https://u:PW:PW@PW@b.example/a@b", "https://(withheld)@b.example/a@b"},
      {"//PW@b.example", "//(withheld)@b.example"},
      {"http:u:PW@b.example", "http:(withheld)@b.example"},
      {"hTTps:\\/\\u:PW@b.example", "hTTps:\\/\\(withheld)@b.example"},
      {"\x01https://u:PW@b.example", "\x01https://(withheld)@b.example"},
      {"ht\ttps:/\t/u:PW@b.example", "ht\ttps:/\t/(withheld)@b.example"},
      {"/\t\\u:PW@b.example", "/\t\\(withheld)@b.example"},
      {"view-source:https://u:PW@b.example", "view-source:https://(withheld)@b.example"},
      {"/a//b@c", "/a//b@c"},
      {"/@b", "/@b"},
      {"?next=https://b@c/", "?next=https://(withheld)@c/"},
  };
  for (const auto& [location, shown] : spellings) {
    const Trace trace =
        WalkThrough(JourneyTo("https://a.example/"), {{"https://a.example/", {302, location}}});
    EXPECT_EQ(http::FieldValue(trace.hops[0].exchange.response.headers(), "Location"), shown);
    for (const auto& hop : trace.hops) {
      const std::string all = hop.request.DebugString() + hop.exchange.response.DebugString() +
                              hop.follow.DebugString() + hop.leads_to;
      EXPECT_EQ(all.find("PW"), all.npos) << all;
    }
  }
}

TEST(Walk, ShowsNoValueOfASecret) {
  Journey journey = JourneyTo("https://a.example/");
  journey.options.set_profile(v1::PROFILE_CURL);
  journey.options.add_secret_fields("X-Key");
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"Cookie", "c1=HUSHED; c2=HUSHED;HUSHED"}, {"X-Key", "HUSHED"}}) {
    v1::Header& header = *journey.request.add_headers();
    header.set_name(name);
    header.set_value(value);
  }
  const Trace trace = WalkThrough(
      journey,
      {{"https://a.example/",
        {302, "https://u:HUSHED@b.example/", {{"Set-Cookie", "a=HUSHED; Path=/"}}}},
       {"https://b.example/",
        {302, "/c", {{"X-Key", "HUSHED"}, {"Refresh", "0;https://HUSHED@x/"}}}},
       {"https://b.example/c", {302, "https://HUSHED@c.example", {{"set-cookie", "HUSHED"}}}}});
  ASSERT_EQ(trace.hops.size(), 4);
  for (const auto& hop : trace.hops) {
    const std::string all = hop.request.DebugString() + hop.exchange.response.DebugString() +
                            hop.follow.DebugString() + hop.leads_to;
    EXPECT_EQ(all.find("HUSHED"), all.npos) << all;
    EXPECT_EQ(all.find("dTpIVVNIRUQ"), all.npos) << "u:HUSHED in base64";
  }
  EXPECT_EQ(http::FieldValue(trace.hops[0].request.headers(), "Cookie"),
            "c1=(withheld); c2=(withheld); (withheld)");
  EXPECT_EQ(http::FieldValue(trace.hops[0].exchange.response.headers(), "Set-Cookie"),
            "a=(withheld); Path=/");
  EXPECT_EQ(http::FieldValue(trace.hops[0].exchange.response.headers(), "Location"),
            "https://(withheld)@b.example/");
}

}  // namespace
}  // namespace fingerpost
