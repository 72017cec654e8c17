// Reports of engines in other processes, at both doors: the page, the metrics, the stats and the
// access log are about all answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "fingerpost/v1/policy_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

constexpr char kPolicy[] =
    "rules:\n"
    "  - {id: moved, match: {path: /old}, intent: {purpose: permanent_move, target: /new}}\n";

class Usage : public ::testing::Test {
 protected:
  Usage() {
    std::string name = (fs::temp_directory_path() / "usage-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    std::ofstream(directory_ / "policy.yaml") << kPolicy;
  }
  ~Usage() override { fs::remove_all(directory_); }

  [[nodiscard]] std::vector<std::string> Flags() const {
    return {"--policy",       (directory_ / "policy.yaml").string(),
            "--http-listen",  "127.0.0.1:0",
            "--admin-listen", "127.0.0.1:0",
            "--access-log",   "all"};
  }

  static v1::ReportUsageRequest Report() {
    v1::ReportUsageRequest report;
    report.set_policy_version("v7");
    report.set_agent("python/0.1.0");
    auto& rule = *report.add_rules();
    rule.set_name("moved");
    rule.set_outcome(v1::OUTCOME_REDIRECT);
    rule.set_hits(3);
    rule.set_last_status(308);
    report.set_misses(2);
    auto& decision = *report.add_decisions();
    decision.set_outcome(v1::OUTCOME_REDIRECT);
    decision.set_status(308);
    decision.set_reason(v1::REASON_CODE_PERMANENT_MOVE);
    decision.set_hits(5);
    report.add_follows()->set_hits(4);
    auto& sample = *report.add_samples();
    sample.mutable_request()->mutable_request()->set_method("GET");
    sample.mutable_request()->mutable_request()->set_url("https://u:p@h.example/same?token=secret");
    sample.mutable_response()->set_outcome(v1::OUTCOME_REFUSE);
    sample.mutable_response()->mutable_reason()->set_code(v1::REASON_CODE_TARGET_NOT_ALLOWED);
    sample.mutable_response()->set_rule("moved");
    // Without an outcome: it is left out.
    report.add_samples()->mutable_response()->set_rule("dropped");
    return report;
  }
  static HttpResponse Post(const Daemon& daemon, const std::string& type, const std::string& body) {
    return Exchange(daemon.http_address(),
                    "POST /v1/usage HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    "Content-Type: " +
                        type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                        body);
  }

  fs::path directory_;
};

TEST_F(Usage, IsCountedAtEachDoorAndSaidEverywhere) {
  Daemon daemon(Flags());
  {
    const auto stub = v1::PolicyService::NewStub(daemon.Channel());
    grpc::ClientContext context;
    v1::ReportUsageResponse response;
    const grpc::Status status = stub->ReportUsage(&context, Report(), &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  for (const char* type : {"application/protobuf", "application/x-protobuf"}) {
    const HttpResponse response = Post(daemon, type, Report().SerializeAsString());
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.body, "");
    EXPECT_THAT(response.fields, HasSubstr("Content-Type: application/protobuf"));
  }
  const HttpResponse response = PostJson(
      daemon.http_address(), "/v1/usage",
      R"({"rules": [{"name": "moved", "outcome": "redirect", "hits": "3", "last_status": 308}],
          "misses": 2, "follows": [{"hits": 4}], "agent": "web/0.1.0",
          "decisions": [{"outcome": "redirect", "status": 308, "reason": "permanent_move", "hits": 5}]})");
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.body, "{}\n");

