// A fake for the tests of a program that asks Fingerpost: no server, no network.
//
//   auto fake = std::make_shared<fingerpost::testing::FakeAnswerer>(R"(
//     intents:
//       order: {intent: {purpose: form_result, target: "/orders/{id}"}}
//   )");
//   const fingerpost::Client client(fake);
//
// It answers by a policy of its own, as the service would (client/README.md, "Fakes"). `now` and
// `draw` are set where a question has none.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "fingerpost/connection.h"

namespace fingerpost {
class OpenPolicy;
}  // namespace fingerpost

namespace fingerpost::testing {

class FakeAnswerer : public Answerer {
 public:
  // `policy`: YAML or JSON, without maps. Throws std::invalid_argument with what is wrong with it.
  explicit FakeAnswerer(std::string_view policy = "");
  ~FakeAnswerer() override;

  [[nodiscard]] bool Decide(const v1::DecideRequest& request, v1::DecideResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;
  [[nodiscard]] bool Follow(const v1::FollowRequest& request, v1::FollowResponse& out,
                            v1::Error& error, const CallOptions& options = {}) const override;

  // The error that every call meets from now on. One without a code: the policy answers again.
  void Fail(v1::Error error);

  // The questions that were asked, in order.
  [[nodiscard]] std::vector<v1::DecideRequest> decide_questions() const;
  [[nodiscard]] std::vector<v1::FollowRequest> follow_questions() const;

 private:
  // Whether the policy is to answer; keeps the question.
  template <typename Question>
  bool Take(const Question& question, std::vector<Question>& questions, v1::Error& error) const;

  const std::shared_ptr<const OpenPolicy> policy_;
  mutable std::mutex mutex_;
  mutable std::vector<v1::DecideRequest> decide_questions_;
  mutable std::vector<v1::FollowRequest> follow_questions_;
  v1::Error failure_;
};

}  // namespace fingerpost::testing
