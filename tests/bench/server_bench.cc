// The running service beside a bare gRPC server of the same messages, limits and tuning (echo.cc),
// in turn.
//
// The results are the counters. us: the server's CPU time for a call or a decision in microseconds;
// p99_us: the time within which 99 of 100 calls came back; the same with echo_ in front for the
// bare server.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "bench/compare.h"
#include "bench/load.h"
#include "bench/process.h"
#include "server/daemon.h"

namespace fingerpost {
namespace {

using bench::Alternate, bench::Cpu, bench::CpuSeconds, bench::Pin, bench::Shape, bench::Unless;
using testing::Daemon;

const int kRounds = Unless(4, 1);
const int kCalls = Unless(10'000, 300);  // in one round

// The service's answer to the question; the bare servers give it, too.
struct Answer {
  explicit Answer(const v1::DecideRequest& question)
      : response(bench::Ask(Daemon().Channel(), question)) {
    std::string name = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
    close(mkstemp(name.data()));
    file = name;
    std::ofstream(file) << response.SerializeAsString();
  }
  ~Answer() { std::filesystem::remove(file); }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  v1::DecideResponse response;
  std::string file;
};

const Answer& TheAnswer(bool omits = false) {
  static const Answer whole(bench::Question());
  static const Answer less(bench::Question(true));
  return omits ? less : whole;
}

// One of the two servers, and what it has spent.
struct Side {
  explicit Side(const std::string& bare, const Answer& answer = TheAnswer())
      : daemon({answer.file}, {}, {}, bare) {}
  // Metrics and the default log are on.
  explicit Side(int threads, const std::string& listen = "127.0.0.1:0")
      : daemon({"--threads", std::to_string(threads), "--admin-listen", "127.0.0.1:0", "--listen",
                listen}) {}

  template <typename Run>
  void Spend(Run run) {
    const double before = CpuSeconds(daemon.pid());
    run();
    seconds += CpuSeconds(daemon.pid()) - before;
  }

  const Daemon daemon;
  double seconds = 0;
  std::vector<float> microseconds;
};

double Microseconds(benchmark::State& state, const Side& side, double count) {
  return side.seconds * 1e6 / (count * static_cast<double>(state.iterations()));
}

// The servers on one CPU, the load on the others.
void PinAll(const Side& ours, const Side& echo) {
  Pin(ours.daemon.pid(), Cpu::kFirst);
  Pin(echo.daemon.pid(), Cpu::kFirst);
  Pin(getpid(), Cpu::kOthers);
}

void BM_Unary(benchmark::State& state) {
  const Shape shape{static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
  const std::string expected = TheAnswer().response.SerializeAsString();
  Side ours(1), echo("bench/echo");
  bench::Load our_load(ours.daemon.address(), shape, expected);
  bench::Load echo_load(echo.daemon.address(), shape, expected);
  const auto run = [](Side& side, bench::Load& load) {
    side.Spend([&] { load.Run(kCalls); });
    side.microseconds.insert(side.microseconds.end(), load.microseconds().begin(),
                             load.microseconds().end());
  };
  our_load.Run(kCalls / 4);  // Warm.
  echo_load.Run(kCalls / 4);
  PinAll(ours, echo);
  bool turned = false;
  for ([[maybe_unused]] auto _ : state) {
    Alternate(
        turned, [&] { run(ours, our_load); }, [&] { run(echo, echo_load); });
  }
  state.counters["us"] = Microseconds(state, ours, kCalls);
  state.counters["echo_us"] = Microseconds(state, echo, kCalls);
  state.counters["p99_us"] = bench::Quantile(ours.microseconds, 990);
  state.counters["echo_p99_us"] = bench::Quantile(echo.microseconds, 990);
}
BENCHMARK(BM_Unary)->Args({4, 32})->Args({16, 4})->Args({64, 1})->Iterations(kRounds);

// For a caller beside the server, such as a sidecar.
void BM_Socket(benchmark::State& state) {
  const Shape shape{4, 32};
  const std::string expected = TheAnswer().response.SerializeAsString();
  std::string directory = (std::filesystem::temp_directory_path() / "fingerpost-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) bench::Fail("no directory for the socket");
  Side socket(1, "unix:" + directory + "/socket"), tcp(1);
  bench::Load socket_load(socket.daemon.address(), shape, expected);
  bench::Load tcp_load(tcp.daemon.address(), shape, expected);
  socket_load.Run(kCalls / 4);  // Warm.
  tcp_load.Run(kCalls / 4);
  PinAll(socket, tcp);
  bool turned = false;
  for ([[maybe_unused]] auto _ : state) {
    Alternate(
        turned, [&] { socket.Spend([&] { socket_load.Run(kCalls); }); },
        [&] { tcp.Spend([&] { tcp_load.Run(kCalls); }); });
  }
  state.counters["us"] = Microseconds(state, socket, kCalls);
  state.counters["tcp_us"] = Microseconds(state, tcp, kCalls);
  std::filesystem::remove_all(directory);
}
BENCHMARK(BM_Socket)->Iterations(kRounds);

void BM_Stream(benchmark::State& state) {
  const auto size = static_cast<int>(state.range(0));
  const bool omits = state.range(1) != 0;
  const int messages = Unless(200, 5);
  const v1::DecideRequest question = bench::Question(omits);
  const Answer& answer = TheAnswer(omits);
  Side ours(1), echo("bench/echo", answer);
  bench::Stream our_stream(ours.daemon.address(), size, question, answer.response);
  bench::Stream echo_stream(echo.daemon.address(), size, question, answer.response);
  our_stream.Run(5);  // Warm.
  echo_stream.Run(5);
  PinAll(ours, echo);
  bool turned = false;
  for ([[maybe_unused]] auto _ : state) {
    Alternate(
        turned, [&] { ours.Spend([&] { our_stream.Run(messages); }); },
        [&] { echo.Spend([&] { echo_stream.Run(messages); }); });
  }
  state.counters["us"] = Microseconds(state, ours, messages * size);
  state.counters["echo_us"] = Microseconds(state, echo, messages * size);
}
BENCHMARK(BM_Stream)
    ->ArgNames({"", "omit"})
    ->ArgsProduct({{1, 16, 64, 256}, {0, 1}})
    ->Iterations(kRounds);

// From the start of the process to its first answer, including the client's connection.
void BM_Start(benchmark::State& state) {
  Pin(getpid(), Cpu::kAny);
  struct Starts {
    double milliseconds = 0;
    double mebibytes = 0;
  } ours, echo;
  const auto start = [](Starts& starts, const std::vector<std::string>& arguments,
                        const std::string& program) {
    const auto begin = std::chrono::steady_clock::now();
    const Daemon daemon(arguments, {}, {}, program);
    (void)bench::Ask(daemon.Channel());
    const auto took = std::chrono::steady_clock::now() - begin;
    starts.milliseconds += std::chrono::duration<double, std::milli>(took).count();
    starts.mebibytes += bench::ResidentMiB(daemon.pid());
  };
  bool turned = false;
  for ([[maybe_unused]] auto _ : state) {
    Alternate(
        turned, [&] { start(ours, {}, "fingerpostd"); },
        [&] { start(echo, {TheAnswer().file}, "bench/echo"); });
  }
  const auto times = static_cast<double>(state.iterations());
  state.counters["ms"] = ours.milliseconds / times;
  state.counters["echo_ms"] = echo.milliseconds / times;
  state.counters["MiB"] = ours.mebibytes / times;
  state.counters["echo_MiB"] = echo.mebibytes / times;
}
BENCHMARK(BM_Start)->Iterations(Unless(10, 1));

// Opens HTTP/2 connections without calls, and gives what each adds to the server's memory.
double KiBEach(const Daemon& daemon, int count) {
  const double before = bench::ResidentMiB(daemon.pid());
  const std::string& address = daemon.address();
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  std::vector<int> sockets;
  // Preface and empty SETTINGS (RFC 9113 §3.4).
  constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
  for (int i = 0; i < count; ++i) {
    sockets.push_back(socket(AF_INET, SOCK_STREAM, 0));
    char answer = 0;
    if (connect(sockets.back(), reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
        send(sockets.back(), kPreface, sizeof kPreface - 1, 0) <= 0 ||
        recv(sockets.back(), &answer, 1, 0) != 1) {
      bench::Fail("the system allows no more connections");
    }
  }
  const double memory = bench::ResidentMiB(daemon.pid()) - before;
  for (const int fd : sockets) close(fd);
  return memory * 1024 / count;
}

void BM_Connections(benchmark::State& state) {
  const int count = Unless(1000, 10);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  for ([[maybe_unused]] auto _ : state) {
    state.counters["KiB"] = KiBEach(Daemon(), count);
    state.counters["echo_KiB"] = KiBEach(Side("bench/echo").daemon, count);
  }
}
BENCHMARK(BM_Connections)->Iterations(1);

// Throughput and latency by threads, connections and calls outstanding on each. With one thread the
// load has the other CPUs; with more it shares them. busy: the share of its threads' time that the
// server worked; far below 1 the load is the limit, not the server.
void BM_Scale(benchmark::State& state) {
  const auto threads = static_cast<int>(state.range(0));
  const Shape shape{static_cast<int>(state.range(1)), static_cast<int>(state.range(2))};
  Side ours(threads);
  const std::string& address = ours.daemon.address();
  bench::Load load(address, shape, TheAnswer().response.SerializeAsString());
  load.Run(kCalls / 4);  // Warm.
  Pin(ours.daemon.pid(), threads == 1 ? Cpu::kFirst : Cpu::kAny);
  Pin(getpid(), threads == 1 ? Cpu::kOthers : Cpu::kAny);
  const bench::Traffic before = bench::TrafficWith(address);
  const auto begin = std::chrono::steady_clock::now();
  for ([[maybe_unused]] auto _ : state) {
    ours.Spend([&] { load.Run(kCalls); });
    ours.microseconds.insert(ours.microseconds.end(), load.microseconds().begin(),
                             load.microseconds().end());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const bench::Traffic after = bench::TrafficWith(address);
  const double calls = static_cast<double>(state.iterations()) * kCalls;
  state.counters["us"] = ours.seconds * 1e6 / calls;
  state.counters["calls_s"] = calls / took.count();
  state.counters["p99_us"] = bench::Quantile(ours.microseconds, 990);
  state.counters["busy"] = ours.seconds / took.count() / threads;
  state.counters["octets_sent"] = (after.sent - before.sent) / calls;
  state.counters["octets_received"] = (after.received - before.received) / calls;
}
BENCHMARK(BM_Scale)
    ->ArgNames({"threads", "connections", "outstanding"})
    ->Args({1, 1, 1})
    ->Args({1, 1, 32})
    ->Args({1, 4, 32})
    ->Args({1, 64, 1})
    ->Args({1, 256, 1})
    ->Args({2, 1, 1})
    ->Args({2, 4, 32})
    ->Args({2, 64, 1})
    ->Args({2, 256, 1})
    ->Iterations(1);

}  // namespace
}  // namespace fingerpost

BENCHMARK_MAIN();
