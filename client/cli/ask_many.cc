#include "ask_many.h"

#include <absl/strings/str_cat.h>

#include <limits>
#include <utility>
#include <vector>

#include "core/message/json.h"
#include "exit_code.h"
#include "lines.h"
#include "output.h"
#include "questions.h"

namespace fingerpost::cli {
namespace {

// Enough to make the cost of a call small beside that of its questions.
constexpr int kBatch = 256;

struct DecideBatch {
  using Request = v1::BatchDecideRequest;
  using Response = v1::BatchDecideResponse;
};
struct FollowBatch {
  using Request = v1::BatchFollowRequest;
  using Response = v1::BatchFollowResponse;
};

template <typename Batch>
class AskMany {
 public:
  explicit AskMany(Backend& backend) : backend_(backend) {}

  int Run(const std::string& path) {
    InputFile input(path);
    LineReader& reader = input.lines();
    while (true) {
      const auto& lines = reader.Next(kBatch);
      if (lines.empty()) break;
      if (const int code = AnswerLines(lines); code != kAnswered) return code;
    }
    if (reader.failed() != 0) {
      Complain(input.Problem());
      return kInputOutput;
    }
    return failed_ ? kWrongQuestion : kAnswered;
  }

 private:
  int AnswerLines(const std::vector<LineReader::Line>& lines) {
    questions_.Clear();
    faults_.clear();
    for (const auto& line : lines) Read(line);
    answers_.Clear();
    const message::Done done = Ask(questions_, answers_);
    out_.clear();
    int next = 0;
    for (const auto& fault : faults_) {
      if (!fault.code().empty()) {
        WriteError(fault);
      } else if (next < answers_.results_size()) {
        Write(answers_.results(next++));
      } else {
        break;  // no answer came; earlier answers are written
      }
    }
    if (!Print(out_)) return kInputOutput;
    if (done) return kAnswered;
    Complain(Describe(done.error()));
    return kNoServer;
  }

  // Adds a question, or the fault of the line.
  void Read(const LineReader::Line& line) {
    v1::Error& fault = faults_.emplace_back();
    if (line.too_long) {
      fault.set_code("INVALID_ARGUMENT");
      fault.set_reason(v1::ERROR_REASON_MALFORMED_JSON);
      fault.set_message(absl::StrCat("expected at most ", LineReader::kMaxLine, " octets a line"));
      return;
    }
    auto& request = *questions_.add_requests();
    if (message::Done read = message::FromJson(line.text, request); !read) {
      fault = std::move(read).error();
      questions_.mutable_requests()->RemoveLast();
    } else {
      FillIn(request);
    }
  }

  // Asks all of `questions`, in halves if they are too many or too large for the server. The
  // error says why the server does not answer; `answers` has the earlier ones.
  message::Done Ask(const typename Batch::Request& questions, typename Batch::Response& answers) {
    const int count = questions.requests_size();
    if (count == 0) return {};
    if (count == 1 || (count <= most_ && questions.ByteSizeLong() <= most_octets_)) {
      message::Done done = AskAtOnce(questions, answers);
      if (done || !IsTooMuch(done.error())) return done;
      if (count == 1) {
        *answers.add_results()->mutable_error() = std::move(done).error();
        return {};
      }
      // Learned once for the whole input: more than half of the server's limit.
      if (done.error().code() == "RESOURCE_EXHAUSTED") {
        most_octets_ = questions.ByteSizeLong() / 2;
      } else {
        most_ = count / 2;
      }
    }
    const auto middle = questions.requests().begin() + count / 2;
    typename Batch::Request half;
    half.mutable_requests()->Assign(questions.requests().begin(), middle);
    if (message::Done done = Ask(half, answers); !done) return done;
    half.mutable_requests()->Assign(middle, questions.requests().end());
    return Ask(half, answers);
  }

  message::Done AskAtOnce(const typename Batch::Request& questions,
                          typename Batch::Response& answers) {
    typename Batch::Response some;
    if (message::Done done = backend_.Answer(questions, some); !done) return done;
    if (some.results_size() != questions.requests_size()) {
      v1::Error error;
      error.set_code("INTERNAL");
      error.set_message(absl::StrCat("the server gave ", some.results_size(), " answers to ",
                                     questions.requests_size(), " questions"));
      return message::Unexpected(std::move(error));
    }
    answers.mutable_results()->MergeFrom(some.results());
    return {};
  }

  static bool IsTooMuch(const v1::Error& error) {
    return error.reason() != v1::ERROR_REASON_OVERLOADED &&
           (IsAboutTheQuestion(error) || error.code() == "RESOURCE_EXHAUSTED");
  }

  template <typename Result>
  void Write(const Result& result) {
    if (result.has_error()) return WriteError(result.error());
    message::AppendJson(result.response(), out_);
    out_ += '\n';
  }

  void WriteError(const v1::Error& error) {
    failed_ = true;
    out_ += ErrorJson(error);
  }

  Backend& backend_;
  int most_ = kBatch;  // The server's limit, as far as it is known.
  size_t most_octets_ = std::numeric_limits<size_t>::max();
  typename Batch::Request questions_;
  typename Batch::Response answers_;
  std::vector<v1::Error> faults_;  // of each line; without a code where there is none
  std::string out_;
  bool failed_ = false;
};

}  // namespace

int AskManyDecide(Backend& backend, const std::string& path) {
  return AskMany<DecideBatch>(backend).Run(path);
}

int AskManyFollow(Backend& backend, const std::string& path) {
  return AskMany<FollowBatch>(backend).Run(path);
}

bool IsAboutTheQuestion(const v1::Error& error) {
  return error.code() == "INVALID_ARGUMENT" || error.code() == "NOT_FOUND" ||
         error.code() == "UNIMPLEMENTED";
}

}  // namespace fingerpost::cli
