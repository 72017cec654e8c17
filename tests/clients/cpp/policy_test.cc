// A Client that answers by the policy that the service hands out (client/README.md).
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "client_policy.h"
#include "server/daemon.h"

namespace fingerpost::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using State = PolicyState::State;

TEST_F(ClientPolicy, AnswersInTheProcess) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas"));
  const Client client(service.address(), Transport::Plaintext(), options);
  EXPECT_EQ(client.policy().state, State::kNone);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(client.policy().state, State::kReady);
  EXPECT_EQ(client.policy().version, "v1");
  EXPECT_THAT(client.policy().problems, IsEmpty());
  EXPECT_EQ(TeaOf(client), "/teas");
  EXPECT_EQ(decision.source, Source::kEngine);
  EXPECT_EQ(decision.response.policy_version(), "v1");
  EXPECT_EQ(decision.response.status(), 307);
  v1::DecideRequest order = Order();
  order.set_intent_name("order");
  EXPECT_FALSE(client.Decide(order, decision, error));
  EXPECT_EQ(error.violations(0).field(), "parameters[\"id\"]");
  (*order.mutable_parameters())["id"] = "7";
  ASSERT_TRUE(client.Decide(order, decision, error)) << error.message();
  EXPECT_EQ(decision.response.target(), "/orders/7");
  order.set_intent_name("ordr");
  EXPECT_FALSE(client.Decide(order, decision, error));
  EXPECT_EQ(error.code(), "NOT_FOUND");
  EXPECT_EQ(service.asked(), 0);
}

TEST_F(ClientPolicy, FollowsEveryChange) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas"));
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  v1::WatchPolicyResponse message;
  message.set_version("v2");
  message.set_policy(Teas("v2", "/better").SerializeAsString());
  v1::PolicyProblem& problem = *message.add_problems();
  problem.set_place("shop.yaml:3:1");
  problem.set_field("rules[0]");
  problem.set_description("is wrong");
  service.HandOut(message);
  AwaitVersion(client, "v2");
  EXPECT_EQ(TeaOf(client), "/better");
  Await([&] { return !client.policy().problems.empty(); });
  EXPECT_THAT(client.policy().problems, Contains("shop.yaml:3:1: rules[0]: is wrong"));
  message.clear_policy();
  message.clear_problems();
  service.HandOut(message);
  Await([&] { return client.policy().problems.empty(); });
  EXPECT_EQ(TeaOf(client), "/better");
}

TEST_F(ClientPolicy, KeepsTheLastGoodOne) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas"));
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  v1::Policy newer = Teas("v2", "/newer");
  newer.GetReflection()->MutableUnknownFields(&newer)->AddVarint(4242, 1);
  for (const std::string& bad : {newer.SerializeAsString(), std::string("\xff")}) {
    v1::WatchPolicyResponse message;
    message.set_version("v2");
    message.set_policy(bad);
    service.HandOut(message);
    const std::string sentence = bad.size() > 1 ? "update the engine" : "octets: expected";
    Await([&] {
      const auto problems = client.policy().problems;
      return !problems.empty() && problems[0].find(sentence) != std::string::npos;
    });
    EXPECT_EQ(client.policy().version, "v1");
    EXPECT_EQ(client.policy().state, State::kReady);
    EXPECT_EQ(TeaOf(client), "/teas");
    service.HandOut(message);  // The same again is no line.
  }
  service.HandOut(Teas("v3", "/third"));
  AwaitVersion(client, "v3");
  Await([&] { return client.policy().problems.empty(); });
  const std::lock_guard lock(mutex);
  EXPECT_THAT(lines, SizeIs(2));
  EXPECT_THAT(lines[0], HasSubstr("fingerpost: the policy was not taken: "));
}

