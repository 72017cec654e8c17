// SIGTERM under load: a client with our shared service config loses no call.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <gtest/gtest.h>
#include <re2/re2.h>
#include <signal.h>

#include <chrono>

#include "load.h"
#include "server/daemon.h"
#include "server/http_client.h"
#include "server/raw_call.h"

namespace fingerpost::testing {
namespace {

using ::testing::IsEmpty;

// A channel to several replicas, as behind one name.
std::shared_ptr<grpc::Channel> ChannelTo(const std::vector<const Daemon*>& replicas) {
  std::string target = "ipv4:";
  for (const Daemon* replica : replicas) {
    target += (target.back() == ':' ? "" : ",") + replica->address();
  }
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), SharedArguments());
}

TEST(Drain, LosesNoCallOfAClientThatRetriesUnavailable) {
  Daemon first;
  Daemon second;
  Load load(ChannelTo({&first, &second}));
  load.Pass(10'000);
  first.Signal(SIGTERM);
  const Output output = first.Wait();
  EXPECT_EQ(output.code, 0) << output.err;
  load.Pass(10'000);
  load.Stop();
  EXPECT_THAT(load.Failures(), IsEmpty());
}

// Whether any call has reached the replica since it started.
bool HasCalls(const Daemon& replica) {
  static const RE2 counted(R"re(grpc_server_started_total\{[^}]*"Decide"\} [1-9])re");
  return RE2::PartialMatch(Get(replica.admin_address(), "/metrics").body, counted);
}

// As in a rolling update: each replica is replaced by a new one on the same address.
TEST(Drain, ARollingRestartLosesNoCall) {
  std::vector<std::unique_ptr<Daemon>> replicas;
  for (const int number : {1, 2}) {
    replicas.push_back(
        std::make_unique<Daemon>(std::vector<std::string>{"--listen", OwnHost(number) + ":0"}));
  }
  Load load(ChannelTo({replicas[0].get(), replicas[1].get()}));
  for (auto& replica : replicas) {
    load.Pass(3'000);
    const std::string address = replica->address();
    replica->Signal(SIGTERM);
    EXPECT_EQ(replica->Wait().code, 0);
    replica = std::make_unique<Daemon>(
        std::vector<std::string>{"--listen", address, "--admin-listen", "127.0.0.1:0"});
    // The other stays until the clients have found this one.
    const auto patience = std::chrono::steady_clock::now() + kPatience;
    while (!HasCalls(*replica)) ASSERT_LT(std::chrono::steady_clock::now(), patience);
  }
  load.Pass(3'000);
  load.Stop();
  EXPECT_THAT(load.Failures(), IsEmpty());
}

}  // namespace
}  // namespace fingerpost::testing
