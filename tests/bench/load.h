// Questions to a server under load, each answer compared with what is expected.
#pragma once

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/process.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"

namespace fingerpost::bench {

using Service = v1::RedirectService;

// A wrong answer makes every figure worthless. Ends the servers, too, and this process at once:
// other threads are in the middle of their calls.
[[noreturn]] inline void Fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  EndChildren();
  std::_Exit(1);
}

// `omits`: the caller reads neither sentences nor content.
inline v1::DecideRequest Question(bool omits = false) {
  v1::DecideRequest request;
  if (omits) {
    request.add_omit(v1::ANSWER_PART_TEXTS);
    request.add_omit(v1::ANSWER_PART_BODY);
  }
  request.mutable_request()->set_method("POST");
  request.mutable_request()->set_url("https://shop.example.com/orders");
  v1::Header& accept = *request.mutable_request()->add_headers();
  accept.set_name("Accept");
  accept.set_value("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
  request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  request.mutable_intent()->set_target("/orders/7829/confirmation");
  return request;
}

inline v1::DecideResponse Ask(const std::shared_ptr<grpc::Channel>& channel,
                              const v1::DecideRequest& question = Question()) {
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  v1::DecideResponse response;
  const auto status = Service::NewStub(channel)->Decide(&context, question, &response);
  if (!status.ok()) Fail("no answer: " + status.error_message());
  if (response.status() != 303 ||
      response.target() != "https://shop.example.com/orders/7829/confirmation") {
    Fail("a wrong answer: " + response.ShortDebugString());
  }
  return response;
}

inline std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// So many connections, with so many calls outstanding on each.
struct Shape {
  int connections;
  int outstanding;
};

class Load {
 public:
  // `expected`: the octets of each answer.
  Load(const std::string& address, Shape shape, std::string expected)
      : shape_(shape), request_(Question()), expected_(std::move(expected)) {
    for (int i = 0; i < shape.connections; ++i) {
      stubs_.push_back(std::make_unique<Service::Stub>(ChannelTo(address)));
      for (int j = 0; j < shape.outstanding; ++j) slots_.emplace_back(*stubs_.back());
    }
  }

  // Until so many calls have been answered.
  void Run(int calls) {
    next_ = 0;
    microseconds_.resize(static_cast<size_t>(calls));
    running_ = shape_.connections * shape_.outstanding;
    for (Slot& slot : slots_) Next(slot);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return running_ == 0; });
  }

  // How long each call of the last run took.
  [[nodiscard]] const std::vector<float>& microseconds() const { return microseconds_; }

 private:
  struct Slot {
    explicit Slot(Service::Stub& to) : stub(to) {}
    Service::Stub& stub;
    std::optional<grpc::ClientContext> context;
    v1::DecideResponse response;
    std::string octets;
  };

  void Next(Slot& slot) {
    const auto nth = static_cast<size_t>(next_++);
    if (nth >= microseconds_.size()) {
      const std::lock_guard lock(mutex_);
      if (--running_ == 0) ended_.notify_one();
      return;
    }
    slot.context.emplace();
    const auto start = std::chrono::steady_clock::now();
    slot.stub.async()->Decide(
        &*slot.context, &request_, &slot.response, [=, this, &slot](const grpc::Status& status) {
          const std::chrono::duration<float, std::micro> took =
              std::chrono::steady_clock::now() - start;
          microseconds_[nth] = took.count();
          slot.octets.clear();
          if (!status.ok()) Fail("no answer under load: " + status.error_message());
          if (!slot.response.AppendToString(&slot.octets) || slot.octets != expected_) {
            Fail("a wrong answer under load: " + slot.response.ShortDebugString());
          }
          Next(slot);
        });
  }

  const Shape shape_;
  const v1::DecideRequest request_;
  const std::string expected_;
  std::vector<std::unique_ptr<Service::Stub>> stubs_;
  // Until the end of the load: gRPC may still use a call's context after its answer.
  std::deque<Slot> slots_;
  std::vector<float> microseconds_;
  std::atomic<int> next_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int running_ = 0;
};

// The time within which so many of a thousand stayed; sorts.
[[nodiscard]] inline double Quantile(std::vector<float>& times, double thousandths) {
  if (times.empty()) return 0;
  const auto nth = static_cast<size_t>(static_cast<double>(times.size() - 1) * thousandths / 1000);
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(nth), times.end());
  return times[nth];
}

// A stream of messages, each with the question so many times.
class Stream {
 public:
  Stream(const std::string& address, int size, const v1::DecideRequest& question,
         const v1::DecideResponse& answer)
      : stub_(ChannelTo(address)) {
    v1::StreamDecideResponse expected;
    for (int i = 0; i < size; ++i) {
      *questions_.add_requests() = question;
      *expected.add_results()->mutable_response() = answer;
    }
    expected_ = expected.SerializeAsString();
    context_.set_wait_for_ready(true);
    stream_ = stub_.StreamDecide(&context_);
  }
  ~Stream() { context_.TryCancel(); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Two messages are in transit, so that the server need not wait for the client.
  void Run(int messages) {
    stream_->Write(questions_);
    for (int i = 1; i < messages; ++i) {
      stream_->Write(questions_);
      Read();
    }
    Read();
  }

 private:
  void Read() {
    octets_.clear();
    if (!stream_->Read(&answers_)) Fail("the stream ended");
    if (!answers_.AppendToString(&octets_) || octets_ != expected_) {
      Fail("a wrong answer in a stream");
    }
  }

  Service::Stub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::StreamDecideRequest, v1::StreamDecideResponse>>
      stream_;
  v1::StreamDecideRequest questions_;
  v1::StreamDecideResponse answers_;
  std::string expected_, octets_;
};

}  // namespace fingerpost::bench
