// The policy in the running service: loaded before the port opens, replaced while it serves, and
// never by a bad one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "directories.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"
#include "server/settings.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Policy : public ::testing::Test {
 protected:
  Policy() {
    std::string name = (fs::temp_directory_path() / "policy-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Policy() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string path() const { return (directory_ / "policy.yaml").string(); }
  // In one step, like an editor or Kubernetes.
  void Write(const std::string& text) const {
    std::ofstream(path() + ".new") << text;
    fs::rename(path() + ".new", path());
  }
  static std::string MovedTo(const std::string& target) {
    return "rules:\n  - id: moved\n    match: {path: /old}\n"
           "    intent: {purpose: permanent_move, target: " +
           target + "}\n";
  }
  // The current target of /old.
  static std::string Target(const Daemon& daemon) {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url("https://shop.example.com/old");
    v1::DecideResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    const grpc::Status status =
        v1::RedirectService::NewStub(daemon.Channel())->Decide(&context, request, &response);
    return status.ok() ? response.target() : status.error_message();
  }
  template <typename Condition>
  static bool Eventually(Condition holds) {
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > patience) return false;
    }
    return true;
  }
  static bool HasMetric(const Daemon& daemon, const std::string& line) {
    return Get(daemon.admin_address(), "/metrics").body.find("\n" + line + "\n") !=
           std::string::npos;
  }

  fs::path directory_;
};

TEST_F(Policy, AnswersFromTheFirstCall) {
  Write(MovedTo("/new"));
  const Daemon daemon({"--policy", path()});
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new");
}

TEST_F(Policy, ABadFirstOneEndsTheStartWithEveryProblem) {
  Write("rules:\n  - id: a b\n    intent: {purpose: nonsense}\n");
  const Output output = RunDaemon({"--listen", "127.0.0.1:0", "--policy", path()});
  EXPECT_EQ(output.code, 5);
  EXPECT_EQ(output.out, "") << "no port was opened";
  EXPECT_THAT(output.err, AllOf(HasSubstr("fingerpostd: --policy: "), HasSubstr(path() + ":2:"),
                                HasSubstr(path() + ":3:")));
  const Output missing = RunDaemon({"--listen", "127.0.0.1:0", "--policy", "/nonexistent"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_EQ(missing.err, "fingerpostd: --policy: cannot read /nonexistent\n");
}

TEST_F(Policy, AChangedFileIsServedWithoutARestart) {
  Write(MovedTo("/new"));
  const Daemon daemon({"--policy", path(), "--admin-listen", "127.0.0.1:0"});
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new");
  Write(MovedTo("/newer"));
  EXPECT_TRUE(Eventually([&] { return Target(daemon) == "https://shop.example.com/newer"; }));
  EXPECT_TRUE(Eventually(
      [&] { return HasMetric(daemon, R"(fingerpost_policy_reloads_total{result="success"} 1)"); }));
}

TEST_F(Policy, ABadOneNeverReplacesAGoodOne) {
  Write(MovedTo("/new"));
  const Daemon daemon({"--policy", path(), "--admin-listen", "127.0.0.1:0"});
  Write("rules: [{id: a b}]\n");
  EXPECT_TRUE(Eventually(
      [&] { return HasMetric(daemon, R"(fingerpost_policy_reloads_total{result="failure"} 1)"); }));
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new");
  EXPECT_EQ(Get(daemon.admin_address(), "/readyz").status, 200) << "a bad policy is no reason";
  EXPECT_THAT(Get(daemon.admin_address(), "/").body, HasSubstr("policy.yaml:1:"));
  EXPECT_THAT(daemon.Errors(), HasSubstr("policy.yaml:1:"));
}

// What is wrong with one team's file is told everywhere, and changes nothing for the other's.
TEST_F(Policy, AFaultyIncludedFileKeepsItsLastGoodVersion) {
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(directory_ / "new") << text;
    fs::rename(directory_ / "new", directory_ / name);
  };
  const auto moved = [](const std::string& id, const std::string& target) {
    return "rules:\n  - id: " + id + "\n    match: {hosts: [" + id +
           ".example.com], path: /old}\n    intent: {purpose: permanent_move, target: " + target +
           "}\n";
  };
  write("policy.yaml",
        "include:\n  - {files: shop.part, hosts: [shop.example.com]}\n"
        "  - {files: blog.part, hosts: [blog.example.com]}\n");
  write("shop.part", moved("shop", "/new"));
  write("blog.part", "rules: [{id: a b}]\n");
  EXPECT_EQ(RunDaemon({"--check", "--policy", path()}).code, 5);
  const Daemon daemon({"--policy", path(), "--admin-listen", "127.0.0.1:0"});
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new") << "without the other file";
  EXPECT_THAT(daemon.Errors(),
              AllOf(HasSubstr("blog.part:1:9: rules[0]: "),
                    HasSubstr("policy: blog.part cannot be used and is left out")));
  EXPECT_TRUE(HasMetric(daemon, R"(fingerpost_policy_file_current{file="blog.part"} 0)"));
  EXPECT_TRUE(HasMetric(
      daemon, R"(fingerpost_policy_file_last_success_timestamp_seconds{file="blog.part"} 0)"));
  HttpResponse ready = Get(daemon.admin_address(), "/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body, "serving\npolicy: blog.part: nothing of it answers\n");
  write("blog.part", moved("blog", "/new"));
  EXPECT_TRUE(Eventually(
      [&] { return HasMetric(daemon, R"(fingerpost_policy_reloads_total{result="success"} 1)"); }));
  EXPECT_TRUE(HasMetric(daemon, R"(fingerpost_policy_file_current{file="blog.part"} 1)"));
  EXPECT_EQ(Get(daemon.admin_address(), "/readyz").body, "serving\n");
  write("shop.part", "rules: [\n");
  EXPECT_TRUE(Eventually(
      [&] { return HasMetric(daemon, R"(fingerpost_policy_reloads_total{result="partial"} 1)"); }));
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new");
  EXPECT_TRUE(HasMetric(daemon, R"(fingerpost_policy_file_current{file="shop.part"} 0)"));
  EXPECT_EQ(Get(daemon.admin_address(), "/readyz").body,
            "serving\npolicy: shop.part: its last good version answers\n");
  EXPECT_THAT(Get(daemon.admin_address(), "/").body,
              AllOf(HasSubstr("<td>shop.part</td><td class=\"bad\">its last good version</td>"),
                    HasSubstr("<td>blog.part</td><td class=\"good\">the file as it is</td>"),
                    HasSubstr("shop.part:")));
  for (const char* line : {"policy: blog.part is current again",
                           "policy: shop.part cannot be used, its last good version stays"}) {
    EXPECT_TRUE(Eventually([&] { return daemon.Errors().find(line) != std::string::npos; }))
        << line;
  }
  // A fault of the document: all that answers stays, and health says it.
  write("policy.yaml", "include: [{}]\n");
  EXPECT_TRUE(Eventually(
      [&] { return HasMetric(daemon, R"(fingerpost_policy_reloads_total{result="failure"} 1)"); }));
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new");
  EXPECT_THAT(Get(daemon.admin_address(), "/readyz").body,
              HasSubstr("policy: the last load failed; version "));
}

TEST_F(Policy, SighupReadsAgain) {
  Write(MovedTo("/new"));
  const Daemon daemon({"--policy", path(), "--admin-listen", "127.0.0.1:0"});
  daemon.Signal(SIGHUP);
  EXPECT_TRUE(Eventually(
      [&] { return HasMetric(daemon, R"(fingerpost_policy_reloads_total{result="success"} 1)"); }));
  EXPECT_EQ(Target(daemon), "https://shop.example.com/new");
}

TEST_F(Policy, SignalsThatAskForSomethingDoNotEndTheService) {
  Daemon daemon;
  daemon.Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] {
    return daemon.Errors().find("the default policy does not change") != std::string::npos;
  }));
  daemon.Signal(SIGUSR1);
  EXPECT_TRUE(
      Eventually([&] { return daemon.Errors().find("log level debug") != std::string::npos; }));
  daemon.Signal(SIGUSR1);
  EXPECT_TRUE(
      Eventually([&] { return daemon.Errors().find("log level info") != std::string::npos; }));
  daemon.Signal(SIGTERM);
  EXPECT_EQ(daemon.Wait().code, 0);
}

