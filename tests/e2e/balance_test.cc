// Several replicas behind one name, as behind a headless service of Kubernetes: a client with our
// shared service config spreads its calls, finds new replicas, and loses no call.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "fingerpost/connection.h"
#include "load.h"
#include "name_server.h"
#include "server/daemon.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::IsEmpty;

// Connections end at this age, or up to a tenth later.
constexpr char kAge[] = "1s";
// No connection ends: while a new one is made, it misses its turns, on a busy machine for long.
constexpr char kNoAge[] = "1h";
// Longer than kAge requires, for a busy machine, but less than gRPC's own half minute between two
// look-ups of a name.
constexpr std::chrono::seconds kSoon{15};

// Replicas on different addresses, all on one port. Each has its own policy, so that answers show
// where they come from.
class Replicas {
 public:
  // Starts `numbers`, and points the name to them.
  explicit Replicas(const std::vector<int>& numbers, std::string age = kAge)
      : directory_(std::filesystem::temp_directory_path() / Name()), age_(std::move(age)) {
    std::filesystem::create_directory(directory_);
    for (const int number : numbers) Start(number);
    Publish(numbers);
  }
  ~Replicas() { std::filesystem::remove_all(directory_); }
  Replicas(const Replicas&) = delete;
  Replicas& operator=(const Replicas&) = delete;

  void Start(int number) {
    const std::string policy = directory_ / (std::to_string(number) + ".yaml");
    std::ofstream(policy) << "rules: [{id: r" << number
                          << ", match: {path: /x}, intent: {purpose: gone}}]\n";
    running_[number] = std::make_unique<Daemon>(
        std::vector<std::string>{"--listen", OwnHost(number) + ":" + port_, "--policy", policy,
                                 "--max-connection-age", age_});
    const std::string& address = running_[number]->address();
    port_ = address.substr(address.rfind(':') + 1);
  }
  // Like Kubernetes, which stops a pod.
  int Stop(int number) {
    running_.at(number)->Signal(SIGTERM);
    const int code = running_.at(number)->Wait().code;
    running_.erase(number);
    return code;
  }
  // Points the name to these.
  void Publish(const std::vector<int>& numbers) {
    std::vector<std::string> hosts;
    hosts.reserve(numbers.size());
    for (const int number : numbers) hosts.push_back(OwnHost(number));
    names_.Set(hosts);
  }
  // For a client that knows only the name.
  [[nodiscard]] std::shared_ptr<grpc::Channel> Channel() const {
    return Connection("dns://" + names_.address() + "/replicas.test:" + port_,
                      Transport::Plaintext())
        .channel();
  }

 private:
  static std::string Name() { return "fingerpost-balance-" + std::to_string(getpid()); }

  const std::filesystem::path directory_;
  const std::string age_;
  NameServer names_;
  std::string port_ = "0";
  std::map<int, std::unique_ptr<Daemon>> running_;
};

// Each of `replicas` answered its share of the calls, within a tenth.
void ExpectEven(const std::map<std::string, int>& versions, size_t replicas) {
  EXPECT_EQ(versions.size(), replicas);
  int sum = 0;
  for (const auto& [version, count] : versions) sum += count;
  const double share = static_cast<double>(sum) / static_cast<double>(replicas);
  for (const auto& [version, count] : versions) EXPECT_NEAR(count, share, share / 10) << version;
}

// Calls until answers come from `replicas` different ones; returns the duration.
std::chrono::milliseconds UntilAnswersComeFrom(size_t replicas, Load& load) {
  const auto begin = std::chrono::steady_clock::now();
  const auto waited = [begin] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begin);
  };
  (void)load.TakeVersions();
  size_t seen = 0;
  while (seen != replicas && waited() < kPatience && load.Failures().empty()) {
    load.Pass(100);
    seen = load.TakeVersions().size();
  }
  EXPECT_EQ(seen, replicas);
  return waited();
}

TEST(Balance, CallsAreSpreadEvenlyOverThreeReplicas) {
  Replicas replicas({1, 2, 3}, kNoAge);
  Load load(replicas.Channel());
  UntilAnswersComeFrom(3, load);
  load.Pass(9'000);
  load.Stop();
  ExpectEven(load.TakeVersions(), 3);
  EXPECT_THAT(load.Failures(), IsEmpty());
}

// The end of the old replica's connection makes the client look the name up again.
TEST(Balance, AReplacedReplicaIsFoundSoonAndTakesItsShare) {
  Replicas replicas({1, 2, 3}, kNoAge);
  Load load(replicas.Channel());
  UntilAnswersComeFrom(3, load);

  replicas.Start(4);
  replicas.Publish({1, 2, 4});
  EXPECT_EQ(replicas.Stop(3), 0);
  EXPECT_LT(UntilAnswersComeFrom(3, load), kSoon);
  load.Pass(9'000);
  load.Stop();
  ExpectEven(load.TakeVersions(), 3);
  EXPECT_THAT(load.Failures(), IsEmpty());
}

// With gRPC's own half minute between two look-ups of a name, the client would know no replica.
TEST(Balance, AllReplicasReplacedWithinSecondsLoseNoCall) {
  Replicas replicas({1, 2});
  Load load(replicas.Channel());
  UntilAnswersComeFrom(2, load);

  replicas.Start(3);
  replicas.Publish({2, 3});
  EXPECT_EQ(replicas.Stop(1), 0);
  UntilAnswersComeFrom(2, load);
  replicas.Start(4);
  replicas.Publish({3, 4});
  EXPECT_EQ(replicas.Stop(2), 0);
  EXPECT_LT(UntilAnswersComeFrom(2, load), kSoon);
  load.Stop();
  EXPECT_THAT(load.Failures(), IsEmpty());
}

TEST(Balance, AnAddedReplicaIsFoundWithinTheConnectionAge) {
  Replicas replicas({1, 2});
  Load load(replicas.Channel());
  UntilAnswersComeFrom(2, load);

  replicas.Start(3);
  replicas.Publish({1, 2, 3});
  EXPECT_LT(UntilAnswersComeFrom(3, load), kSoon);
  load.Stop();
  EXPECT_THAT(load.Failures(), IsEmpty());
}

}  // namespace
}  // namespace fingerpost::testing
