// A Client whose service hands out a policy of teas.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "fingerpost/client.h"
#include "policy_service.h"
#include "told.h"

namespace fingerpost::testing {

// Moves /tea to `target`; "order" and a map whose rows stay in the service are there, too.
inline v1::Policy Teas(const std::string& version, const std::string& target,
                       bool has_map = false) {
  v1::Policy policy;
  v1::Rule& rule = *policy.add_rules();
  rule.set_id("tea");
  rule.mutable_match()->set_path("/tea");
  rule.mutable_match()->add_hosts("shop.example");
  rule.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  rule.mutable_intent()->set_target(target);
  v1::Intent& order = *(*policy.mutable_intents())["order"].mutable_intent();
  order.set_purpose(v1::PURPOSE_FORM_RESULT);
  order.set_target("/orders/{id}");
  if (has_map) {
    policy.add_maps()->set_name("large");
    policy.mutable_maps(0)->set_file("large.csv");
  }
  policy.mutable_handed_out()->set_version(version);
  return policy;
}

inline const std::string kShop = "https://shop.example";

inline v1::DecideRequest Page(const std::string& path) {
  v1::DecideRequest question;
  question.mutable_request()->set_method("GET");
  question.mutable_request()->set_url(kShop + path);
  return question;
}

class ClientPolicy : public ::testing::Test {
 protected:
  ClientPolicy() {
    options.decide_timeout = options.connect_timeout = std::chrono::seconds(30);
    options.log = [this](const std::string& line) {
      const std::lock_guard lock(mutex);
      lines.push_back(line);
    };
  }
  ~ClientPolicy() override {
    if (!file.empty()) std::filesystem::remove(file);
  }

  // Until `condition` holds, for long on a busy machine.
  template <typename Condition>
  static void Await(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_TRUE(condition());
  }
  static void AwaitVersion(const Client& client, const std::string& version) {
    Await([&] { return client.policy().version == version; });
  }

  // Where /tea leads, on its host.
  std::string TeaOf(const Client& client) {
    if (!client.Decide(Page("/tea"), decision, error)) return error.code();
    return decision.response.target().substr(
        std::min(decision.response.target().size(), kShop.size()));
  }

  ClientOptions options;
  std::mutex mutex;
  std::vector<std::string> lines;
  std::string file;
  Decision decision;
  Hop hop;
  v1::Error error;
};

}  // namespace fingerpost::testing
