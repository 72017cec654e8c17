// One message of a call and its answer, in octets, and the answerer.
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

// Reused for each message.
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

  // Does all of the work, or a piece. kDone: `status` is the result.
  [[nodiscard]] virtual Step Continue(Exchange& exchange, grpc::Status& status) = 0;
  // Whether it may return kMore.
  [[nodiscard]] virtual bool TakesLong() const = 0;
  // The last question and its answer; for a batch, empty and null.
  [[nodiscard]] virtual const google::protobuf::Message& question() = 0;
  [[nodiscard]] virtual const google::protobuf::Message* answer() = 0;
  // Called when both have been read.
  virtual void Forget() = 0;
  // Called after an exception: the messages must not be used again.
  virtual void Abandon() = 0;
};

// Does a piece of the work. The first piece reads the question from `octets`, the last writes the
// answer there; from then on the share is the answer's. Nothing is thrown: without memory the call
// is RESOURCE_EXHAUSTED. False: `work` is back in the worker's queue for the next piece.
[[nodiscard]] bool Continue(Worker& worker, Work& work, Answerer& answerer, Exchange& exchange,
                            grpc::ByteBuffer& octets, grpc::Status& status) noexcept;
// Gives back everything that the exchange holds.
void Release(Exchange& exchange);

}  // namespace fingerpost
