// A policy that is replaced again and again under traffic, good and bad documents mixed.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"

namespace fingerpost::testing {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(30);

class PolicyReload : public ::testing::Test {
 protected:
  PolicyReload() {
    std::string name = (fs::temp_directory_path() / "fingerpost-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    Replace(Numbered(0));
  }
  ~PolicyReload() override { fs::remove_all(directory_); }

  [[nodiscard]] std::string File() const { return (directory_ / "p.yaml").string(); }

  void Replace(const std::string& text) const {
    std::ofstream(directory_ / "new") << text;
    fs::rename(directory_ / "new", File());
  }

  // Everything that an answer has of it says which one it is.
  static std::string Numbered(int number) {
    const std::string text = std::to_string(number);
    return "rules:\n  - {id: v" + text +
           ", match: {path: /a}, intent: {purpose: permanent_move, target: /" + text +
           ", cache: {max_age: " + text + "s}}}\n";
  }

  static v1::DecideResponse Ask(v1::RedirectService::Stub& stub) {
    v1::DecideRequest request;
    request.mutable_request()->set_method("GET");
    request.mutable_request()->set_url("https://h.example/a");
    v1::DecideResponse response;
    grpc::ClientContext context;
    const grpc::Status status = stub.Decide(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  // The number of the policy that answered; the test fails when the answer mixes two.
  static int NumberOf(const v1::DecideResponse& response) {
    const std::string number = response.rule().substr(std::min<size_t>(1, response.rule().size()));
    EXPECT_EQ(response.target(), "https://h.example/" + number);
    for (const v1::Header& header : response.headers()) {
      if (header.name() == "Cache-Control") {
        EXPECT_EQ(header.value(), "max-age=" + number);
      }
    }
    return number.empty() ? -1 : std::stoi(number);
  }

  // Asks until that policy answers.
  static void AwaitNumber(v1::RedirectService::Stub& stub, int number) {
    const auto end = Clock::now() + kPatience;
    while (NumberOf(Ask(stub)) != number) {
      ASSERT_LT(Clock::now(), end) << "version " << number << " never answers";
    }
  }

  static void AwaitLog(const Daemon& daemon, const std::string& text) {
    const auto end = Clock::now() + kPatience;
    while (daemon.Errors().find(text) == std::string::npos) {
      ASSERT_LT(Clock::now(), end) << "not logged: " << text << "\n" << daemon.Errors();
      std::this_thread::yield();
    }
  }

  fs::path directory_;
};

TEST_F(PolicyReload, LosesNoCallAndMixesNoVersions) {
  const Daemon daemon({"--policy", File()});
  std::atomic<bool> done = false;
  std::atomic<int> answers = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      const auto stub = v1::RedirectService::NewStub(daemon.Channel());
      std::map<std::string, int> numbers;
      int last = 0;
      while (!done) {
        const v1::DecideResponse response = Ask(*stub);
        const int number = NumberOf(response);
        EXPECT_EQ(numbers.try_emplace(response.policy_version(), number).first->second, number);
        EXPECT_GE(number, last) << "an older version answers again";
        last = number;
        ++answers;
      }
    });
  }
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  for (int number = 1; number <= 20; ++number) {
    Replace("rules: [{id: bad}]\n");
    if (number % 5 == 0) AwaitLog(daemon, "does nothing");
    Replace(Numbered(number));
    AwaitNumber(*stub, number);
  }
  done = true;
  for (std::thread& client : clients) client.join();
  EXPECT_GT(answers, 20);
}

}  // namespace
}  // namespace fingerpost::testing
