// Batches as octets: every answer in its place, in pieces, and within the call's limit.
#include "rpc/batch.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "done.h"
#include "policy/load/default_policy.h"

namespace fingerpost {
namespace {

using ::google::protobuf::util::MessageDifferencer;

google::protobuf::Timestamp FixedClock() {
  google::protobuf::Timestamp now;
  now.set_seconds(1'700'000'000);
  return now;
}

// A clock that advances by a second at every look.
google::protobuf::Timestamp TickingClock() {
  static int64_t seconds = 0;
  google::protobuf::Timestamp now;
  now.set_seconds(++seconds);
  return now;
}

// Nothing of the default policy matches: PASS.
v1::DecideRequest Passes(const std::string& url = "https://shop.example.com/") {
  v1::DecideRequest request;
  request.mutable_request()->set_method("GET");
  request.mutable_request()->set_url(url);
  return request;
}
v1::DecideRequest Fails() { return Passes("nonsense"); }

v1::DecideRequest Redirects(bool explain = false) {
  v1::DecideRequest request = Passes();
  request.mutable_intent()->set_purpose(v1::PURPOSE_TEMPORARY_MOVE);
  request.mutable_intent()->set_target("/elsewhere");
  request.set_explain(explain);
  return request;
}

std::string OctetsOf(const std::vector<v1::DecideRequest>& requests) {
  v1::BatchDecideRequest batch;
  for (const auto& request : requests) *batch.add_requests() = request;
  return batch.SerializeAsString();
}

class BatchTest : public testing::Test {
 protected:
  using Decisions = Batch<v1::DecideRequest, v1::DecideResponse>;

  // Runs to its end, in any number of pieces. nullopt: `error_` says why it failed.
  std::optional<Decisions::State> Run(const std::string& octets, Share& share,
                                      Deadline deadline = kNoDeadline) {
    Decisions batch(service_, reader_, scratch_);
    Output output(share);
    progress_ = {};
    pieces_ = 0;
    Decisions::Result state = Decisions::State::kMore;
    while (state && *state == Decisions::State::kMore) {
      state = batch.Continue(octets, progress_, share, output, deadline);
      ++pieces_;
    }
    std::string written;
    for (const auto& chunk : output.Take()) written.append(chunk.octets.get(), chunk.size);
    EXPECT_TRUE(answers_.ParseFromString(written));
    if (IsDone(state, error_)) return *state;
    return std::nullopt;
  }
  std::optional<Decisions::State> Run(const std::string& octets, Deadline deadline = kNoDeadline) {
    Share share(nullptr);
    return Run(octets, share, deadline);
  }

  policy::load::Store policy_{policy::load::DefaultPolicy()};
  RedirectService service_{policy_, Limits{.max_batch = 1024}, nullptr, FixedClock};
  QuestionReader<v1::DecideRequest> reader_;
  Scratch<v1::DecideResponse> scratch_;
  BatchProgress progress_;
  int pieces_ = 0;
  v1::BatchDecideResponse answers_;
  v1::Error error_;
};

TEST_F(BatchTest, OneThatFailsDoesNotFailTheOthers) {
  const std::string octets = OctetsOf({Passes(), Fails(), Passes("https://shop.example.com/b")});
  ASSERT_EQ(Run(octets), Decisions::State::kDone);
  ASSERT_EQ(answers_.results_size(), 3);
  EXPECT_EQ(answers_.results(0).response().outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(answers_.results(1).error().code(), "INVALID_ARGUMENT");
  ASSERT_EQ(answers_.results(1).error().violations_size(), 1);
  EXPECT_EQ(answers_.results(1).error().violations(0).field(), "request.url");
  EXPECT_EQ(answers_.results(2).response().outcome(), v1::OUTCOME_PASS);
}

TEST_F(BatchTest, AnEmptyOneHasAnEmptyAnswer) {
  ASSERT_EQ(Run(""), Decisions::State::kDone);
  EXPECT_EQ(answers_.results_size(), 0);
}

TEST_F(BatchTest, OneThatIsTooLargeNamesTheLimit) {
  const RedirectService service(policy_, Limits{.max_batch = 3}, nullptr, FixedClock);
  Decisions batch(service, reader_, scratch_);
  Share share(nullptr);
  Output output(share);
  const std::string octets = OctetsOf({Passes(), Passes(), Passes(), Passes()});
  EXPECT_FALSE(IsDone(batch.Continue(octets, progress_, share, output, kNoDeadline), error_));
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  ASSERT_EQ(error_.violations_size(), 1);
  EXPECT_EQ(error_.violations(0).field(), "requests");
  EXPECT_EQ(error_.violations(0).description(), "at most 3 requests, got 4");
  EXPECT_EQ(output.size(), 0);
}

TEST_F(BatchTest, WhatIsNoMessageIsUndecodable) {
  const std::string good = OctetsOf({Passes(), Redirects()});
  for (size_t size = 1; size < good.size(); ++size) {
    const std::string cut = good.substr(0, size);
    v1::BatchDecideRequest parsed;
    const bool decodable = parsed.ParseFromString(cut);
    EXPECT_EQ(Run(cut), decodable ? Decisions::State::kDone : Decisions::State::kUndecodable)
        << size;
  }
  EXPECT_EQ(Run("\x0a\x02\x0a\xff"), Decisions::State::kUndecodable) << "inside a question";
  EXPECT_EQ(Run("\x0a\xff\xff\xff\xff\x0f"), Decisions::State::kUndecodable) << "2^32 - 1 octets";
  EXPECT_EQ(Run("\x0c"), Decisions::State::kUndecodable) << "a group's end";
}

TEST_F(BatchTest, FieldsThatNobodyKnowsAreSkipped) {
  const std::string unknown =
      "\x10\x05"
      "\x1a\x03"
      "abc";
  ASSERT_EQ(Run(unknown + OctetsOf({Passes()}) + unknown + OctetsOf({Redirects()}) + unknown),
            Decisions::State::kDone);
  ASSERT_EQ(answers_.results_size(), 2);
  EXPECT_EQ(answers_.results(1).response().outcome(), v1::OUTCOME_REDIRECT);
}

// The message of a question is used for the next one, too.
TEST_F(BatchTest, NothingOfAnEarlierQuestionIsLeft) {
  v1::DecideRequest full = Redirects(true);
  full.mutable_request()->set_protocol(v1::PROTOCOL_HTTP_2);
  v1::Header& accept = *full.mutable_request()->add_headers();
  accept.set_name("Accept");
  accept.set_value("application/json");
  full.mutable_intent()->set_pinned_status(302);
  full.mutable_now()->set_seconds(1);
  full.set_draw(7);
  full.add_omit(v1::ANSWER_PART_TARGET);
  v1::DecideRequest named = Passes();
  named.set_intent_name("nobody");
  const std::vector<v1::DecideRequest> bare = {Redirects(), Passes()};
  ASSERT_EQ(Run(OctetsOf({bare[0]})), Decisions::State::kDone);
  const std::string alone = answers_.results(0).SerializeAsString();
  ASSERT_EQ(Run(OctetsOf({full, bare[0], named, bare[1], full, bare[0]})), Decisions::State::kDone);
  ASSERT_EQ(answers_.results_size(), 6);
  EXPECT_EQ(answers_.results(0).response().status(), 302);
  EXPECT_EQ(answers_.results(1).SerializeAsString(), alone);
  EXPECT_EQ(answers_.results(2).error().reason(), v1::ERROR_REASON_UNKNOWN_INTENT);
  EXPECT_EQ(answers_.results(3).response().outcome(), v1::OUTCOME_PASS);
  EXPECT_EQ(answers_.results(5).SerializeAsString(), alone);
}

TEST_F(BatchTest, TheRestIsNotAnsweredWhenItsDeadlinePasses) {
  const RedirectService service(policy_, Limits{}, nullptr, TickingClock);
  const std::string octets = OctetsOf(std::vector<v1::DecideRequest>(1000, Passes()));
  for (const auto& [seconds, in_time] : {std::pair{1000, true}, {5, false}}) {
    Decisions batch(service, reader_, scratch_);
    Share share(nullptr);
    Output output(share);
    BatchProgress progress;
    const Deadline deadline{std::chrono::seconds(TickingClock().seconds() + seconds)};
    Decisions::Result now = Decisions::State::kMore;
    while (now && *now == Decisions::State::kMore) {
      now = batch.Continue(octets, progress, share, output, deadline);
    }
    EXPECT_EQ(IsDone(now, error_), in_time);
    EXPECT_GT(progress.next, 0);
    EXPECT_EQ(progress.next == 1000, in_time);
  }
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_DEADLINE_EXCEEDED);
}

// The messages are reused; no earlier answer may show.
TEST_F(BatchTest, UsedMessagesGiveTheSameAnswersAsFreshOnes) {
  for (const auto& requests :
       std::vector<std::vector<v1::DecideRequest>>{{Redirects(), Passes(), Fails()},
                                                   {Passes(), Fails(), Redirects(true)},
                                                   {Fails(), Redirects(), Passes()},
                                                   {},
                                                   {Redirects()}}) {
    ASSERT_EQ(Run(OctetsOf(requests)), Decisions::State::kDone);
    ASSERT_EQ(answers_.results_size(), static_cast<int>(requests.size()));
    for (int i = 0; i < answers_.results_size(); ++i) {
      v1::DecideRequest request = requests[static_cast<size_t>(i)];
      v1::DecideResponse fresh;
      v1::Error error;
      if (IsDone(service_.Decide(request, fresh), error)) {
        EXPECT_TRUE(MessageDifferencer::Equals(fresh, answers_.results(i).response()));
      } else {
        EXPECT_TRUE(MessageDifferencer::Equals(error, answers_.results(i).error()));
      }
    }
  }
}

TEST_F(BatchTest, LongWorkIsDoneInPieces) {
  ASSERT_EQ(Run(OctetsOf(std::vector<v1::DecideRequest>(1024, Redirects(true)))),
            Decisions::State::kDone);
  EXPECT_EQ(answers_.results_size(), 1024);
  EXPECT_GT(pieces_, 4);
}

TEST_F(BatchTest, WhatItHoldsIsItsAnswer) {
  Budget budget(int64_t{128} << 20);
  Share share(&budget);
  ASSERT_EQ(Run(OctetsOf(std::vector<v1::DecideRequest>(1024, Redirects(true))), share),
            Decisions::State::kDone);
  const auto answer = static_cast<int64_t>(answers_.ByteSizeLong());
  EXPECT_GE(budget.held(Budget::kExplained), answer);
  EXPECT_LT(budget.held(Budget::kExplained), 2 * answer);
}

TEST_F(BatchTest, AnswersWithExplainThatHaveNoRoomAreNotBegun) {
  const std::string octets = OctetsOf(std::vector<v1::DecideRequest>(1024, Redirects(true)));
  Budget budget(int64_t{16} << 20);
  Share other(&budget);
  ASSERT_TRUE(other.Explain() && other.Add(int64_t{6} << 20));
  Share share(&budget);
  EXPECT_EQ(Run(octets, share), std::nullopt);
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_OVERLOADED);
  EXPECT_EQ(progress_.next, 0);
  share.Settle(0);
  other.Settle(0);
  EXPECT_EQ(Run(octets, share), Decisions::State::kDone) << "there is room again";
}

TEST_F(BatchTest, AnswersWithExplainThatNeverHaveRoomAreTheCallersFault) {
  Budget budget(int64_t{4} << 20);
  Share share(&budget);
  EXPECT_EQ(Run(OctetsOf(std::vector<v1::DecideRequest>(1024, Redirects(true))), share),
            std::nullopt);
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_INVALID_FIELDS);
  ASSERT_EQ(error_.violations_size(), 1);
  EXPECT_EQ(error_.violations(0).field(), "explain");
}

TEST_F(BatchTest, PlainAnswersGrowAsFarAsThereIsRoom) {
  Budget budget(int64_t{1} << 20);
  Share other(&budget);
  ASSERT_TRUE(other.Add(int64_t{600} << 10));
  Share share(&budget);
  EXPECT_EQ(Run(OctetsOf(std::vector<v1::DecideRequest>(1024, Redirects())), share), std::nullopt);
  EXPECT_EQ(error_.reason(), v1::ERROR_REASON_OVERLOADED);
  EXPECT_GT(progress_.next, 0);
}

}  // namespace
}  // namespace fingerpost
