// The duration of calls while maps of a million redirects are swapped again and again, beside the
// same calls without swaps, in the same run.
//
// The results are the counters, in microseconds of single, sequential calls: the median, the
// slowest of a thousand and the slowest of all, in peace and during swaps. Reading a new map takes
// one CPU beside the calls; on a machine without a spare CPU the calls wait for that.
#include <benchmark/benchmark.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/million.h"
#include "fingerpost/v1/redirect_service.grpc.pb.h"
#include "server/daemon.h"

namespace fingerpost {
namespace {

namespace fs = std::filesystem;
using Service = v1::RedirectService;

const int kSwaps = bench::Unless(10, 1);

// Asks one question after the other, and records how long each took and which policies answered.
class Asker {
 public:
  explicit Asker(const testing::Daemon& daemon) : stub_(Service::NewStub(daemon.Channel())) {
    request_.mutable_request()->set_method("GET");
    request_.mutable_request()->set_url("https://www.example.com" + bench::PathOf(7));
  }

  void Ask() {
    grpc::ClientContext context;
    const auto start = std::chrono::steady_clock::now();
    if (!stub_->Decide(&context, request_, &response_).ok() || response_.status() != 308 ||
        !response_.target().ends_with(bench::TargetOf(7))) {
      std::abort();
    }
    const auto took = std::chrono::steady_clock::now() - start;
    microseconds_.push_back(std::chrono::duration<double, std::micro>(took).count());
    if (response_.policy_version() != version_) ++versions_;
    version_ = response_.policy_version();
  }

  [[nodiscard]] size_t asked() const { return microseconds_.size(); }
  [[nodiscard]] int versions() const { return versions_; }
  // The time within which so many of a thousand calls stayed.
  [[nodiscard]] double Quantile(double thousandths) {
    std::sort(microseconds_.begin(), microseconds_.end());
    const auto last = static_cast<double>(microseconds_.size() - 1);
    return microseconds_[static_cast<size_t>(last * thousandths / 1000)];
  }

 private:
  const std::unique_ptr<Service::Stub> stub_;
  v1::DecideRequest request_;
  v1::DecideResponse response_;
  std::vector<double> microseconds_;
  std::string version_;
  int versions_ = 0;
};

void Tell(benchmark::State& state, Asker& asker, const std::string& when) {
  state.counters[when + "_median"] = asker.Quantile(500);
  state.counters[when + "_p999"] = asker.Quantile(999);
  state.counters[when + "_max"] = asker.Quantile(1000);
}

void BM_Swap(benchmark::State& state) {
  const bench::Million files;
  const fs::path maps[] = {files.Write("a.csv", "/more,/a\n"), files.Write("b.csv", "/more,/b\n")};
  const testing::Daemon daemon({"--policy", files.policy(), "--access-log", "off"});
  Asker swapped(daemon);
  Asker peaceful(daemon);
  while (state.KeepRunning()) {
    swapped.Ask();
    for (int swap = 0; swap < kSwaps; ++swap) {
      const fs::path link = files.map() + ".next";
      fs::create_symlink(maps[swap % 2], link);
      fs::rename(link, files.map());
      for (const int before = swapped.versions(); swapped.versions() == before;) swapped.Ask();
    }
    while (peaceful.asked() < swapped.asked()) peaceful.Ask();
  }
  Tell(state, peaceful, "peace");
  Tell(state, swapped, "swaps");
}
BENCHMARK(BM_Swap)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace fingerpost

BENCHMARK_MAIN();