// handed_out, the last field, is missing from what was cut off; rules are then missing, too.
TEST_F(ClientPolicy, TakesNoPartForTheWhole) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas"));
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  v1::Policy cut = Teas("v2", "/cut");
  cut.clear_handed_out();
  v1::Policy unversioned = Teas("", "/unversioned");
  unversioned.mutable_handed_out();
  v1::Policy part = Teas("v2", "/part");
  part.mutable_handed_out()->mutable_selector()->add_hosts("shop.example");
  const std::pair<std::string, std::string> rows[] = {
      {"", "it is not whole"},
      {cut.SerializeAsString(), "it is not whole: handed_out.version"},
      {Teas("v3", "/other").SerializeAsString(), "handed_out.version: expected \"v2\""},
      {unversioned.SerializeAsString(), "it is not whole"},
      {part.SerializeAsString(), "handed_out.selector: expected"},
  };
  for (const auto& [octets, sentence] : rows) {
    v1::WatchPolicyResponse message;
    message.set_version("v2");
    message.set_policy(octets);
    service.HandOut(message);
    Await([&] {
      const auto problems = client.policy().problems;
      return !problems.empty() && problems[0].find(sentence) != std::string::npos;
    });
    EXPECT_EQ(client.policy().version, "v1");
    EXPECT_EQ(TeaOf(client), "/teas");
  }
}

TEST_F(ClientPolicy, ThePartAskedForHasOneSpelling) {
  for (const char* host : {"*.Shop.Example", ".b\u00fccher.example", "a.example"}) {
    options.selector.add_hosts(host);
  }
  options.selector.add_hosts("a.example");
  v1::Policy policy = Teas("v1", "/teas");
  for (const char* host : {".shop.example", ".xn--bcher-kva.example", "a.example"}) {
    policy.mutable_handed_out()->mutable_selector()->add_hosts(host);
  }
  PolicyService service;
  service.HandOut(policy);
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(client.policy().version, "v1");
  EXPECT_THAT(client.policy().problems, IsEmpty());
}

TEST_F(ClientPolicy, AnswersWhileTheServiceIsAway) {
  auto service = std::make_unique<PolicyService>();
  const int port = service->port();
  service->HandOut(Teas("v1", "/teas"));
  const Client client(service->address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  service.reset();
  Await([&] { return client.policy().state == State::kStale; });
  EXPECT_EQ(TeaOf(client), "/teas");
  EXPECT_EQ(decision.source, Source::kEngine);
  service = std::make_unique<PolicyService>(port);
  service->HandOut(Teas("v1", "/teas"));
  Await([&] { return client.policy().state == State::kReady; });
  ASSERT_THAT(service->watches(), SizeIs(1));
  EXPECT_EQ(service->watches()[0].known_version(), "v1");
}

TEST_F(ClientPolicy, LeavesTheRestToTheService) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas", true));
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(TeaOf(client), "/teas");
  EXPECT_EQ(service.asked(), 0);
  ASSERT_TRUE(client.Decide(Page("/other"), decision, error)) << error.message();
  EXPECT_EQ(decision.source, Source::kService);
  EXPECT_EQ(service.asked(), 1);
}

TEST_F(ClientPolicy, LocalAsksNobody) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas", true));
  options.engine = Engine::kLocal;
  options.on_error = OnError::kFail;
  const Client closed(service.address(), Transport::Plaintext(), options);
  options.on_error = OnError::kFallBack;
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  ASSERT_TRUE(closed.Ready(std::chrono::seconds(60)));
  ASSERT_TRUE(client.Decide(Page("/other"), decision, error));
  EXPECT_EQ(decision.source, Source::kFallback);
  EXPECT_EQ(decision.response.outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(decision.error.reason(), v1::ERROR_REASON_NOT_IMPLEMENTED);
  EXPECT_FALSE(closed.Decide(Page("/other"), decision, error));
  EXPECT_EQ(error.reason(), v1::ERROR_REASON_NOT_IMPLEMENTED);
  EXPECT_EQ(service.asked(), 0);
}

TEST_F(ClientPolicy, WithoutOneTheServiceIsAsked) {
  PolicyService service(0, false);  // An older one.
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(client.policy().state, State::kNone);
  EXPECT_THAT(client.policy().problems, Contains("the service hands out no policy"));
  ASSERT_TRUE(client.Decide(Page("/tea"), decision, error)) << error.message();
  EXPECT_EQ(decision.source, Source::kService);
  EXPECT_EQ(service.asked(), 1);
}

TEST_F(ClientPolicy, RemoteWatchesNothing) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas"));
  options.engine = Engine::kRemote;
  const Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(TeaOf(client), "");
  EXPECT_EQ(decision.source, Source::kService);
  EXPECT_EQ(client.policy().state, State::kNone);
  EXPECT_THAT(service.watches(), IsEmpty());
}

