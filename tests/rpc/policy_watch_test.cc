// PolicyService.WatchPolicy.
#include "rpc/policy_watch.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/status.pb.h"
#include "policy/load/loader.h"
#include "rpc/grpc_server.h"
#include "rpc/policy_news.h"

namespace fingerpost {
namespace {

using policy::compiled::SnapshotPtr;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A test that waits this long has failed.
constexpr std::chrono::seconds kPatience{30};

SnapshotPtr Loaded(const std::string& text) {
  policy::load::Loaded loaded = policy::load::FromText(text, "p.yaml");
  EXPECT_NE(loaded.snapshot, nullptr);
  return loaded.snapshot;
}

std::string Numbered(int number) {
  const std::string text = std::to_string(number);
  return "intents: {named: {intent: {purpose: gone}}}\nrules:\n"
         "  - {id: v" +
         text +
         ", match: {hosts: [a.example], path: /a}, intent: {purpose: gone}}\n"
         "  - {id: b, match: {hosts: [b.example], path: /b}, intent: {purpose: gone}}\n";
}

message::FaultList Problems() {
  return {
      {.path = {{.name = "rules"}, {.kind = message::Step::Kind::kIndex, .name = {}, .index = 3}},
       .what = "is none",
       .file = "shop.yaml",
       .position = {.line = 12, .column = 5}},
      {.severity = message::Severity::kWarning, .path = {}, .what = "a warning", .file = "x"},
      {.path = {}, .what = "is not there", .file = "teams/a.yaml"}};
}

// A watch, as a client keeps it.
class Watch {
 public:
  explicit Watch(v1::PolicyService::Stub& stub, const v1::WatchPolicyRequest& request = {}) {
    context_.set_deadline(std::chrono::system_clock::now() + kPatience);
    reader_ = stub.WatchPolicy(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    if (!ended_) (void)Finish();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  std::optional<v1::WatchPolicyResponse> Read() {
    v1::WatchPolicyResponse response;
    return reader_->Read(&response) ? std::optional(response) : std::nullopt;
  }
  grpc::Status Finish() {
    while (Read()) {
    }
    ended_ = true;
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::WatchPolicyResponse>> reader_;
  bool ended_ = false;
};

v1::Policy PolicyIn(const std::optional<v1::WatchPolicyResponse>& response) {
  v1::Policy policy;
  EXPECT_TRUE(response && response->has_policy() && policy.ParseFromString(response->policy()));
  return policy;
}

class PolicyWatching : public ::testing::Test {
 protected:
  void Serve(GrpcServerOptions options = {}) {
    options.threads = 2;
    options.budget = &budget_;
    options.meters = &meters_;
    options.news = &news_;
    rpc_ = std::make_unique<GrpcServer>(service_, options);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    rpc_->Register(builder);
    server_ = builder.BuildAndStart();
    rpc_->Start();
    stub_ = NewStub();
  }
  ~PolicyWatching() override {
    if (server_ == nullptr) return;
    rpc_->Drain();
    server_->Shutdown(std::chrono::system_clock::now() + kPatience);
    rpc_->Stop();
    EXPECT_EQ(news_.watchers, 0);
    EXPECT_EQ(budget_.held(Budget::kAll), 0);
  }

  // On a connection of its own.
  [[nodiscard]] std::unique_ptr<v1::PolicyService::Stub> NewStub() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(16 << 20);
    return v1::PolicyService::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(port_), grpc::InsecureChannelCredentials(), arguments));
  }

  void Replace(const std::string& text, const message::FaultList& problems = {}) {
    policy_.Set(Loaded(text));
    news_.Set(problems);
  }
  [[nodiscard]] std::string Version() const { return policy_.Get()->version; }

