// A batch on the wire: `repeated ... requests = 1` in, `repeated ... results = 1` out, with an
// answer or an error for each, in order. It reads questions and writes answers one by one, and so
// holds only the octets of both and one question with its answer.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/message/faults.h"
#include "core/message/result.h"
#include "rpc/output.h"
#include "rpc/question_reader.h"
#include "rpc/redirect_service.h"
#include "rpc/scratch.h"

namespace fingerpost {

// Progress of a batch.
struct BatchProgress {
  std::optional<RedirectService::Frame> frame;  // none: not begun
  int count = 0;                                // questions in all
  int next = 0;                                 // the first without an answer
  int at = 0;                                   // where it begins
};

template <typename Question, typename Reply>
class Batch {
 public:
  enum class State { kMore, kDone, kUndecodable };
  using Result = message::Result<State, v1::Error>;

  // All must outlive it.
  Batch(const RedirectService& service, QuestionReader<Question>& reader, Scratch<Reply>& scratch)
      : service_(service), reader_(reader), scratch_(scratch) {}

  // Answers as many as a short time allows.
  Result Continue(std::string_view octets, BatchProgress& progress, Share& share, Output& output,
                  Deadline deadline) {
    if (!progress.frame) {
      if (!Count(octets, progress.count)) return State::kUndecodable;
      if (progress.count > service_.limits().max_batch) return TooMany(progress.count);
      progress.frame = service_.MakeFrame<Question>();
    }
    const auto end = std::chrono::steady_clock::now() + kPiece;
    do {
      if (service_.IsLate(deadline)) return message::Unexpected(TooLate());
      for (int i = 0; i < kBetweenLooks; ++i) {
        if (progress.next == progress.count) return State::kDone;
        Result state = AnswerNext(octets, progress, share, output);
        if (!state || *state != State::kDone) return state;
      }
    } while (std::chrono::steady_clock::now() < end);
    return State::kMore;
  }

 private:
  using Reader = google::protobuf::io::CodedInputStream;
  using Wire = google::protobuf::internal::WireFormatLite;

  // Too short for anybody to notice.
  static constexpr std::chrono::milliseconds kPiece{1};
  // Answers between two looks at the clock, each of which costs a tenth of an answer.
  static constexpr int kBetweenLooks = 16;
  static constexpr uint32_t kElement = Wire::MakeTag(1, Wire::WIRETYPE_LENGTH_DELIMITED);
  // The fields of DecideResult and FollowResult.
  static constexpr int kResponse = v1::DecideResult::kResponseFieldNumber;
  static constexpr int kError = v1::DecideResult::kErrorFieldNumber;
  static_assert(kResponse == v1::FollowResult::kResponseFieldNumber &&
                kError == v1::FollowResult::kErrorFieldNumber);

  static Reader Open(std::string_view octets) {
    return Reader(reinterpret_cast<const uint8_t*>(octets.data()), static_cast<int>(octets.size()));
  }

  enum class Found { kQuestion, kEnd, kFault };

  // Finds the next question, of `length` octets.
  static Found Find(Reader& reader, uint32_t& length) {
    while (const uint32_t tag = reader.ReadTag()) {
      if (tag == kElement) return reader.ReadVarint32(&length) ? Found::kQuestion : Found::kFault;
      if (!Wire::SkipField(&reader, tag)) return Found::kFault;
    }
    return reader.ConsumedEntireMessage() ? Found::kEnd : Found::kFault;
  }

  static bool Count(std::string_view octets, int& count) {
    Reader reader = Open(octets);
    uint32_t length = 0;
    Found found = Find(reader, length);
    for (; found == Found::kQuestion; found = Find(reader, length)) {
      if (!reader.Skip(static_cast<int>(length))) return false;
      ++count;
    }
    return found == Found::kEnd;
  }

  Result TooMany(int count) const {
    message::Faults faults;
    faults.Error("requests", message::AtMost(service_.limits().max_batch, "requests", count));
    return message::Unexpected(ToError(faults));
  }

  Result AnswerNext(std::string_view octets, BatchProgress& progress, Share& share,
                    Output& output) {
    const std::string_view rest = octets.substr(static_cast<size_t>(progress.at));
    Reader reader = Open(rest);
    uint32_t length = 0;
    if (Find(reader, length) != Found::kQuestion) return State::kUndecodable;
    const int begin = reader.CurrentPosition();
    const auto size = static_cast<int>(length);
    Question* question = reader_.Read(rest.substr(static_cast<size_t>(begin), length));
    if (question == nullptr) return State::kUndecodable;
    const bool explains = Explains(*question);
    if (explains && !share.explains()) {
      // From now on it queues with the calls that have long answers.
      if (!Reserve(progress, rest.size(), share)) return Full(share);
      return State::kMore;
    }
    const int64_t borrowed = explains ? Explained::InMemory(size) : 0;
    if (!share.Borrow(borrowed)) return Full(share);
    Reply& reply = scratch_.answer();
    message::Done done = service_.Answer(*progress.frame, *question, reply);
    // Without memory all others would fail, too.
    if (!done && done.error().reason() == v1::ERROR_REASON_OVERLOADED) {
      scratch_.Renew();
      return message::Unexpected(std::move(done).error());
    }
    const bool added =
        done ? output.AddElement(kResponse, reply) : output.AddElement(kError, done.error());
    // AddElement() has measured it.
    scratch_.Used(done ? static_cast<size_t>(reply.GetCachedSize()) : reply.ByteSizeLong());
    if (!added) return Full(share);
    share.Return(borrowed);
    progress.at += begin + size;
    ++progress.next;
    return State::kDone;
  }

  static bool Explains(const Question& question) {
    if constexpr (requires { question.explain(); }) return question.explain();
    return false;
  }

  // For all further answers, so that the batch does not fail half-way.
  static bool Reserve(const BatchProgress& progress, size_t octets, Share& share) {
    const auto size = static_cast<int64_t>(octets);
    return share.Explain() &&
           share.Reserve(Explained::OnTheWire(progress.count - progress.next, size));
  }

  static Result Full(const Share& share) { return message::Unexpected(NoRoom(share)); }

  const RedirectService& service_;
  QuestionReader<Question>& reader_;
  Scratch<Reply>& scratch_;
};

}  // namespace fingerpost