TEST_F(Policy, CheckLooksAtEverythingAndOpensNoPort) {
  Write(MovedTo("/new"));
  const Daemon taken;
  const Output good = RunDaemon({"--check", "--policy", path(), "--listen", taken.address()});
  EXPECT_EQ(good.code, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("settings and policy are good; policy version "));
  Write("rules: [{id: a b}]\n");
  EXPECT_EQ(RunDaemon({"--check", "--policy", path()}).code, 5);
  EXPECT_EQ(RunDaemon({"--check", "--tls-cert", "/nonexistent"}).code, 2);
  EXPECT_EQ(RunDaemon({"--check", "--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"}).code,
            3);
}

// ext_authz over the wire: served only if it is enabled.
TEST_F(Policy, EnvoyIsAnsweredWhereItIsEnabled) {
  Write(MovedTo("/new"));
  constexpr char kCheck[] = "/envoy.service.auth.v3.Authorization/Check";
  // http { method: "GET", path: "/old", host: "h", scheme: "http" }, see tests/rpc/envoy_test.cc.
  const std::string check("\x0a\x18\x22\x16\x12\x14\x12\x03GET\x22\x04/old\x2a\x01h\x32\x04http",
                          26);
  const Daemon off({"--policy", path()});
  RawCall refused(off.Channel(), kCheck, check);
  EXPECT_EQ(refused.Finish().error_code(), grpc::UNIMPLEMENTED);
  const Daemon on({"--policy", path(), "--envoy"});
  RawCall answered(on.Channel(), kCheck, check);
  EXPECT_THAT(answered.Read().value_or(""), AllOf(HasSubstr("Location"), HasSubstr("/new")));
  EXPECT_TRUE(answered.Finish().ok());
}

TEST(SettingsReference, IsThatOfThisVersion) {
  std::ostringstream page;
  page << std::ifstream(std::string(FINGERPOST_TESTS_DIR) + "/../service/server/SETTINGS.md")
              .rdbuf();
  EXPECT_EQ(page.str(), ReferencePage())
      << "fingerpostd --settings-reference > service/server/SETTINGS.md";
}

}  // namespace
}  // namespace fingerpost::testing