  Budget budget_{int64_t{64} << 20};
  Meters meters_;
  policy::load::Store policy_{Loaded(Numbered(0))};
  PolicyNews news_{policy_, &budget_};
  RedirectService service_{policy_, Limits{}};
  std::unique_ptr<GrpcServer> rpc_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::PolicyService::Stub> stub_;
};

TEST_F(PolicyWatching, ThePolicyComesAtOnceAndAfterEachChange) {
  Serve();
  Watch watch(*stub_);
  const auto first = watch.Read();
  EXPECT_EQ(PolicyIn(first).rules(0).id(), "v0");
  EXPECT_EQ(first->version(), Version());
  EXPECT_EQ(first->policy(), *policy_.Get()->handed_out->Octets());
  EXPECT_EQ(PolicyIn(first).handed_out().version(), Version());
  EXPECT_THAT(first->problems(), IsEmpty());
  for (int number = 1; number < 4; ++number) {
    Replace(Numbered(number));
    const auto next = watch.Read();
    EXPECT_EQ(PolicyIn(next).rules(0).id(), "v" + std::to_string(number));
    EXPECT_EQ(next->version(), Version());
  }
  EXPECT_EQ(news_.watchers, 1);
  EXPECT_EQ(news_.sent_to_watchers, 4U);
}

TEST_F(PolicyWatching, AKnownVersionIsNotSentAgain) {
  Serve();
  v1::WatchPolicyRequest request;
  request.set_known_version(Version());
  Watch watch(*stub_, request);
  const auto first = watch.Read();
  ASSERT_TRUE(first) << "it is told that this one answers";
  EXPECT_EQ(first->version(), Version());
  EXPECT_FALSE(first->has_policy());
  Replace(Numbered(1));
  EXPECT_EQ(PolicyIn(watch.Read()).rules(0).id(), "v1");

  Watch other(*stub_, request);
  EXPECT_EQ(PolicyIn(other.Read()).rules(0).id(), "v1") << "it has an old one";
}

TEST_F(PolicyWatching, ProblemsAreToldWithoutThePolicy) {
  Serve();
  Watch watch(*stub_);
  (void)PolicyIn(watch.Read());
  news_.Set(Problems());
  const auto told = watch.Read();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->version(), Version());
  EXPECT_FALSE(told->has_policy());
  ASSERT_EQ(told->problems_size(), 2) << "no warnings";
  EXPECT_EQ(told->problems(0).place(), "shop.yaml:12:5");
  EXPECT_EQ(told->problems(0).field(), "rules[3]");
  EXPECT_EQ(told->problems(0).description(), "is none");
  EXPECT_EQ(told->problems(1).place(), "teams/a.yaml");
  EXPECT_EQ(told->problems(1).field(), "");

  Watch later(*stub_);
  EXPECT_EQ(later.Read()->problems_size(), 2) << "with its first message";

  news_.Set(Problems());  // Nothing new.
  news_.Set({});
  const auto healed = watch.Read();
  ASSERT_TRUE(healed);
  EXPECT_THAT(healed->problems(), IsEmpty());
  EXPECT_FALSE(healed->has_policy());
}

TEST_F(PolicyWatching, ProblemsAreAtMostAHundred) {
  Serve();
  message::FaultList problems;
  for (int i = 0; i < 150; ++i) problems.push_back({.path = {}, .what = "is wrong", .file = "a"});
  news_.Set(problems);
  Watch watch(*stub_);
  EXPECT_EQ(watch.Read()->problems_size(), 100);
}

TEST_F(PolicyWatching, ASelectorGetsItsPart) {
  Serve();
  v1::WatchPolicyRequest request;
  request.mutable_selector()->add_hosts("B.example");
  Watch watch(*stub_, request);
  const auto first = watch.Read();
  const v1::Policy part = PolicyIn(first);
  ASSERT_EQ(part.rules_size(), 1);
  EXPECT_EQ(part.rules(0).id(), "b");
  EXPECT_THAT(part.intents(), IsEmpty());
  EXPECT_THAT(part.handed_out().selector().hosts(), ElementsAre("b.example"));
  EXPECT_EQ(part.handed_out().version(), Version()) << "that of the whole";
  Replace(Numbered(1));
  EXPECT_EQ(watch.Read()->version(), Version()) << "answers say another version now";
}

TEST_F(PolicyWatching, AWrongSelectorIsTold) {
  Serve();
  v1::WatchPolicyRequest request;
  request.mutable_selector()->add_hosts("a.example");
  request.mutable_selector()->add_hosts("https://a.example");
  const grpc::Status status = Watch(*stub_, request).Finish();
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("selector.hosts[1]"));
}