TEST_F(ClientPolicy, WithNeitherTheEngineAnswersUnderNone) {
  for (const Engine engine : {Engine::kAuto, Engine::kLocal, Engine::kRemote}) {
    options.engine = engine;
    options.connect_timeout = std::chrono::milliseconds(1);
    const Client client("127.0.0.1:1", Transport::Plaintext(), options);
    v1::DecideRequest order = Order();
    order.mutable_request()->set_url("https://shop.example/orders");
    order.mutable_intent()->mutable_flash()->set_text("Thank you");
    ASSERT_TRUE(client.Decide(order, decision, error)) << error.message();
    EXPECT_EQ(decision.source, Source::kFallback);
    EXPECT_EQ(decision.error.code(), "UNAVAILABLE");
    EXPECT_EQ(decision.response.status(), 303);
    EXPECT_EQ(decision.response.policy_version(), "");
    EXPECT_NE(decision.response.clear_cookie(), "");
    // A policy could allow it.
    order.mutable_intent()->set_target("https://other.example/");
    EXPECT_FALSE(client.Decide(order, decision, error));
    EXPECT_EQ(error.code(), "UNAVAILABLE");
    EXPECT_EQ(ErrorStatus(decision, error), 503);
    // No policy could.
    order.mutable_intent()->set_target("/a\n");
    EXPECT_FALSE(client.Decide(order, decision, error));
    EXPECT_EQ(error.code(), "INVALID_ARGUMENT");
    order.clear_intent();
    ASSERT_TRUE(client.Decide(order, decision, error));
    EXPECT_EQ(decision.response.outcome(), v1::OUTCOME_PASS);
    order.set_intent_name("order");
    ASSERT_TRUE(client.Decide(order, decision, error));
    EXPECT_EQ(decision.response.outcome(), v1::OUTCOME_PASS);
    // Whoever follows needs no policy.
    ASSERT_TRUE(client.Follow(FollowOrder(), hop, error)) << error.message();
    EXPECT_EQ(hop.response.next().url(), "https://a.test/b");
    EXPECT_EQ(hop.source, engine == Engine::kRemote ? Source::kFallback : Source::kEngine);
  }
}

TEST_F(ClientPolicy, IsKeptOnDisk) {
  file = (std::filesystem::temp_directory_path() /
          ("fingerpost-" + std::to_string(getpid()) + ".policy"))
             .string();
  options.policy_file = file;
  {
    PolicyService service;
    service.HandOut(Teas("v1", "/teas"));
    const Client client(service.address(), Transport::Plaintext(), options);
    ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
    service.HandOut(Teas("v2", "/better"));
    AwaitVersion(client, "v2");
  }
  struct stat is {};
  ASSERT_EQ(stat(file.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0600);
  {
    options.connect_timeout = std::chrono::milliseconds(1);
    const Client client("127.0.0.1:1", Transport::Plaintext(), options);
    EXPECT_EQ(TeaOf(client), "/better");
    EXPECT_EQ(decision.source, Source::kEngine);
    EXPECT_EQ(client.policy().state, State::kStale);
    EXPECT_EQ(client.policy().version, "v2");
  }
  {
    PolicyService service;  // It has no newer one, and need not send it again.
    service.HandOut(Teas("v2", "/better"));
    const Client same(service.address(), Transport::Plaintext(), options);
    ASSERT_TRUE(same.Ready(std::chrono::seconds(60)));
    EXPECT_EQ(same.policy().state, State::kReady);
    EXPECT_EQ(service.watches()[0].known_version(), "v2");
    options.selector.add_hosts("shop.example");
    v1::Policy shop = Teas("v2", "/better");
    *shop.mutable_handed_out()->mutable_selector() = options.selector;
    service.HandOut(shop);
    const Client part(service.address(), Transport::Plaintext(), options);
    ASSERT_TRUE(part.Ready(std::chrono::seconds(60)));
    EXPECT_EQ(service.watches()[1].known_version(), "");
    EXPECT_EQ(service.watches()[1].selector().hosts(0), "shop.example");
  }
  v1::Policy cut = Teas("v2", "/cut");
  cut.clear_handed_out();
  for (const std::string& octets :
       {std::string("no policy"), std::string(), cut.SerializeAsString()}) {
    std::ofstream(file, std::ios::trunc) << octets;
    const Client client("127.0.0.1:1", Transport::Plaintext(), options);
    ASSERT_TRUE(client.Decide(Page("/tea"), decision, error));
    EXPECT_EQ(decision.source, Source::kFallback);
    EXPECT_EQ(client.policy().state, State::kNone);
    EXPECT_THAT(client.policy().problems, Contains(HasSubstr("the policy was not taken")));
  }
}

TEST_F(ClientPolicy, WhatWasAnsweredIsReported) {
  PolicyService service;
  service.HandOut(Teas("v1", "/teas"));
  Client client(service.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(TeaOf(client), "/teas");
  service.HandOut(Teas("v2", "/better"));
  AwaitVersion(client, "v2");
  EXPECT_EQ(TeaOf(client), "/better");
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error)) << error.message();
  client.Close();
  const auto reports = service.reports();
  ASSERT_THAT(reports, SizeIs(2));
  for (const v1::ReportUsageRequest& report : reports) {
    ASSERT_EQ(report.rules_size(), 1);
    EXPECT_EQ(report.rules(0).name(), "tea");
    EXPECT_THAT(report.agent(), HasSubstr("cpp/"));
    EXPECT_EQ(report.rules(0).hits(), report.policy_version() == "v1" ? 3 : 1);
  }
  EXPECT_EQ(reports[0].follows_size() + reports[1].follows_size(), 1);
}

