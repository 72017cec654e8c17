// One message of a call and its answer, in octets, and what answers it.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <string>

#include "rpc/batch.h"
#include "rpc/budget.h"
#include "rpc/deadline.h"
#include "rpc/output.h"
#include "rpc/worker.h"

namespace fingerpost {

// Reused for the next message.
struct Exchange {
  // `budget` may be null.
  explicit Exchange(Budget* budget) : share(budget), output(share) {}

  Share share;
  Deadline deadline = kNoDeadline;
  std::string question;
  BatchProgress batch;
  Output output;
};

// Answers the calls of one method on one worker.
class Answerer {
 public:
  enum class Step { kMore, kDone };

  Answerer() = default;
  virtual ~Answerer() = default;
  Answerer(const Answerer&) = delete;
  Answerer& operator=(const Answerer&) = delete;

  // Does all of the work, or a piece. kDone: `status` says how it went.
  [[nodiscard]] virtual Step Continue(Exchange& exchange, grpc::Status& status) = 0;
  // Whether it may return kMore.
  [[nodiscard]] virtual bool TakesLong() const = 0;
  // What was asked last, and the answer; of a batch nothing, and null.
  [[nodiscard]] virtual const google::protobuf::Message& question() = 0;
  [[nodiscard]] virtual const google::protobuf::Message* answer() = 0;
  // When both have been looked at.
  virtual void Forget() = 0;
  // After an exception: nothing of the messages may be used again.
  virtual void Abandon() = 0;
};

// Does a piece of the work. The first reads the question from `octets`, the last writes the answer
// there; from then on the share is that of the answer. Nothing leaves it: without memory the call
// is RESOURCE_EXHAUSTED. False: `work` is back in the worker's queue, for the next piece.
[[nodiscard]] bool Continue(Worker& worker, Work& work, Answerer& answerer, Exchange& exchange,
                            grpc::ByteBuffer& octets, grpc::Status& status) noexcept;
// Gives back all that the exchange holds.
void Release(Exchange& exchange);

}  // namespace fingerpost