// It would stay as long as the stream.
TEST_F(PolicyWatching, AKnownVersionIsShort) {
  Serve();
  v1::WatchPolicyRequest request;
  for (const std::string& version : {std::string(65, 'v'), std::string(1'000'000, 'v'),
                                     std::string("a b"), std::string("a\n")}) {
    request.set_known_version(version);
    const grpc::Status status = Watch(*stub_, request).Finish();
    EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("known_version"));
  }
  request.set_known_version(std::string(64, 'v'));
  (void)PolicyIn(Watch(*stub_, request).Read());
}

TEST_F(PolicyWatching, TooManyWatchersAreRefused) {
  Serve({.most_watchers = 2});
  auto first = std::make_unique<Watch>(*stub_);
  Watch second(*stub_);
  (void)PolicyIn(first->Read());
  (void)PolicyIn(second.Read());
  const grpc::Status status = Watch(*stub_).Finish();
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("at most 2"));
  google::rpc::Status details;
  EXPECT_TRUE(details.ParseFromString(status.error_details()) && details.details_size() == 2)
      << "with RetryInfo";

  first.reset();
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (news_.watchers > 1 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  Watch third(*stub_);
  (void)PolicyIn(third.Read());
}

TEST_F(PolicyWatching, WatchersTakeNoPlacesOfCalls) {
  Serve({.max_calls = 1});
  Watch first(*stub_), second(*stub_);
  (void)PolicyIn(first.Read());
  (void)PolicyIn(second.Read());
  EXPECT_EQ(rpc_->calls(), 0);
}

TEST_F(PolicyWatching, OnlyAllowedCallersMay) {
  Serve({.allow_callers = {"spiffe://example.org/shop"}});
  EXPECT_EQ(Watch(*stub_).Finish().error_code(), grpc::PERMISSION_DENIED);
}

TEST_F(PolicyWatching, ADrainEndsThem) {
  Serve();
  Watch watch(*stub_);
  (void)PolicyIn(watch.Read());
  rpc_->Drain();
  EXPECT_EQ(watch.Finish().error_code(), grpc::UNAVAILABLE);
}

