// --input: many questions, one line each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/program.h"
#include "core/message/json.h"
#include "done.h"
#include "fingerpost/v1/decide.pb.h"
#include "sanitize/allowance.h"

namespace fingerpost {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::vector<std::string> kDecide = {"decide", "--input", "-"};

std::string Question(const std::string& target) {
  return R"({"request":{"method":"POST","url":"https://shop.example.com/orders"},)"
         R"("intent":{"purpose":"form_result","target":")" +
         target + "\"}}\n";
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string TargetOf(const std::string& line) {
  v1::DecideResponse response;
  v1::Error error;
  EXPECT_TRUE(IsDone(message::FromJson(line, response), error)) << line;
  return response.target();
}

TEST(Input, AnswersLineByLineInOrder) {
  const Outcome outcome = RunFingerpost(kDecide, Question("/1") + Question("/2") + Question("/3"));
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.err, IsEmpty());
  const auto lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 3);
  EXPECT_EQ(TargetOf(lines[0]), "https://shop.example.com/1");
  EXPECT_EQ(TargetOf(lines[1]), "https://shop.example.com/2");
  EXPECT_EQ(TargetOf(lines[2]), "https://shop.example.com/3");
}

TEST(Input, GoesOnAfterALineThatFails) {
  const Outcome outcome = RunFingerpost(
      kDecide, Question("/1") + "not json\n" + "\n" + R"({"intent":{"purpos":"gone"}})" + "\n" +
                   R"({"request":{"method":""}})" + "\n" + Question("/2"));
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, IsEmpty());
  const auto lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 6);
  EXPECT_EQ(TargetOf(lines[0]), "https://shop.example.com/1");
  for (const size_t malformed : {1U, 2U}) {
    EXPECT_THAT(lines[malformed], StartsWith(R"({"error":{"code":"INVALID_ARGUMENT",)"
                                             R"("reason":"ERROR_REASON_MALFORMED_JSON",)"));
  }
  EXPECT_THAT(lines[3], HasSubstr(R"("violations":[{"field":"intent.purpos",)"
                                  R"("description":"unknown field; did you mean purpose?"}])"));
  EXPECT_THAT(lines[4], HasSubstr(R"("field":"request.method")"));
  EXPECT_EQ(TargetOf(lines[5]), "https://shop.example.com/2");
}

TEST(Input, NeedsNoLineBreakAtTheEnd) {
  std::string text = Question("/1") + Question("/2");
  text.pop_back();
  EXPECT_EQ(Lines(RunFingerpost(kDecide, text).out).size(), 2);
  EXPECT_EQ(Lines(RunFingerpost(kDecide, "{").out).size(), 1);
}

TEST(Input, OfNothingIsNothing) {
  const Outcome outcome = RunFingerpost(kDecide, "");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST(Input, TakesCarriageReturns) {
  std::string line = Question("/1");
  line.insert(line.size() - 1, "\r");
  EXPECT_EQ(TargetOf(Lines(RunFingerpost(kDecide, line).out).at(0)), "https://shop.example.com/1");
}

TEST(Input, RefusesALineThatIsTooLong) {
  const std::string large(size_t{5} << 20, 'x');
  const Outcome outcome =
      RunFingerpost(kDecide, Question("/1") + large + "\n" + Question("/2") + large);
  EXPECT_EQ(outcome.status, 1);
  const auto lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 4);
  EXPECT_EQ(TargetOf(lines[0]), "https://shop.example.com/1");
  EXPECT_THAT(lines[1], HasSubstr("expected at most 4194304 octets a line"));
  EXPECT_EQ(TargetOf(lines[2]), "https://shop.example.com/2");
  EXPECT_THAT(lines[3], HasSubstr("expected at most 4194304 octets a line"));
}

TEST(Input, ReadsFiles) {
  const TemporaryFile file(Question("/1"));
  EXPECT_EQ(Lines(RunFingerpost({"decide", "--input", file.path()}).out).size(), 1);
  const Outcome missing = RunFingerpost({"decide", "--input", "/does/not/exist"});
  EXPECT_EQ(missing.status, 4);
  EXPECT_EQ(missing.err, "fingerpost: cannot read /does/not/exist: No such file or directory\n");
  const Outcome directory = RunFingerpost({"decide", "--input", "/"});
  EXPECT_EQ(directory.status, 4);
  EXPECT_EQ(directory.err, "fingerpost: cannot read /: Is a directory\n");
}

TEST(Input, AnswersFollowToo) {
  const Outcome outcome = RunFingerpost(
      {"follow", "--input", "-"},
      R"({"request":{"method":"GET","url":"https://a.example/"},"response":{"status":302,)"
      R"("headers":[{"name":"Location","value":"/b"}]}})"
      "\n{}\n");
  EXPECT_EQ(outcome.status, 1);
  const auto lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), 2);
  EXPECT_THAT(lines[0], StartsWith(R"({"next":{"method":"GET","url":"https://a.example/b")"));
  EXPECT_THAT(lines[1], HasSubstr(R"("field":"response")"));
}

TEST(Input, AnswersBeforeTheNextQuestionComes) {
  const Conversation conversation(kDecide);
  for (const char* target : {"/1", "/2", "/3"}) {
    conversation.Say(Question(target));
    EXPECT_EQ(TargetOf(conversation.Hear()), "https://shop.example.com" + std::string(target));
  }
}

TEST(Input, AnswersAHundredThousandLinesInConstantMemory) {
  constexpr int kLines = 100'000;
  std::string text;
  for (int i = 0; i < kLines; ++i) {
    text += i % 1000 == 500 ? "broken\n" : Question("/" + std::to_string(i));
  }
  const TemporaryFile file(text);
  // Address space for the program and its libraries, but not for all the answers.
  const std::string bound =
      testing::kAllowance == 1 ? "ulimit -v 262144; " : "";  // Sanitizers map terabytes.
  const Outcome outcome = RunShell(bound + "fingerpost decide --input " + file.path());
  EXPECT_EQ(outcome.status, 1);
  const auto lines = Lines(outcome.out);
  ASSERT_EQ(lines.size(), kLines);
  for (int i = 0; i < kLines; ++i) {
    const auto& line = lines[static_cast<size_t>(i)];
    if (i % 1000 == 500) {
      ASSERT_THAT(line, StartsWith("{\"error\":"));
    } else {
      ASSERT_THAT(line, HasSubstr("\"https://shop.example.com/" + std::to_string(i) + "\""));
    }
  }
}

TEST(Input, EndsQuietlyWhenNobodyReads) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += Question("/" + std::to_string(i));
  const TemporaryFile file(text);
  const std::string command = "fingerpost decide --input " + file.path();
  const Outcome outcome = RunShell(command + " | head -n 1");
  EXPECT_EQ(Lines(outcome.out).size(), 1);
  EXPECT_THAT(outcome.err, IsEmpty());
  // If the signal is ignored, the write fails instead.
  const Outcome ignored = RunShell("trap '' PIPE; " + command + " | head -n 1");
  EXPECT_EQ(Lines(ignored.out).size(), 1);
  EXPECT_THAT(ignored.err, IsEmpty());
}

}  // namespace
}  // namespace fingerpost
