// `fingerpost policy stats`, as a person runs it.
#include "policy_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/program.h"
#include "server/daemon.h"

namespace fingerpost {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kStats[] = R"({
  "policy_version": "1234", "since": "2026-11-29T16:00:00Z", "questions": 40,
  "rules": [
    {"rule": "https", "hits": 0, "last_hit": null, "outcomes": {}},
    {"rule": "canonical", "hits": 0, "last_hit": null, "outcomes": {}},
    {"rule": "a", "hits": 1, "last_hit": "2026-11-29T16:01:00Z", "outcomes": {"redirect": 1}},
    {"rule": "sale", "hits": 0, "last_hit": null, "outcomes": {}},
    {"rule": "blog", "hits": 20, "last_hit": "2026-11-29T16:02:00Z", "outcomes": {"redirect": 17, "refuse": 3}}],
  "shadow": [
    {"rule": "soon", "hits": 3, "last_hit": "2026-11-29T16:03:00Z", "outcomes": {"redirect": 2, "error": 1},
     "last_answer": {"outcome": "redirect", "status": 307}},
    {"rule": "later", "hits": 0, "last_hit": null, "outcomes": {}, "last_answer": null}],
  "intents": [],
  "maps": [{"map": "pages", "hits": 9, "last_hit": "2026-11-29T16:04:00Z", "outcomes": {"redirect": 9}, "rows_hit": 2}],
  "top_rows": [{"row": "pages:12", "hits": 8, "last_hit": "2026-11-29T16:04:00Z", "source": "/a\u001b[31m"}],
  "misses": {"count": 10, "sampled": [{"url": "https://h.example/x", "seen": 4, "last_seen": "2026-11-29T16:05:00Z"}]}
})";

TEST(PolicyStats, ShowsWhatIsUsedAndWhatIsNot) {
  const auto text = cli::ShowStats(kStats);
  ASSERT_TRUE(text) << text.error();
  EXPECT_EQ(*text, R"(policy 1234, 40 questions of this replica since 2026-11-29T16:00:00Z

rule  hits   share  refused  last hit
blog    20  50.0 %        3  2026-11-29T16:02:00Z
a        1   2.5 %        0  2026-11-29T16:01:00Z

1 rule never hit: sale

rule in shadow mode  hits  would have answered            last hit
soon                    3  error 1, redirect 2; last 307  2026-11-29T16:03:00Z
later                   0                                 never

map    hits   share  rows hit  last hit
pages     9  22.5 %         2  2026-11-29T16:04:00Z

row       hits  last hit              source
pages:12     8  2026-11-29T16:04:00Z  /a\x1b[31m

10 misses, 25.0 %
missed, a sample     seen  last
https://h.example/x     4  2026-11-29T16:05:00Z
)");
}

TEST(PolicyStats, AnotherAnswerIsAnError) {
  EXPECT_EQ(cli::ShowStats("<html>").error(), "the answer is not JSON");
  EXPECT_THAT(cli::ShowStats("{}").error(), StartsWith("the answer has another form: "));
  EXPECT_FALSE(cli::ShowStats("[]"));
  EXPECT_FALSE(cli::ShowStats(R"({"questions": "x"})"));
}

TEST(PolicyStats, AsksTheAdminPort) {
  const testing::Daemon daemon({"--admin-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"});
  const std::string& admin = daemon.admin_address();
  for (const std::string& address : {admin, "http://" + admin + "/"}) {
    const Outcome outcome = RunFingerpost({"policy", "stats", address});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out,
                AllOf(StartsWith("policy "), HasSubstr("0 questions of this replica")));
  }
  const Outcome json = RunFingerpost({"policy", "stats", admin, "--json", "--rows", "0"});
  EXPECT_EQ(json.status, 0);
  EXPECT_EQ(nlohmann::json::parse(json.out).at("questions"), 0);

  const Outcome other = RunFingerpost({"policy", "stats", daemon.http_address()});
  EXPECT_EQ(other.status, 3);
  EXPECT_THAT(other.err,
              HasSubstr("answered 404; expected the address of a server's --admin-listen"));
  EXPECT_EQ(RunFingerpost({"policy", "stats", "127.0.0.1:1"}).status, 3);
  EXPECT_EQ(RunFingerpost({"policy", "stats", admin, "--rows", "10001"}).status, 2);
}

}  // namespace
}  // namespace fingerpost