TEST_F(ClientPolicy, SecretsComeBackAsFromTheService) {
  const Client client("127.0.0.1:1", Transport::Plaintext(), options);
  v1::FollowRequest question = FollowOrder();
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "X-Plain"}) {
    Add(*question.mutable_request()->mutable_headers(), name, "s3cret");
  }
  question.mutable_options()->add_secret_fields("x-api-key");
  ASSERT_TRUE(client.Follow(question, hop, error)) << error.message();
  ASSERT_EQ(hop.response.next().headers_size(), 4);
  for (const auto& header : hop.response.next().headers()) EXPECT_EQ(header.value(), "s3cret");
  question.mutable_response()->mutable_headers(0)->set_value("https://other.test/");
  ASSERT_TRUE(client.Follow(question, hop, error)) << error.message();
  ASSERT_EQ(hop.response.next().headers_size(), 1);
  EXPECT_EQ(hop.response.next().headers(0).name(), "X-Plain");
  EXPECT_EQ(hop.source, Source::kEngine);
}

// Its own files, and its own stream.
TEST_F(ClientPolicy, OfARealServiceIsFollowed) {
  file = (std::filesystem::temp_directory_path() /
          ("fingerpost-" + std::to_string(getpid()) + ".yaml"))
             .string();
  const auto write = [&](const std::string& target) {
    std::ofstream(file + "~") << "rules: [{id: tea, match: {path: /tea}, intent: {purpose: "
                                 "temporary_move, target: " +
                                     target + "}}]\n";
    std::filesystem::rename(file + "~", file);
  };
  write("/teas");
  const Daemon daemon({"--policy", file});
  const Client client(daemon.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(client.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(TeaOf(client), "/teas");
  EXPECT_EQ(decision.source, Source::kEngine);
  const std::string first = client.policy().version;
  EXPECT_EQ(decision.response.policy_version(), first);
  write("/better");
  Await([&] { return client.policy().version != first; });
  EXPECT_EQ(TeaOf(client), "/better");
  for (const char* host : {"*.Shop.Example", "SHOP.example", ".b\u00fccher.example"}) {
    options.selector.add_hosts(host);
  }
  const Client part(daemon.address(), Transport::Plaintext(), options);
  ASSERT_TRUE(part.Ready(std::chrono::seconds(60)));
  EXPECT_EQ(part.policy().state, State::kReady);
  EXPECT_EQ(TeaOf(part), "/better");
  EXPECT_EQ(decision.source, Source::kEngine);
}

TEST_F(ClientPolicy, ClosesAtOnceWithoutAService) {
  Client client("127.0.0.1:1", Transport::Plaintext(), options);
  EXPECT_FALSE(client.Ready(std::chrono::milliseconds(1)));
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error));
  client.Close();
  client.Close();
  ASSERT_TRUE(client.Follow(FollowOrder(), hop, error));
}

}  // namespace
}  // namespace fingerpost::testing