  const Json stats = Json::parse(Get(daemon.admin_address(), "/stats").body);
  EXPECT_EQ(stats.at("questions"), 4 * (3 + 2));
  EXPECT_EQ(stats.at("misses").at("count"), 8);
  const std::string metrics = Get(daemon.admin_address(), "/metrics").body;
  EXPECT_THAT(
      metrics,
      AllOf(HasSubstr("\nfingerpost_rule_hits_total{rule=\"moved\"} 12\n"),
            HasSubstr("\nfingerpost_misses_total 8\n"),
            HasSubstr("\nfingerpost_decisions_total{outcome=\"REDIRECT\",purpose=\"POLICY\","
                      "status=\"308\",reason=\"PERMANENT_MOVE\"} 20\n"),
            HasSubstr("\nfingerpost_follows_total{stop=\"NEXT\"} 16\n"),
            HasSubstr("\nfingerpost_reported_answers_total{rpc=\"Decide\"} 20\n"),
            HasSubstr("\nfingerpost_reported_answers_total{rpc=\"Follow\"} 16\n"),
            HasSubstr("\nfingerpost_reported_unknown_hits_total 0\n"),
            HasSubstr("\nfingerpost_reported_dropped_samples_total 3\n"),
            HasSubstr("\nfingerpost_uncounted_decisions_total 0\n")));
  EXPECT_THAT(metrics,
              HasSubstr("\nfingerpost_http_requests_total{rpc=\"ReportUsage\",code=\"OK\"} 3\n"));
  const std::string page = Get(daemon.admin_address(), "/").body;
  EXPECT_THAT(page, AllOf(HasSubstr("20 of Decide and 16 of Follow are from engines in other "
                                    "processes (reports: 4)"),
                          HasSubstr("<td>moved</td><td class=\"n\">12</td>"),
                          HasSubstr("https://h.example/same"), Not(HasSubstr("secret"))));
  daemon.Signal(SIGTERM);  // The log is written behind the answers.
  const std::string log = daemon.Wait().err;
  EXPECT_THAT(log,
              AllOf(HasSubstr(R"("rpc":"ReportUsage","transport":"grpc")"),
                    HasSubstr(R"("rpc":"ReportUsage","transport":"http")"),
                    HasSubstr(R"("agent":"python/0.1.0")"), HasSubstr(R"("agent":"web/0.1.0")"),
                    HasSubstr(R"("rpc":"Decide","transport":"engine","code":"OK","peer":)"),
                    HasSubstr(R"("url":"https://h.example/same","outcome":"OUTCOME_REFUSE")"),
                    HasSubstr(R"("rule":"moved","policy_version":"v7")"), Not(HasSubstr("dropped")),
                    Not(HasSubstr("secret"))));
}

TEST_F(Usage, ThatIsWrongIsRefusedAndNamesItsField) {
  const Daemon daemon(Flags());
  v1::ReportUsageRequest wrong = Report();
  wrong.mutable_rules(0)->clear_name();
  const HttpResponse octets = Post(daemon, "application/protobuf", wrong.SerializeAsString());
  EXPECT_EQ(octets.status, 400);
  EXPECT_THAT(octets.body, AllOf(HasSubstr("INVALID_ARGUMENT"), HasSubstr("rules[0].name")));
  EXPECT_EQ(Post(daemon, "application/protobuf", "\xff").status, 400);
  EXPECT_THAT(Post(daemon, "application/protobuf", "\xff").body,
              HasSubstr("expected the octets of a fingerpost.v1.ReportUsageRequest"));
  EXPECT_THAT(PostJson(daemon.http_address(), "/v1/usage", R"({"rules": [{"nam": "x"}]})").body,
              HasSubstr("rules[0].nam"));
  const HttpResponse type = Post(daemon, "text/plain", "{}");
  EXPECT_EQ(type.status, 415);
  EXPECT_THAT(type.fields, HasSubstr("Accept: application/json, application/protobuf"));
  EXPECT_EQ(Get(daemon.http_address(), "/v1/usage").status, 405);
  // Octets are for reports only.
  EXPECT_EQ(Exchange(daemon.http_address(),
                     "POST /v1/decide HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     "Content-Type: application/protobuf\r\nContent-Length: 0\r\n\r\n")
                .status,
            415);
  {
    const auto stub = v1::PolicyService::NewStub(daemon.Channel());
    grpc::ClientContext context;
    v1::ReportUsageResponse response;
    const grpc::Status status = stub->ReportUsage(&context, wrong, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("rules[0].name"));
  }
  EXPECT_EQ(Json::parse(Get(daemon.admin_address(), "/stats").body).at("questions"), 0);
}

}  // namespace
}  // namespace fingerpost::testing
