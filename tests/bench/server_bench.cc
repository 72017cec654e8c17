// The cost of the running service: CPU time of the server process for each call, beside a bare gRPC
// server that gives a fixed answer to the same messages under the same limits, in the same run.
//
//   build/bin/bench/server_bench --benchmark_repetitions=5
//   --benchmark_enable_random_interleaving=true
//
// The load's own times (Time, CPU) mean little. The results are the counters: server_us, the
// server's CPU time for a call or decision in microseconds; MiB, resident memory.
#include <absl/synchronization/mutex.h>
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "server/daemon.h"
#include "server/grpc_limits.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;
using testing::Daemon;
using Service = v1::RedirectService;

constexpr int kConnections = 4;
constexpr int kOutstanding = 32;  // on each connection
constexpr int kCalls = 20'000;    // in one iteration

v1::DecideRequest Question() {
  v1::DecideRequest request;
  request.mutable_request()->set_method("POST");
  request.mutable_request()->set_url("https://shop.example.com/orders");
  v1::Header& accept = *request.mutable_request()->add_headers();
  accept.set_name("Accept");
  accept.set_value("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
  request.mutable_intent()->set_purpose(v1::PURPOSE_FORM_RESULT);
  request.mutable_intent()->set_target("/orders/7829/confirmation");
  return request;
}

// Pins all threads of `pid` to the first CPU, so that the load, on the others, does not move them.
void Pin(pid_t pid) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  for (const auto& task : fs::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    sched_setaffinity(std::stoi(task.path().filename().string()), sizeof first, &first);
  }
}

