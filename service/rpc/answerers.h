// The answerer of each method: for one question, or for a batch.
#pragma once

#include <memory>
#include <utility>

#include "rpc/error_status.h"
#include "rpc/exchange.h"
#include "rpc/question_reader.h"
#include "rpc/scratch.h"

namespace fingerpost {

// gRPC's own words.
[[nodiscard]] inline grpc::Status Undecodable() {
  return {grpc::StatusCode::INTERNAL, "Unable to parse request"};
}

// One question; `Function`: grpc::Status(Request&, Response&, Deadline, Share&).
template <typename Request, typename Response, typename Function>
class SingleAnswerer final : public Answerer {
 public:
  explicit SingleAnswerer(Function function) : function_(std::move(function)) {}

  Step Continue(Exchange& exchange, grpc::Status& status) override {
    has_answer_ = false;
    Request* question = reader_.Read(exchange.question);
    if (question == nullptr) {
      status = Undecodable();
      return Step::kDone;
    }
    status = function_(*question, scratch_.answer(), exchange.deadline, exchange.share);
    if (!status.ok()) return Step::kDone;
    has_answer_ = exchange.output.AddWhole(scratch_.answer());
    size_ = exchange.output.size();
    if (!has_answer_) status = ToStatus(NoRoom(exchange.share));
    return Step::kDone;
  }

  [[nodiscard]] bool TakesLong() const override { return false; }
  [[nodiscard]] const google::protobuf::Message& question() override { return reader_.last(); }
  [[nodiscard]] const google::protobuf::Message* answer() override {
    return has_answer_ ? &scratch_.answer() : nullptr;
  }
  void Forget() override {
    if (has_answer_) {
      scratch_.Used(size_);
    } else {
      scratch_.Renew();
    }
    reader_.Forget();
    has_answer_ = false;
  }
  void Abandon() override {
    has_answer_ = false;
    Forget();
  }

 private:
  Function function_;
  QuestionReader<Request> reader_;
  Scratch<Response> scratch_;
  bool has_answer_ = false;
  size_t size_ = 0;
};

template <typename Request, typename Response, typename Function>
std::unique_ptr<Answerer> AnswerOne(Function function) {
  return std::make_unique<SingleAnswerer<Request, Response, Function>>(std::move(function));
}

template <typename Question, typename Reply>
class BatchAnswerer final : public Answerer {
 public:
  explicit BatchAnswerer(const RedirectService& service) : service_(service) {}

  Step Continue(Exchange& exchange, grpc::Status& status) override {
    using State = typename Batch<Question, Reply>::State;
    Batch<Question, Reply> batch(service_, reader_, scratch_);
    const auto state = batch.Continue(exchange.question, exchange.batch, exchange.share,
                                      exchange.output, exchange.deadline);
    if (!state) {
      status = ToStatus(state.error());
      return Step::kDone;
    }
    switch (*state) {
      case State::kMore:
        return Step::kMore;
      case State::kDone:
        status = grpc::Status::OK;
        break;
      case State::kUndecodable:
        status = Undecodable();
        break;
    }
    return Step::kDone;
  }

  [[nodiscard]] bool TakesLong() const override { return true; }
  [[nodiscard]] const google::protobuf::Message& question() override {
    return Question::default_instance();
  }
  [[nodiscard]] const google::protobuf::Message* answer() override { return nullptr; }
  void Forget() override { reader_.Forget(); }
  void Abandon() override { scratch_.Renew(); }

 private:
  const RedirectService& service_;
  QuestionReader<Question> reader_;
  Scratch<Reply> scratch_;
};

}  // namespace fingerpost