TEST_F(PolicyWatching, WhoeverDoesNotReadIsLeft) {
  std::string large = Numbered(0) + "  - {id: c, description: \"" + std::string(4 << 20, '-') +
                      "\", match: {path: /c}, intent: {purpose: gone}}\n";
  policy_.Set(Loaded(large));
  Serve({.patience = {.unread = std::chrono::seconds(1)}});
  const auto silent_stub = NewStub();
  Watch silent(*silent_stub);
  Watch reader(*stub_);
  EXPECT_EQ(PolicyIn(reader.Read()).rules_size(), 3);
  for (int number = 1; number < 4; ++number) {
    Replace(Numbered(number));
    EXPECT_EQ(PolicyIn(reader.Read()).rules(0).id(), "v" + std::to_string(number));
  }
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (news_.watchers > 1 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(news_.watchers, 1);
  EXPECT_EQ(rpc_->timed_out(), 1U);
}

SnapshotPtr Large(size_t octets, const std::string& version) {
  auto large = std::make_shared<policy::compiled::Snapshot>();
  v1::Policy policy;
  policy.mutable_defaults()->set_flash_cookie(std::string(octets, 'a'));
  large->handed_out = std::make_shared<const policy::compiled::HandedOut>(
      policy, version, decltype(large->origins)(), policy::compiled::RowHosts(),
      policy::compiled::HandedOut::Rows());
  return large;
}

// Octets of replaced policies, which only those clients keep.
TEST_F(PolicyWatching, WhatIsStillBeingSentCountsOnceInTheMemoryOfCalls) {
  Serve({.patience = {.unread = kPatience}});
  constexpr int64_t kOne = 6 << 20;
  const auto reaches = [this](int64_t octets) {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (budget_.held(Budget::kLarge) / kOne != octets / kOne &&
           std::chrono::steady_clock::now() < end) {
      std::this_thread::yield();
    }
    return budget_.held(Budget::kLarge) / kOne == octets / kOne;
  };
  std::vector<std::unique_ptr<v1::PolicyService::Stub>> stubs;
  std::vector<std::unique_ptr<Watch>> silent;
  const auto watch = [&] {
    stubs.push_back(NewStub());
    silent.push_back(std::make_unique<Watch>(*stubs.back()));
  };
  // Of 48 MiB for large calls.
  for (int number = 0; number < 7; ++number) {
    policy_.Set(Large(kOne, "v" + std::to_string(number)));
    watch();
    watch();
    ASSERT_TRUE(reaches(kOne * (number + 1))) << budget_.held(Budget::kLarge);
  }
  policy_.Set(Large(kOne, "v7"));
  const auto stub = NewStub();
  const grpc::Status status = Watch(*stub).Finish();
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("take the policy slowly"));
  EXPECT_GT(budget_.refused_calls(Budget::kLarge), 0U);

  silent.clear();
  ASSERT_TRUE(reaches(0));
  Watch again(*stub);
  EXPECT_EQ(PolicyIn(again.Read()).handed_out().version(), "v7");
}

TEST_F(PolicyWatching, ASelectorCountsAsWhatItHolds) {
  Serve();
  v1::WatchPolicyRequest request;
  for (int i = 0; i < 10'000; ++i) request.mutable_selector()->add_intents("i" + std::to_string(i));
  Watch watch(*stub_, request);
  (void)PolicyIn(watch.Read());
  EXPECT_GT(budget_.held(Budget::kAll), 10'000 * int64_t{sizeof(std::string)});
}

TEST_F(PolicyWatching, APolicyTooLargeForAMessageIsTold) {
  policy_.Set(Large(kMostHandedOut, "v"));
  Serve();
  const grpc::Status status = Watch(*stub_).Finish();
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("watch a part of it"));
}

TEST_F(PolicyWatching, AChangeReachesAHundred) {
  Serve();
  std::vector<std::unique_ptr<v1::PolicyService::Stub>> stubs;
  std::vector<std::unique_ptr<Watch>> watches;
  for (int i = 0; i < 100; ++i) {
    if (i % 10 == 0) stubs.push_back(NewStub());
    v1::WatchPolicyRequest request;
    if (i % 2 == 1) request.mutable_selector()->add_hosts("a.example");
    watches.push_back(std::make_unique<Watch>(*stubs.back(), request));
  }
  for (auto& watch : watches) EXPECT_EQ(PolicyIn(watch->Read()).rules(0).id(), "v0");
  EXPECT_EQ(news_.watchers, 100);
  Replace(Numbered(1));
  for (auto& watch : watches) EXPECT_EQ(PolicyIn(watch->Read()).rules(0).id(), "v1");
  EXPECT_EQ(news_.sent_to_watchers, 200U);
}

TEST_F(PolicyWatching, CallsAreCounted) {
  Serve();
  {
    Watch watch(*stub_);
    (void)PolicyIn(watch.Read());
    EXPECT_EQ(meters_.Calls(Method::kWatchPolicy).started, 1U);
  }
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (news_.watchers > 0 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  const CallCounts counts = meters_.Calls(Method::kWatchPolicy);
  EXPECT_EQ(counts.received, 1U);
  EXPECT_EQ(counts.sent, 1U);
  EXPECT_EQ(counts.handled[grpc::OK], 1U);
}

}  // namespace
}  // namespace fingerpost
