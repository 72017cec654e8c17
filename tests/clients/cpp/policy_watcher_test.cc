// What must not stop the watch of the policy, or whoever asks.
#include "policy_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <new>
#include <stdexcept>

#include "client_policy.h"

namespace fingerpost::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
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

// Whatever is thrown on the watcher's thread.
TEST_F(ClientPolicy, AnExceptionDuringTheWatchIsAProblem) {
  PolicyService service;
  v1::WatchPolicyResponse bad;
  bad.set_version("v0");
  bad.set_policy("\xff");
  service.HandOut(bad);
  int heard = 0;
  PolicyWatcher watcher(std::make_shared<Connection>(service.address(), Transport::Plaintext()), {},
                        [&heard](const std::string&) {
                          ++heard;
                          throw std::bad_alloc();
                        });
  ASSERT_TRUE(watcher.Wait(std::chrono::seconds(60)));
  EXPECT_THAT(watcher.state().problems, Contains(HasSubstr("was interrupted: std::bad_alloc")));
  service.HandOut(Teas("v1", "/teas"));
  Await([&] { return watcher.state().version == "v1"; });
  EXPECT_EQ(watcher.state().state, State::kReady);
  EXPECT_THAT(watcher.state().problems, IsEmpty());
  watcher.Stop();
  EXPECT_GE(heard, 1);
}

// The service is away, and need not be waited for.
TEST_F(ClientPolicy, LocalIsReadyWithThePolicyOnDisk) {
  file = (std::filesystem::temp_directory_path() /
          ("fingerpost-" + std::to_string(getpid()) + ".policy"))
             .string();
  std::ofstream(file) << Teas("v1", "/teas").SerializeAsString();
  options.policy_file = file;
  options.engine = Engine::kLocal;
  const Client client("127.0.0.1:1", Transport::Plaintext(), options);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(client.Ready(std::chrono::seconds(30)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(TeaOf(client), "/teas");
  EXPECT_EQ(client.policy().state, State::kStale);
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

// A report is due however streams go.
TEST_F(ClientPolicy, ReportsDuringEveryStream) {
  using Stream = PolicyService::Stream;
  for (const Stream stream : {Stream::kUsual, Stream::kShort, Stream::kFlood}) {
    SCOPED_TRACE(static_cast<int>(stream));
    PolicyService service;
    service.Set(stream);
    service.HandOut(Teas("v1", "/teas"));
    PolicyWatcher watcher(std::make_shared<Connection>(service.address(), Transport::Plaintext()),
                          {.report_every = std::chrono::milliseconds(300)},
                          [](const std::string&) {});
    ASSERT_TRUE(watcher.Wait(std::chrono::seconds(60)));
    v1::DecideResponse answer;
    ASSERT_TRUE(watcher.policy()->Decide(Page("/tea"), answer, error)) << error.message();
    Await([&] { return !service.reports().empty(); });
    ASSERT_THAT(service.reports(), Not(IsEmpty()));
    EXPECT_EQ(service.reports()[0].rules(0).name(), "tea");
  }
}

TEST_F(ClientPolicy, KeepsFewThatNobodyWasToldOf) {
  PolicyService service;
  Client client(service.address(), Transport::Plaintext(), options);
  for (int i = 1; i <= 12; ++i) {
    const std::string version = "v" + std::to_string(i);
    service.HandOut(Teas(version, "/teas"));
    ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
    AwaitVersion(client, version);
    EXPECT_EQ(TeaOf(client), "/teas");
  }
  client.Close();
  const auto reports = service.reports();
  ASSERT_THAT(reports, SizeIs(9));
  EXPECT_EQ(reports[0].policy_version(), "v4");
  EXPECT_EQ(reports[8].policy_version(), "v12");
}

TEST_F(ClientPolicy, ClosesSoonWhereReportsHang) {
  PolicyService service;
  Client client(service.address(), Transport::Plaintext(), options);
  for (int i = 1; i <= 8; ++i) {
    const std::string version = "v" + std::to_string(i);
    service.HandOut(Teas(version, "/teas"));
    ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
    AwaitVersion(client, version);
    EXPECT_EQ(TeaOf(client), "/teas");
  }
  service.HangOnReports();
  const auto start = std::chrono::steady_clock::now();
  client.Close();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(4));
}

}  // namespace
}  // namespace fingerpost::testing
