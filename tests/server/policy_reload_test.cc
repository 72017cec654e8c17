// A policy that is replaced repeatedly under traffic, with good and bad documents.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "sanitize/allowance.h"
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

  // A policy whose number is in every part of its answers.
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

  // The number of the policy that answered; the test fails if the answer mixes two.
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

  // Waits until so many documents have been refused, and no more.
  static void AwaitRefused(const Daemon& daemon, int count) {
    const auto refused = [&daemon] {
      int found = 0;
      const std::string log = daemon.Errors();
      for (size_t at = log.find(kRefused); at != log.npos; at = log.find(kRefused, at + 1)) ++found;
      return found;
    };
    const auto end = Clock::now() + kPatience;
    while (refused() < count) {
      ASSERT_LT(Clock::now(), end) << count << " refused documents are not logged\n"
                                   << daemon.Errors();
    }
    ASSERT_EQ(refused(), count);
  }
  static constexpr char kRefused[] = "policy: cannot be used, version ";

  // Asks the same question many times in one message. All answers must come from one policy.
  static void AskBatch(v1::RedirectService::Stub& stub) {
    v1::BatchDecideRequest batch;
    for (int i = 0; i < 50; ++i) {
      v1::HttpRequest& request = *batch.add_requests()->mutable_request();
      request.set_method("GET");
      request.set_url("https://h.example/a");
    }
    v1::BatchDecideResponse answers;
    grpc::ClientContext context;
    const grpc::Status status = stub.BatchDecide(&context, batch, &answers);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(answers.results_size(), batch.requests_size());
    const int number = NumberOf(answers.results(0).response());
    for (const auto& result : answers.results()) {
      ASSERT_EQ(NumberOf(result.response()), number);
    }
  }

  fs::path directory_;
};

TEST_F(PolicyReload, LosesNoCallAndMixesNoVersions) {
  const Daemon daemon({"--policy", File()});
  std::atomic<bool> done = false;
  std::atomic<int> answers = 0;
  const auto await_answers = [&answers](int more) {
    const auto end = Clock::now() + kPatience;
    for (const int before = answers; answers < before + more;) ASSERT_LT(Clock::now(), end);
  };
  std::vector<std::thread> clients;
  clients.emplace_back([&] {
    const auto stub = v1::RedirectService::NewStub(daemon.Channel());
    while (!done) AskBatch(*stub);
  });
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
  for (int number = 1; number <= 30; ++number) {
    Replace("rules: [{id: bad}]\n");
    AwaitRefused(daemon, number);
    Replace(Numbered(number));
    AwaitNumber(*stub, number);
    await_answers(1);
  }
  done = true;
  for (std::thread& client : clients) client.join();
}

// Peak resident memory, in MiB.
size_t PeakOf(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  size_t kib = 0;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) kib = std::stoul(line.substr(line.find_first_of("0123456789")));
  }
  return kib / 1024;
}

// Whatever replaces the file, the old policy answers, the log says why, and memory stays bounded.
TEST_F(PolicyReload, NothingBadTakesThePlaceOfAGoodOne) {
  const Daemon daemon({"--policy", File()});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  int refused = 0;
  const auto survives = [&](const std::string& why) {
    SCOPED_TRACE(why);
    AwaitRefused(daemon, ++refused);
    EXPECT_NE(daemon.Errors().find(why), std::string::npos) << daemon.Errors();
    EXPECT_EQ(NumberOf(Ask(*stub)), 0);
  };
  const size_t before = PeakOf(daemon.pid());
  Replace("rules: [");
  survives("not YAML");
  std::string large = Numbered(1);
  large.resize(100'000'000, 'x');
  Replace(large);
  survives("is larger than 8 MiB");
  Replace("rules: " + std::string(1000, '[') + std::string(1000, ']') + "\n");
  survives("nested deeper than 32 levels");
  Replace("a: &a [x, x]\nb: &b [*a, *a]\n");
  survives("anchors (&name) are not supported");
  Replace("rules: [\xFF]\n");
  survives("is not UTF-8");
  Replace(std::string("r\0u\0", 4));
  survives("control");
  std::string map = "/a,/b\n";
  for (int row = 0; row < 100'000; ++row) {
    map += row == 50'000 ? "broken\n" : "/a" + std::to_string(row) + ",/b\n";
  }
  std::ofstream(directory_ / "m.csv") << map;
  Replace("maps: [{name: m, file: m.csv}]\n");
  survives("m.csv:50002:1: ");
  fs::remove(File());
  survives("is not there");
  fs::create_directory(File());
  survives("is a directory");
  fs::remove(File());
  survives("is not there");
  // The same problem as an absent file, so not reported again.
  fs::create_symlink("nowhere", File());
  // An endless document, in one step: between two steps a busy machine would see an absent file.
  fs::create_symlink("/dev/zero", directory_ / "new");
  fs::rename(directory_ / "new", File());
  survives("is not a regular file");
  EXPECT_LT(PeakOf(daemon.pid()), before + 64U * kAllowance);
  Replace(Numbered(1));
  AwaitNumber(*stub, 1);
}

