// The problems that `fingerpost trace` finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "trace_table.h"

namespace fingerpost {
namespace {

using testing::ElementsAre;

struct Flaw {
  const char* name;
  Table table;
  std::vector<std::string> problems;
};

TEST(Problems, AreFound) {
  const std::map<std::string, std::string> fresh = {{"Cache-Control", "max-age=60"}};
  const Flaw flaws[] = {
      {"none", {{"https://a.example/", {301, "/b", fresh}}}, {}},
      {"three redirects are enough",
       {{"https://a.example/", {302, "/1"}},
        {"https://a.example/1", {302, "/2"}},
        {"https://a.example/2", {302, "/3"}}},
       {}},
      {"four are too many",
       {{"https://a.example/", {302, "/1"}},
        {"https://a.example/1", {302, "/2"}},
        {"https://a.example/2", {302, "/3"}},
        {"https://a.example/3", {302, "/4"}}},
       {"too_long"}},
      {"permanent, then temporary",
       {{"https://a.example/", {308, "/b", fresh}}, {"https://a.example/b", {307, "/c"}}},
       {"mixed_codes"}},
      {"downgrade", {{"https://a.example/", {302, "http://a.example/"}}}, {"1 downgrade"}},
      {"no freshness", {{"https://a.example/", {301, "/b"}}}, {"1 permanent_without_freshness"}},
      {"a secret in a URL",
       {{"https://a.example/", {302, "/b?access_token=x"}}},
       {"1 secret_in_url"}},
      {"the same request with another cookie",
       {{"https://a.example/", {302, "/b", {{"Set-Cookie", "a=b"}}}},
        {"https://a.example/b", {302, "/"}}},
       {"3 loop", "3 visited_twice"}},
      {"inside", {{"https://a.example/", {302, "https://10.0.0.1/"}}}, {"1 private_target"}},
      {"a redirect to nowhere", {{"https://a.example/", {302, ""}}}, {"1 no_location"}},
      {"not found", {{"https://a.example/", {404, ""}}}, {"1 client_error"}},
      {"an error behind a redirect",
       {{"https://a.example/", {302, "/b"}}, {"https://a.example/b", {503, ""}}},
       {"2 server_error"}},
  };
  for (const Flaw& flaw : flaws) {
    const Trace trace = WalkThrough(JourneyTo("https://a.example/"), flaw.table);
    EXPECT_EQ(Problems(trace), flaw.problems) << flaw.name;
  }
}

// "with other cookies" only if the cookies differ.
TEST(Problems, TheSameRequestTwice) {
  const auto message = [](v1::Profile profile, const Table& table) {
    Journey journey = JourneyTo("https://a.example/");
    journey.options.set_profile(profile);
    journey.options.set_limit(2);
    for (const auto& problem : WalkThrough(journey, table).problems) {
      if (problem.code == "visited_twice") return problem.message;
    }
    return std::string();
  };
  EXPECT_EQ(message(v1::PROFILE_GO, {{"https://a.example/", {302, "/"}}}),
            "the same request as hop 1");
  EXPECT_EQ(
      message(v1::PROFILE_STRICT, {{"https://a.example/", {302, "/", {{"Set-Cookie", "a=b"}}}}}),
      "the same request as hop 1, with other cookies");
}

TEST(Problems, MethodsThatAreKeptAndThenGivenUp) {
  const Trace trace =
      WalkThrough(JourneyTo("https://a.example/", "POST"),
                  {{"https://a.example/", {307, "/b"}}, {"https://a.example/b", {303, "/c"}}});
  EXPECT_THAT(Problems(trace), ElementsAre("2 mixed_methods"));
}

}  // namespace
}  // namespace fingerpost
