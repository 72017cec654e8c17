// A bare gRPC server: the service's messages, limits, tuning and linking, and always the same
// answer. A service on gRPC cannot cost less, nor start sooner.
//
//   build/bench/bin/bench/echo FILE: the octets of a DecideResponse.
#include <absl/synchronization/mutex.h>
#include <grpcpp/grpcpp.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/grpc_limits.h"

namespace fingerpost {
namespace {

using Service = v1::RedirectService::AsyncService;

// As in rpc/worker.h: one completion queue, one thread, reused calls and messages.
class Event {
 public:
  virtual void Happened(bool ok) = 0;

 protected:
  ~Event() = default;
};

struct Answers {
  const v1::StreamDecideResponse& OfSize(int size) {
    v1::StreamDecideResponse& many = by_size[size];
    while (many.results_size() < size) *many.add_results()->mutable_response() = one;
    return many;
  }
  v1::DecideResponse one;
  std::map<int, v1::StreamDecideResponse> by_size;
};

struct Server {
  Service service;
  std::unique_ptr<grpc::ServerCompletionQueue> queue;
  Answers answers;
};

class UnaryCall final : public Event {
 public:
  explicit UnaryCall(Server& server) : server_(server) { Listen(); }
  void Happened(bool ok) override {
    if (!ok) return;
    answering_ = !answering_;
    if (!answering_) return Listen();
    writer_->Finish(server_.answers.one, grpc::Status::OK, this);
  }

 private:
  void Listen() {
    context_.emplace();
    writer_.emplace(&*context_);
    server_.service.RequestDecide(&*context_, &request_, &*writer_, server_.queue.get(),
                                  server_.queue.get(), this);
  }

  Server& server_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<v1::DecideResponse>> writer_;
  v1::DecideRequest request_;
  bool answering_ = false;
};

class StreamCall final : public Event {
 public:
  explicit StreamCall(Server& server) : server_(server) { Listen(); }
  void Happened(bool ok) override {
    if (last_ == Step::kFinish) return Listen();
    if (!ok) {
      last_ = Step::kFinish;
      return stream_->Finish(grpc::Status::OK, this);
    }
    if (last_ == Step::kRead) {
      last_ = Step::kWrite;
      return stream_->Write(server_.answers.OfSize(questions_.requests_size()), this);
    }
    last_ = Step::kRead;
    stream_->Read(&questions_, this);
  }

 private:
  enum class Step { kAccept, kRead, kWrite, kFinish };
  void Listen() {
    last_ = Step::kAccept;
    context_.emplace();
    stream_.emplace(&*context_);
    server_.service.RequestStreamDecide(&*context_, &*stream_, server_.queue.get(),
                                        server_.queue.get(), this);
  }

  Server& server_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncReaderWriter<v1::StreamDecideResponse, v1::StreamDecideRequest>>
      stream_;
  v1::StreamDecideRequest questions_;
  Step last_ = Step::kAccept;
};

int Serve(const std::string& file) {
  Server server;
  std::ifstream octets(file);
  if (!server.answers.one.ParseFromIstream(&octets)) return 2;
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::ServerBuilder builder;
  SetLimits(Settings(), builder);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&server.service);
  server.queue = builder.AddCompletionQueue();
  const auto running = builder.BuildAndStart();
  if (running == nullptr) return 1;
  // As many wait as the service lets wait, and as many more as the load can have going.
  constexpr int kUnary = 64 + 4 * 32;
  constexpr int kStreams = 8;
  std::vector<std::unique_ptr<UnaryCall>> calls;
  std::vector<std::unique_ptr<StreamCall>> streams;
  for (int i = 0; i < kUnary; ++i) calls.push_back(std::make_unique<UnaryCall>(server));
  for (int i = 0; i < kStreams; ++i) streams.push_back(std::make_unique<StreamCall>(server));
  std::printf("echo listening on 127.0.0.1:%d\n", port);
  std::fflush(stdout);
  void* tag = nullptr;
  bool ok = false;
  while (server.queue->Next(&tag, &ok)) static_cast<Event*>(tag)->Happened(ok);
  return 0;
}

}  // namespace
}  // namespace fingerpost

int main(int argc, char** argv) { return argc < 2 ? 2 : fingerpost::Serve(argv[1]); }
