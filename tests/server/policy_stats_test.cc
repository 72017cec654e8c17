// The policy's counters in the running service: every API counts once, and the admin port tells.
#include "server/policy_stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "envoy/service/auth/v3/external_auth.pb.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/policy_metrics.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr char kPolicy[] = R"(
rules:
  - {id: soon, shadow: true, match: {path: /old}, intent: {purpose: gone}}
  - {id: moved, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}
  - {id: never, match: {path: /never}, intent: {purpose: gone}}
maps: [{name: pages, file: pages.csv}]
)";

class PolicyStats : public ::testing::Test {
 protected:
  PolicyStats() {
    std::string name = (fs::temp_directory_path() / "stats-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    Write("pages.csv", "/a,/b\n");
    Write("policy.yaml", kPolicy);
  }
  ~PolicyStats() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / (name + ".new")) << text;
    fs::rename(directory_ / (name + ".new"), directory_ / name);
  }
  [[nodiscard]] std::vector<std::string> Flags() const {
    return {"--policy",
            (directory_ / "policy.yaml").string(),
            "--http-listen",
            "127.0.0.1:0",
            "--admin-listen",
            "127.0.0.1:0",
            "--envoy",
            "--access-log",
            "all"};
  }
  static v1::DecideRequest Question(const std::string& path) {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url("https://h.example" + path);
    return request;
  }
  static void Post(const Daemon& daemon, const std::string& path) {
    EXPECT_EQ(PostJson(daemon.http_address(), "/v1/decide",
                       R"({"request": {"method": "GET", "url": "https://h.example)" + path +
                           R"(?token=secret"}})")
                  .status,
              200);
  }
  static Json Stats(const Daemon& daemon, const std::string& query = "") {
    const HttpResponse response = Get(daemon.admin_address(), "/stats" + query);
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.fields, HasSubstr("Content-Type: application/json"));
    return Json::parse(response.body);
  }
  static Json Rule(const Json& stats, const std::string& id) {
    for (const Json& rule : stats.at("rules")) {
      if (rule.at("rule") == id) return rule;
    }
    return {};
  }

  fs::path directory_;
};

TEST_F(PolicyStats, EveryApiCountsOnce) {
  const Daemon daemon(Flags());
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  {
    grpc::ClientContext context;
    v1::DecideResponse response;
    ASSERT_TRUE(stub->Decide(&context, Question("/old"), &response).ok());
    EXPECT_EQ(response.rule(), "moved");
  }
  EXPECT_EQ(Rule(Stats(daemon), "moved").at("hits"), 1) << "one call";
  {
    grpc::ClientContext context;
    v1::BatchDecideRequest batch;
    for (int i = 0; i < 3; ++i) *batch.add_requests() = Question("/old");
    v1::BatchDecideResponse response;
    ASSERT_TRUE(stub->BatchDecide(&context, batch, &response).ok());
  }
  EXPECT_EQ(Rule(Stats(daemon), "moved").at("hits"), 4) << "each of a batch";
  {
    grpc::ClientContext context;
    v1::StreamDecideRequest batch;
    for (int i = 0; i < 2; ++i) *batch.add_requests() = Question("/old");
    v1::StreamDecideResponse response;
    const auto stream = stub->StreamDecide(&context);
    for (int i = 0; i < 2; ++i) {
      stream->Write(batch);
      ASSERT_TRUE(stream->Read(&response));
    }
    stream->WritesDone();
    ASSERT_TRUE(stream->Finish().ok());
  }
  EXPECT_EQ(Rule(Stats(daemon), "moved").at("hits"), 8) << "each of a stream";
  {
    envoy::service::auth::v3::CheckRequest check;
    auto& http = *check.mutable_attributes()->mutable_request()->mutable_http();
    http.set_method("GET");
    http.set_scheme("https");
    http.set_host("h.example");
    http.set_path("/old");
    RawCall call(daemon.Channel(), "/envoy.service.auth.v3.Authorization/Check",
                 check.SerializeAsString());
    EXPECT_THAT(call.Read().value_or(""), HasSubstr("/new"));
    EXPECT_TRUE(call.Finish().ok());
  }
  EXPECT_EQ(Rule(Stats(daemon), "moved").at("hits"), 9) << "Envoy";
  Post(daemon, "/old");
  EXPECT_EQ(Rule(Stats(daemon), "moved").at("hits"), 10) << "HTTP/JSON";
  EXPECT_THAT(Get(daemon.admin_address(), "/?method=GET&url=https://h.example/old").body,
              HasSubstr("Rule: moved"));
  EXPECT_EQ(Rule(Stats(daemon), "moved").at("hits"), 10)
      << "the operators' own trials do not count";
}