// Resident memory, in MiB.
size_t ResidentOf(pid_t pid) {
  std::ifstream statm("/proc/" + std::to_string(pid) + "/statm");
  size_t all = 0, resident = 0;
  statm >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) >> 20;
}

// Even the first one's: an unused policy is not kept.
TEST_F(PolicyReload, TheMemoryOfAnOldPolicyIsGivenBack) {
  if (kAllowance > 1) GTEST_SKIP() << "a sanitizer keeps what is freed";
  std::ofstream map(directory_ / "m.csv");
  const std::string tail(1000, 'x');
  for (int row = 0; row < 100'000; ++row) map << '/' << row << ",/" << tail << '\n';
  map.close();
  Replace("maps: [{name: m, file: m.csv}]\n");
  const Daemon daemon({"--policy", File()});
  const size_t before = ResidentOf(daemon.pid());
  constexpr size_t kMost = 80;  // MiB; the map has 96.
  ASSERT_GT(before, kMost);
  Replace(Numbered(1));
  const auto end = Clock::now() + kPatience;
  while (ResidentOf(daemon.pid()) + kMost > before) {
    ASSERT_LT(Clock::now(), end) << "of " << before << " MiB " << ResidentOf(daemon.pid());
  }
}

// Like a container at its memory limit.
TEST_F(PolicyReload, MemoryThatIsNotThereIsAProblemOfTheNewPolicyOnly) {
  if (kAllowance > 1) GTEST_SKIP() << "a sanitizer ends the process instead";
  const Daemon daemon({"--policy", File()});
  const auto stub = v1::RedirectService::NewStub(daemon.Channel());
  EXPECT_EQ(NumberOf(Ask(*stub)), 0);
  std::ofstream map(directory_ / "m.csv");
  const std::string tail(2000, 'x');
  for (int row = 0; row < 100'000; ++row) map << '/' << row << ',' << '/' << tail << '\n';
  map.close();
  std::ifstream statm("/proc/" + std::to_string(daemon.pid()) + "/statm");
  rlim_t pages = 0;
  statm >> pages;
  constexpr rlim_t kRoom = 16 << 20;  // Enough for calls. The map needs ten times as much.
  rlimit limit{};
  limit.rlim_cur = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + kRoom;
  limit.rlim_max = RLIM_INFINITY;
  ASSERT_EQ(prlimit(daemon.pid(), RLIMIT_AS, &limit, nullptr), 0);
  Replace("maps: [{name: m, file: m.csv}]\n");
  AwaitRefused(daemon, 1);
  EXPECT_NE(daemon.Errors().find("needs more memory than there is"), std::string::npos);
  EXPECT_EQ(NumberOf(Ask(*stub)), 0);
  limit.rlim_cur = RLIM_INFINITY;
  ASSERT_EQ(prlimit(daemon.pid(), RLIMIT_AS, &limit, nullptr), 0);
  Replace(Numbered(1));
  AwaitNumber(*stub, 1);
}

}  // namespace
}  // namespace fingerpost::testing
