// WatchPolicy of the program: files that change reach whoever watches.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fingerpost/v1/policy_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Watcher {
 public:
  explicit Watcher(const std::shared_ptr<grpc::Channel>& channel,
                   const v1::WatchPolicyRequest& request = {})
      : stub_(v1::PolicyService::NewStub(channel)) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    reader_ = stub_->WatchPolicy(&context_, request);
  }
  std::optional<v1::WatchPolicyResponse> Read() {
    v1::WatchPolicyResponse response;
    return reader_->Read(&response) ? std::optional(response) : std::nullopt;
  }
  // The first rule's id.
  std::string ReadRule() {
    const auto response = Read();
    v1::Policy policy;
    if (!response || !policy.ParseFromString(response->policy()) || policy.rules().empty()) {
      return {};
    }
    return policy.rules(0).id();
  }
  grpc::Status Finish() {
    while (Read()) {
    }
    return reader_->Finish();
  }

 private:
  std::unique_ptr<v1::PolicyService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchPolicyResponse>> reader_;
};

class PolicyWatched : public ::testing::Test {
 protected:
  PolicyWatched() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    Write("p.yaml", Rule("first"));
  }
  ~PolicyWatched() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / "new") << text;
    fs::rename(directory_ / "new", directory_ / name);
  }
  static std::string Rule(const std::string& id) {
    return "rules: [{id: " + id + ", match: {path: /" + id + "}, intent: {purpose: gone}}]\n";
  }
  [[nodiscard]] std::vector<std::string> Arguments(std::vector<std::string> more = {}) const {
    more.insert(more.end(), {"--policy", (directory_ / "p.yaml").string()});
    return more;
  }

  fs::path directory_;
};

TEST_F(PolicyWatched, AChangeReachesAHundred) {
  const Daemon daemon(Arguments());
  std::vector<std::unique_ptr<Watcher>> watchers;
  for (int i = 0; i < 100; ++i) watchers.push_back(std::make_unique<Watcher>(daemon.Channel()));
  for (auto& watcher : watchers) EXPECT_EQ(watcher->ReadRule(), "first");
  const auto begin = std::chrono::steady_clock::now();
  Write("p.yaml", Rule("second"));
  for (auto& watcher : watchers) EXPECT_EQ(watcher->ReadRule(), "second");
  const auto took = std::chrono::steady_clock::now() - begin;
  RecordProperty("milliseconds",
                 std::to_string(std::chrono::duration<double, std::milli>(took).count()));
}

TEST_F(PolicyWatched, AMistakeIsToldAndTheOldPolicyStays) {
  const Daemon daemon(Arguments());
  Watcher watcher(daemon.Channel());
  const auto first = watcher.Read();
  ASSERT_TRUE(first);
  Write("p.yaml", "\nrules: [{id: a b, match: {path: /a}, intent: {purpose: gone}}]\n");
  const auto told = watcher.Read();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->version(), first->version());
  EXPECT_FALSE(told->has_policy());
  ASSERT_FALSE(told->problems().empty());
  EXPECT_THAT(told->problems(0).place(), EndsWith("p.yaml:2:14"));
  EXPECT_EQ(told->problems(0).field(), "rules[0].id");
  Write("p.yaml", Rule("second"));
  EXPECT_EQ(watcher.ReadRule(), "second");
}

TEST_F(PolicyWatched, AnIncludedFileWithAFaultIsToldFromTheStart) {
  Write("p.yaml", "include: [{files: team.yaml, hosts: [a.example]}]\n" + Rule("first"));
  Write("team.yaml", "rules: [{id: a b}]\n");
  const Daemon daemon(Arguments());
  Watcher watcher(daemon.Channel());
  const auto first = watcher.Read();
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->has_policy()) << "the rest answers";
  ASSERT_FALSE(first->problems().empty());
  EXPECT_THAT(first->problems(0).place(), HasSubstr("team.yaml:1:"));
  Write("team.yaml", "rules: []\n");
  const auto healed = watcher.Read();
  ASSERT_TRUE(healed);
  EXPECT_THAT(healed->problems(), IsEmpty());
}

TEST_F(PolicyWatched, AStoppedServerEndsTheStream) {
  Daemon daemon(Arguments({"--drain-timeout", "1h"}));
  Watcher watcher(daemon.Channel());
  const auto first = watcher.Read();
  ASSERT_TRUE(first);
  daemon.Signal(SIGTERM);
  EXPECT_EQ(watcher.Finish().error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(daemon.Wait().code, 0);

  const Daemon next(Arguments());
  v1::WatchPolicyRequest request;
  request.set_known_version(first->version());
  Watcher again(next.Channel(), request);
  const auto same = again.Read();
  ASSERT_TRUE(same);
  EXPECT_EQ(same->version(), first->version());
  EXPECT_FALSE(same->has_policy());
}

TEST_F(PolicyWatched, MetricsSayHowManyWatch) {
  const Daemon daemon(Arguments({"--admin-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0"}));
  Watcher watcher(daemon.Channel());
  EXPECT_EQ(watcher.ReadRule(), "first");
  EXPECT_EQ(Exchange(daemon.http_address(),
                     "GET /v1/policy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                .status,
            200);
  const std::string metrics = Exchange(daemon.admin_address(),
                                       "GET /metrics HTTP/1.1\r\nHost: localhost\r\n"
                                       "Connection: close\r\n\r\n")
                                  .body;
  EXPECT_THAT(metrics, HasSubstr("\nfingerpost_policy_watchers 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nfingerpost_policy_handed_out_total{way=\"watch\"} 1\n"));
  EXPECT_THAT(metrics, HasSubstr("\nfingerpost_policy_handed_out_total{way=\"http\"} 1\n"));
  EXPECT_THAT(metrics,
              HasSubstr("grpc_server_started_total{grpc_type=\"server_stream\",grpc_service="
                        "\"fingerpost.v1.PolicyService\",grpc_method=\"WatchPolicy\"} 1\n"));
}

}  // namespace
}  // namespace fingerpost::testing