TEST_F(PolicyStats, SaysWhatIsUsedAndWhatIsMissed) {
  Daemon daemon(Flags());
  for (const char* path : {"/old", "/a", "/a", "/miss"}) Post(daemon, path);
  const Json stats = Stats(daemon);
  EXPECT_EQ(stats.at("questions"), 4);
  EXPECT_EQ(Rule(stats, "moved").at("outcomes"), Json({{"redirect", 1}}));
  EXPECT_TRUE(Rule(stats, "moved").at("last_hit").is_string());
  EXPECT_EQ(Rule(stats, "never").at("hits"), 0);
  EXPECT_TRUE(Rule(stats, "never").at("last_hit").is_null());
  const Json& soon = stats.at("shadow").at(0);
  EXPECT_EQ(soon.at("outcomes"), Json({{"respond", 1}}));
  EXPECT_EQ(soon.at("last_answer"), Json({{"outcome", "respond"}, {"status", 410}}));
  EXPECT_EQ(stats.at("maps").at(0).at("rows_hit"), 1);
  EXPECT_EQ(stats.at("top_rows").at(0).at("row"), "pages:1");
  EXPECT_EQ(stats.at("top_rows").at(0).at("source"), "/a");
  EXPECT_EQ(stats.at("top_rows").at(0).at("hits"), 2);
  EXPECT_EQ(stats.at("misses").at("count"), 1);
  EXPECT_EQ(stats.at("misses").at("sampled").at(0).at("url"), "https://h.example/miss");
  EXPECT_EQ(stats.dump().find("secret"), std::string::npos);
  EXPECT_TRUE(Stats(daemon, "?rows=0").at("top_rows").empty());

  const std::string metrics = Get(daemon.admin_address(), "/metrics").body;
  EXPECT_THAT(metrics, AllOf(HasSubstr("\nfingerpost_rule_hits_total{rule=\"moved\"} 1\n"),
                             HasSubstr("\nfingerpost_rule_hits_total{rule=\"never\"} 0\n"),
                             HasSubstr("\nfingerpost_map_hits_total{map=\"pages\"} 2\n"),
                             HasSubstr("\nfingerpost_misses_total 1\n")));
  EXPECT_THAT(metrics,
              HasSubstr("\nfingerpost_shadow_hits_total{rule=\"soon\",outcome=\"RESPOND\"} 1\n"));
  EXPECT_THAT(metrics, AllOf(Not(HasSubstr("h.example")), Not(HasSubstr("pages:1"))));

  const std::string page = Get(daemon.admin_address(), "/").body;
  EXPECT_THAT(page, AllOf(HasSubstr("<td>moved</td><td class=\"n\">1</td>"),
                          HasSubstr("1 rule never hit: never"), HasSubstr("respond 1; last 410"),
                          HasSubstr("<td>pages:1</td><td>/a</td><td class=\"n\">2</td>"),
                          HasSubstr("https://h.example/miss"), Not(HasSubstr("secret"))));
  daemon.Signal(SIGTERM);  // The log is written behind the answers.
  EXPECT_THAT(daemon.Wait().err, HasSubstr(R"("rule":"moved","shadow_rules":["soon"])"));
}

TEST_F(PolicyStats, RefusesWhatIsNoNumberOfRows) {
  const Daemon daemon(Flags());
  for (const char* rows : {"x", "-1", "10001", "1x", "99999999999999999999"}) {
    const HttpResponse response = Get(daemon.admin_address(), std::string("/stats?rows=") + rows);
    EXPECT_EQ(response.status, 400) << rows;
    EXPECT_THAT(response.body, HasSubstr("rows: expected a number from 0 to 10000"));
  }
  EXPECT_EQ(PostJson(daemon.admin_address(), "/stats", "{}").status, 405);
}

TEST_F(PolicyStats, AReloadGoesOnCounting) {
  const Daemon daemon(Flags());
  for (const char* path : {"/old", "/a"}) Post(daemon, path);
  const Json before = Stats(daemon);
  Write("pages.csv", "/0,/1\n/a,/c\n");
  const auto patience = std::chrono::steady_clock::now() + kPatience;
  while (Stats(daemon).at("policy_version") == before.at("policy_version") ||
         Stats(daemon).at("top_rows").empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
  const Json after = Stats(daemon);
  EXPECT_EQ(Rule(after, "moved"), Rule(before, "moved"));
  EXPECT_EQ(after.at("top_rows").at(0).at("row"), "pages:2");
  EXPECT_EQ(after.at("top_rows").at(0).at("hits"), 1);
}

TEST(PolicyMetrics, TheRestIsOneSeriesEvenIfARuleHasItsName) {
  PolicyHits hits;
  hits.rules = {{.name = "a", .is_listed = true}, {.name = "b", .is_listed = false}};
  hits.other_rules = {.name = "other"};
  hits.other_rules.by_outcome[v1::OUTCOME_REDIRECT] = 3;
  hits.shadow = {{.name = "s", .is_listed = true}};
  hits.shadow[0].by_outcome[0] = 2;
  const auto families = PolicyMetrics(hits);
  ASSERT_EQ(families[0].metric.size(), 2U);
  EXPECT_EQ(families[0].metric[1].label[0].value, "other");
  EXPECT_EQ(families[0].metric[1].counter.value, 3);
  ASSERT_EQ(families[1].metric.size(), 1U);
  EXPECT_EQ(families[1].metric[0].label[1].value, "ERROR");
}

}  // namespace
}  // namespace fingerpost::testing
