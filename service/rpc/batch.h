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

#include "core/message/violations.h"
#include "rpc/output.h"
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
  enum class State { kMore, kDone, kFailed, kUndecodable };

  // Both must outlive it.
  Batch(const RedirectService& service, Scratch<Reply>& scratch)
      : service_(service), scratch_(scratch) {}

  // Answers as many questions as a short time allows. kFailed: `error` says why.
  State Continue(std::string_view octets, BatchProgress& progress, Share& share, Output& output,
                 Deadline deadline, v1::Error& error) {
    if (!progress.frame) {
      if (!Count(octets, progress.count)) return State::kUndecodable;
      if (!IsAllowed(progress.count, error)) return State::kFailed;
      progress.frame = service_.MakeFrame();
    }
    const auto end = std::chrono::steady_clock::now() + kPiece;
    do {
      if (service_.IsLate(deadline, error)) return State::kFailed;
      for (int i = 0; i < kBetweenLooks; ++i) {
        if (progress.next == progress.count) return State::kDone;
        const State state = AnswerNext(octets, progress, share, output, error);
        if (state != State::kDone) return state;
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

  bool IsAllowed(int count, v1::Error& error) const {
    const int most = service_.limits().max_batch;
    message::Violations violations(error);
    if (count > most) {
      violations.Add("requests",
                     "at most " + std::to_string(most) + " requests, got " + std::to_string(count));
    }
    return violations.Finish();
  }

  State AnswerNext(std::string_view octets, BatchProgress& progress, Share& share, Output& output,
                   v1::Error& error) {
    const std::string_view rest = octets.substr(static_cast<size_t>(progress.at));
    Reader reader = Open(rest);
    uint32_t length = 0;
    if (Find(reader, length) != Found::kQuestion) return State::kUndecodable;
    const int begin = reader.CurrentPosition();
    const auto size = static_cast<int>(length);
    Question question;
    if (!question.ParseFromArray(rest.data() + begin, size)) return State::kUndecodable;
    const bool explains = Explains(question);
    if (explains && !share.explains()) {
      // From now on it queues with the calls that have long answers.
      return Reserve(progress, rest.size(), share) ? State::kMore : Full(share, error);
    }
    const int64_t borrowed = explains ? Explained::InMemory(size) : 0;
    if (!share.Borrow(borrowed)) return Full(share, error);
    v1::Error fault;
    Reply& reply = scratch_.answer();
    const bool answered = service_.Answer(*progress.frame, question, reply, fault);
    // Without memory all others would fail, too.
    if (fault.reason() == v1::ERROR_REASON_OVERLOADED) {
      scratch_.Renew();
      error = std::move(fault);
      return State::kFailed;
    }
    const bool added =
        answered ? output.AddElement(kResponse, reply) : output.AddElement(kError, fault);
    scratch_.Used(reply.ByteSizeLong());
    if (!added) return Full(share, error);
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

  static State Full(const Share& share, v1::Error& error) {
    error = NoRoom(share);
    return State::kFailed;
  }

  const RedirectService& service_;
  Scratch<Reply>& scratch_;
};

}  // namespace fingerpost
