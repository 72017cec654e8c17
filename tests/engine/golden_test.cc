// The corpus through the C interface, one by one and as a batch: every row's answer, and octet for
// octet that of the core.
#include <gtest/gtest.h>

#include "core/follow/follow.h"
#include "engine/library.h"
#include "fingerpost/v1/redirect_service.pb.h"
#include "golden/file_name.h"
#include "golden/runner.h"
#include "policy/resolve/resolve.h"

namespace fingerpost::engine::testing {
namespace {

template <typename Answer, typename Reply>
Answer Read(const Result& result, Reply& reply) {
  Answer answer;
  answer.ok = result.status == FINGERPOST_OK;
  if (answer.ok) {
    EXPECT_TRUE(reply.ParseFromString(result.octets));
    answer.response = reply;
  } else {
    EXPECT_EQ(result.status, FINGERPOST_ERROR);
    EXPECT_TRUE(answer.error.ParseFromString(result.octets));
  }
  return answer;
}

class EngineTransport : public golden::Transport {
 public:
  // An empty policy, as that of the core's transport.
  explicit EngineTransport(const Library& library)
      : library_(library), policy_("", nullptr, library) {
    EXPECT_EQ(policy_.opened().status, FINGERPOST_OK) << policy_.opened().error().message();
  }

  std::vector<golden::DecideAnswer> Decide(
      const std::vector<golden::DecideQuestion>& questions) override {
    const policy::compiled::SnapshotPtr snapshot = NoPolicy();
    return Ask<golden::DecideAnswer, v1::DecideResponse, v1::BatchDecideRequest,
               v1::BatchDecideResponse>(
        questions, [&](std::string_view question) { return policy_.Decide(question); },
        [&](std::string_view batch) {
          return Call([&](void* answer, size_t capacity, size_t* size) {
            return library_.batch_decide(policy_.get(), batch.data(), batch.size(), answer,
                                         capacity, size);
          });
        },
        [&](const v1::DecideRequest& question, v1::DecideResponse& answer) {
          return policy::resolve::Decide(*snapshot, question, answer);
        });
  }

  std::vector<golden::FollowAnswer> Follow(
      const std::vector<golden::FollowQuestion>& questions) override {
    return Ask<golden::FollowAnswer, v1::FollowResponse, v1::BatchFollowRequest,
               v1::BatchFollowResponse>(
        questions,
        [&](std::string_view question) {
          return Call([&](void* answer, size_t capacity, size_t* size) {
            return library_.follow(policy_.get(), question.data(), question.size(), answer,
                                   capacity, size);
          });
        },
        [&](std::string_view batch) {
          return Call([&](void* answer, size_t capacity, size_t* size) {
            return library_.batch_follow(nullptr, batch.data(), batch.size(), answer, capacity,
                                         size);
          });
        },
        [](const v1::FollowRequest& question, v1::FollowResponse& answer) {
          return follow::Follow(question, answer);
        });
  }

 private:
  // With the version that the engine gives it.
  policy::compiled::SnapshotPtr NoPolicy() const {
    auto snapshot = std::make_shared<policy::compiled::Snapshot>();
    snapshot->version = fingerpost_policy_version(Policy("", nullptr).get());
    return snapshot;
  }

  template <typename Answer, typename Reply, typename Batch, typename Replies, typename Question,
            typename One, typename Many, typename Core>
  std::vector<Answer> Ask(const std::vector<Question>& questions, One one, Many many, Core core) {
    std::vector<Answer> answers;
    Batch batch;
    Replies expected;
    for (const Question& question : questions) {
      const Result result = one(question.message.SerializeAsString());
      Reply reply;
      answers.push_back(Read<Answer>(result, reply));

      Reply cores;
      const message::Done done = core(question.message, cores);
      EXPECT_EQ(done.has_value(), answers.back().ok) << question.json;
      EXPECT_EQ(result.octets, done ? cores.SerializeAsString() : done.error().SerializeAsString())
          << question.json;
      auto& in_batch = *expected.add_results();
      if (done) {
        *in_batch.mutable_response() = cores;
      } else {
        *in_batch.mutable_error() = done.error();
      }
      *batch.add_requests() = question.message;
    }
    const Result result = many(batch.SerializeAsString());
    EXPECT_EQ(result.status, FINGERPOST_OK);
    EXPECT_EQ(result.octets, expected.SerializeAsString());
    return answers;
  }

  const Library& library_;
  const Policy policy_;
};

class Engine : public ::testing::TestWithParam<std::string> {
 protected:
  static void ExpectEveryRow(const Library& library) {
    EngineTransport engine(library);
    for (const std::string& failure : golden::RunFile(GetParam(), engine)) ADD_FAILURE() << failure;
  }
};

TEST_P(Engine, AnswersEveryRow) { ExpectEveryRow(Linked()); }

// A sanitizer's build shares protobuf with its tests, and its messages would be there twice.
#ifndef FINGERPOST_SANITIZE
TEST_P(Engine, AnswersEveryRowAsALibrary) {
  ASSERT_EQ(Loaded().abi(), FINGERPOST_ABI);
  ExpectEveryRow(Loaded());
}
#endif

INSTANTIATE_TEST_SUITE_P(Golden, Engine, ::testing::ValuesIn(golden::Files()), golden::TestName);

}  // namespace
}  // namespace fingerpost::engine::testing
