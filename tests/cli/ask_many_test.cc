// --input against a server that takes less at once than the client would send.
#include "ask_many.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/program.h"

namespace fingerpost::cli {
namespace {

// Answers like a server, and records how much it was asked.
class Limited final : public Backend {
 public:
  Limited(int most, size_t most_octets) : most_(most), most_octets_(most_octets) {}

  message::Done Answer(const v1::DecideRequest& /*request*/, v1::DecideResponse& /*out*/) override {
    return {};
  }
  message::Done Answer(const v1::FollowRequest& /*request*/, v1::FollowResponse& /*out*/) override {
    return {};
  }
  message::Done Answer(const v1::BatchFollowRequest& /*request*/,
                       v1::BatchFollowResponse& /*out*/) override {
    return {};
  }
  message::Done Answer(const v1::BatchDecideRequest& request,
                       v1::BatchDecideResponse& out) override {
    if (request.ByteSizeLong() > most_octets_) return Refuse("RESOURCE_EXHAUSTED");
    if (request.requests_size() > most_) return Refuse("INVALID_ARGUMENT");
    answered_.push_back(request.requests_size());
    for (const auto& question : request.requests()) {
      out.add_results()->mutable_response()->set_rule(question.intent_name());
    }
    return {};
  }

  [[nodiscard]] int refused() const { return refused_; }
  [[nodiscard]] const std::vector<int>& answered() const { return answered_; }

 private:
  message::Done Refuse(const char* code) {
    ++refused_;
    v1::Error error;
    error.set_code(code);
    return message::Unexpected(std::move(error));
  }

  const int most_;
  const size_t most_octets_;
  int refused_ = 0;
  std::vector<int> answered_;
};

struct Lines {
  std::string questions;
  std::string answers;
};

Lines Numbered(int count) {
  Lines lines;
  for (int i = 0; i < count; ++i) {
    const std::string name = "n" + std::to_string(i);
    lines.questions += R"({"intent_name":")" + name + "\"}\n";
    lines.answers += R"({"rule":")" + name + "\"}\n";
  }
  return lines;
}

TEST(AskMany, LearnsOnceHowManyTheServerTakes) {
  const Lines lines = Numbered(2560);
  const TemporaryFile file(lines.questions);
  Limited server(20, 1 << 20);
  testing::internal::CaptureStdout();
  EXPECT_EQ(AskManyDecide(server, file.path()), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), lines.answers);
  EXPECT_EQ(server.refused(), 4) << "256, 128, 64, 32";
  EXPECT_THAT(server.answered(), testing::Each(16));
}

TEST(AskMany, LearnsOnceHowMuchTheServerTakes) {
  const Lines lines = Numbered(2560);
  const TemporaryFile file(lines.questions);
  Limited server(1000, 1000);
  testing::internal::CaptureStdout();
  EXPECT_EQ(AskManyDecide(server, file.path()), 0);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), lines.answers);
  EXPECT_LT(server.refused(), 6);
}

// One question that is too large does not make later batches small.
TEST(AskMany, ALargeQuestionIsItsOwnFault) {
  const Lines lines = Numbered(2560);
  const TemporaryFile file(R"({"intent_name":")" + std::string(20000, 'x') + "\"}\n" +
                           lines.questions);
  Limited server(1000, 10000);
  testing::internal::CaptureStdout();
  EXPECT_EQ(AskManyDecide(server, file.path()), 1);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            "{\"error\":{\"code\":\"RESOURCE_EXHAUSTED\"}}\n" + lines.answers);
  EXPECT_GT(*std::max_element(server.answered().begin(), server.answered().end()), 200);
}

}  // namespace
}  // namespace fingerpost::cli
