// What must not stop the watch of the policy, or whoever asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "client_policy.h"

namespace fingerpost::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using State = PolicyState::State;

TEST_F(ClientPolicy, HooksThatThrowChangeNothing) {
  int heard = 0;
  options.log = [&heard](const std::string&) {
    ++heard;
    throw std::runtime_error("the disk is full");
  };
  options.on_fallback = [&heard](const v1::Error&) {
    ++heard;
    throw std::runtime_error("the network is away");
  };
  {
    PolicyService service;
    v1::WatchPolicyResponse bad;
    bad.set_version("v0");
    bad.set_policy("\xff");
    service.HandOut(bad);
    const Client client(service.address(), Transport::Plaintext(), options);
    Await([&] {
      (void)client.Ready(std::chrono::seconds(60));
      return !client.policy().problems.empty();
    });
    service.HandOut(Teas("v1", "/teas"));
    AwaitVersion(client, "v1");
  }
  EXPECT_EQ(heard, 1);
  options.connect_timeout = std::chrono::milliseconds(1);
  const Client client("127.0.0.1:1", Transport::Plaintext(), options);
  ASSERT_TRUE(client.Decide(Page("/tea"), decision, error));
  EXPECT_EQ(decision.source, Source::kFallback);
  EXPECT_EQ(heard, 3);
}

// Nobody would replace the file's policy, so the service is asked.
TEST_F(ClientPolicy, WithoutAThreadTheServiceIsAsked) {
  file = (std::filesystem::temp_directory_path() /
          ("fingerpost-" + std::to_string(getpid()) + ".policy"))
             .string();
  std::ofstream(file) << Teas("v1", "/teas").SerializeAsString();
  options.policy_file = file;
  options.connect_timeout = std::chrono::milliseconds(1);
  const Client client("127.0.0.1:1", Transport::Plaintext(), options);
  // No thread gets such a stack. Follow needs none of gRPC's.
  pthread_attr_t usual, huge;
  ASSERT_EQ(pthread_getattr_default_np(&usual), 0);
  ASSERT_EQ(pthread_attr_init(&huge), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&huge, size_t{1} << 50), 0);
  ASSERT_EQ(pthread_setattr_default_np(&huge), 0);
  const bool followed = client.Follow(FollowOrder(), hop, error);
  ASSERT_EQ(pthread_setattr_default_np(&usual), 0);
  EXPECT_TRUE(followed) << error.message();
  EXPECT_EQ(client.policy().state, State::kNone);
  EXPECT_EQ(client.policy().version, "");
  EXPECT_THAT(client.policy().problems, Contains(HasSubstr("the policy is not watched: ")));
  ASSERT_TRUE(client.Decide(Page("/tea"), decision, error));
  EXPECT_EQ(decision.source, Source::kFallback);
  EXPECT_EQ(decision.error.code(), "UNAVAILABLE");
}

}  // namespace
}  // namespace fingerpost::testing