double CpuSeconds(pid_t pid) {
  clockid_t clock = 0;
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double ResidentMiB(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double total = 0;
  double resident = 0;
  file >> total >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

// The bare server: one completion queue, one thread, reused messages, and the service's answer.
class EchoCall {
 public:
  EchoCall(Service::AsyncService& service, grpc::ServerCompletionQueue& queue,
           const v1::DecideResponse& answer)
      : service_(service), queue_(queue), answer_(answer) {
    Listen();
  }
  void Happened(bool ok) {
    if (!ok) return;
    answering_ = !answering_;
    if (!answering_) return Listen();
    writer_->Finish(answer_, grpc::Status::OK, this);
  }

 private:
  void Listen() {
    context_.emplace();
    writer_.emplace(&*context_);
    service_.RequestDecide(&*context_, &request_, &*writer_, &queue_, &queue_, this);
  }

  Service::AsyncService& service_;
  grpc::ServerCompletionQueue& queue_;
  const v1::DecideResponse& answer_;
  std::optional<grpc::ServerContext> context_;
  std::optional<grpc::ServerAsyncResponseWriter<v1::DecideResponse>> writer_;
  v1::DecideRequest request_;
  bool answering_ = false;
};

[[noreturn]] void ServeEcho(int port_pipe, const std::string& answer_bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  v1::DecideResponse answer;
  if (!answer.ParseFromString(answer_bytes)) std::abort();
  Service::AsyncService service;
  // The same tuning and limits, because every call passes their filters.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::ServerBuilder builder;
  SetLimits(Settings(), builder);
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto queue = builder.AddCompletionQueue();
  const auto server = builder.BuildAndStart();
  std::vector<std::unique_ptr<EchoCall>> calls;
  constexpr int kWaiting = kConnections * kOutstanding + 1;
  for (int i = 0; i < kWaiting; ++i) {
    calls.push_back(std::make_unique<EchoCall>(service, *queue, answer));
  }
  if (write(port_pipe, &port, sizeof port) != sizeof port) std::abort();
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<EchoCall*>(tag)->Happened(ok);
  std::abort();
}

// This program, started again before gRPC is used, serves the echo.
struct Echo {
  pid_t pid = -1;
  std::string address;
};
Echo the_echo;

void StartEcho(const std::string& answer_bytes) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  the_echo.pid = fork();
  if (the_echo.pid == 0) ServeEcho(ends[1], answer_bytes);
  int port = 0;
  if (read(ends[0], &port, sizeof port) != sizeof port) std::abort();
  the_echo.address = "127.0.0.1:" + std::to_string(port);
}

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

// Keeps kOutstanding calls going on each of kConnections until kCalls have been answered.
template <typename Stub, typename Request, typename Response>
class Load {
 public:
  using Start = void (*)(Stub& stub, grpc::ClientContext* context, const Request* request,
                         Response* response, std::function<void(grpc::Status)> done);
  Load(const std::string& address, const Request& request, Start start)
      : request_(request), start_(start) {
    for (int i = 0; i < kConnections; ++i) {
      stubs_.push_back(std::make_unique<Stub>(ChannelTo(address)));
    }
  }

  void Run() {
    left_ = kCalls;
    running_ = kConnections * kOutstanding;
    for (auto& stub : stubs_) {
      for (int i = 0; i < kOutstanding; ++i) Next(std::make_shared<Slot>(*stub));
    }
    for (int running = running_; running > 0; running = running_) running_.wait(running);
  }

 private:
  struct Slot {
    explicit Slot(Stub& to) : stub(to) {}
    Stub& stub;
    std::optional<grpc::ClientContext> context;
    Response response;
  };
  void Next(const std::shared_ptr<Slot>& slot) {
    if (--left_ < 0) {
      --running_;
      running_.notify_one();
      return;
    }
    slot->context.emplace();
    start_(slot->stub, &*slot->context, &request_, &slot->response,
           [this, slot](const grpc::Status& status) {
             if (!status.ok()) std::abort();
             Next(slot);
           });
  }

  const Request request_;
  const Start start_;
  std::vector<std::unique_ptr<Stub>> stubs_;
  std::atomic<int> left_{0};
  std::atomic<int> running_{0};
};

// Runs `load` for each iteration, and reports what `pid` spends on one of `count`.
template <typename Run>
void Measure(benchmark::State& state, pid_t pid, int count, Run run) {
  Pin(pid);
  run();  // Warm.
  double spent = 0;
  for (auto _ : state) {
    const double before = CpuSeconds(pid);
    run();
    spent += CpuSeconds(pid) - before;
  }
  state.counters["server_us"] = spent * 1e6 / count / static_cast<double>(state.iterations());
}

using DecideLoad = Load<Service::Stub, v1::DecideRequest, v1::DecideResponse>;

DecideLoad MakeDecideLoad(const std::string& address) {
  return {address, Question(),
          [](Service::Stub& stub, grpc::ClientContext* context, const v1::DecideRequest* request,
             v1::DecideResponse* response, std::function<void(grpc::Status)> done) {
            stub.async()->Decide(context, request, response, std::move(done));
          }};
}

void BM_BareEcho(benchmark::State& state) {
  auto load = MakeDecideLoad(the_echo.address);
  Measure(state, the_echo.pid, kCalls, [&] { load.Run(); });
}
BENCHMARK(BM_BareEcho)->Unit(benchmark::kMillisecond);

void BM_Decide(benchmark::State& state) {
  const Daemon daemon({"--threads", "1", "--access-log", "off"});
  auto load = MakeDecideLoad(daemon.address());
  Measure(state, daemon.pid(), kCalls, [&] { load.Run(); });
}
BENCHMARK(BM_Decide)->Unit(benchmark::kMillisecond);

void BM_Health(benchmark::State& state) {
  namespace health = grpc::health::v1;
  const Daemon daemon({"--threads", "1"});
  Load<health::Health::Stub, health::HealthCheckRequest, health::HealthCheckResponse> load(
      daemon.address(), {},
      [](health::Health::Stub& stub, grpc::ClientContext* context,
         const health::HealthCheckRequest* request, health::HealthCheckResponse* response,
         std::function<void(grpc::Status)> done) {
        stub.async()->Check(context, request, response, std::move(done));
      });
  Measure(state, daemon.pid(), kCalls, [&] { load.Run(); });
}
BENCHMARK(BM_Health)->Unit(benchmark::kMillisecond);

// Decisions by a bidirectional stream, so many in one message.
void BM_Stream(benchmark::State& state) {
  const Daemon daemon({"--threads", "1"});
  const auto size = static_cast<int>(state.range(0));
  v1::StreamDecideRequest questions;
  for (int i = 0; i < size; ++i) *questions.add_requests() = Question();
  const auto stub = Service::NewStub(daemon.Channel());
  grpc::ClientContext context;
  const auto stream = stub->StreamDecide(&context);
  v1::StreamDecideResponse answers;
  constexpr int kMessages = 200;
  Measure(state, daemon.pid(), kMessages * size, [&] {
    // Two messages are in transit, so that the server need not wait for the client.
    stream->Write(questions);
    for (int i = 1; i < kMessages; ++i) {
      stream->Write(questions);
      if (!stream->Read(&answers)) std::abort();
    }
    if (!stream->Read(&answers)) std::abort();
  });
  context.TryCancel();
}
BENCHMARK(BM_Stream)->Arg(1)->Arg(16)->Arg(64)->Arg(256)->Unit(benchmark::kMillisecond);

// From the start of the process to its first answer, including the client's connection.
void BM_FirstAnswer(benchmark::State& state) {
  double memory = 0;
  for (auto _ : state) {
    const Daemon daemon;
    const auto stub = Service::NewStub(daemon.Channel());
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    v1::DecideResponse response;
    if (!stub->Decide(&context, Question(), &response).ok()) std::abort();
    state.PauseTiming();
    memory = ResidentMiB(daemon.pid());
    state.ResumeTiming();
  }
  state.counters["MiB"] = memory;
}
BENCHMARK(BM_FirstAnswer)->Unit(benchmark::kMillisecond);

// HTTP/2 connections without calls.
void BM_Connections(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  double memory = 0;
  for (auto _ : state) {
    const Daemon daemon({"--max-memory", "1024MiB"});
    const double before = ResidentMiB(daemon.pid());
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(
        static_cast<uint16_t>(std::stoi(daemon.address().substr(daemon.address().rfind(':') + 1))));
    std::vector<int> sockets;
    // Preface and empty SETTINGS (RFC 9113 §3.4).
    constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    for (size_t i = 0; i < count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM, 0);
      char answer = 0;
      if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
          send(fd, kPreface, sizeof kPreface - 1, 0) <= 0 || recv(fd, &answer, 1, 0) != 1) {
        state.SkipWithError("the system allows no more connections");
        break;
      }
      sockets.push_back(fd);
    }
    memory = ResidentMiB(daemon.pid()) - before;
    for (const int fd : sockets) close(fd);
  }
  state.counters["MiB"] = memory;
  state.counters["KiB_each"] = memory * 1024 / static_cast<double>(count);
}
BENCHMARK(BM_Connections)->Arg(1000)->Arg(10'000)->Iterations(1)->Unit(benchmark::kMillisecond);

std::string AskOnce() {
  const Daemon daemon;
  grpc::ClientContext context;
  v1::DecideResponse response;
  if (!Service::NewStub(daemon.Channel())->Decide(&context, Question(), &response).ok()) return {};
  return response.SerializeAsString();
}

// The service's answer to the question, from a separate process: gRPC does not survive a fork.
std::string AnswerOfTheService() {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t child = fork();
  if (child == 0) {
    const std::string bytes = AskOnce();
    _exit(write(ends[1], bytes.data(), bytes.size()) > 0 ? 0 : 1);
  }
  close(ends[1]);
  std::string bytes(1 << 16, '\0');
  const ssize_t count = read(ends[0], bytes.data(), bytes.size());
  bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
  return bytes;
}

}  // namespace
}  // namespace fingerpost

int main(int argc, char** argv) {
  fingerpost::StartEcho(fingerpost::AnswerOfTheService());
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  kill(fingerpost::the_echo.pid, SIGKILL);
}
