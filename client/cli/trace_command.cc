// `fingerpost trace`: walks chains of redirects and says what is wrong with them.
#include <absl/strings/str_cat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <future>
#include <string>
#include <vector>

#include "command.h"
#include "core/http/fields.h"
#include "exit_code.h"
#include "lines.h"
#include "output.h"
#include "show_trace.h"
#include "trace.h"
#include "trace_flags.h"

namespace fingerpost::cli {
namespace {

// Chains walked at the same time: enough to hide the waiting, and few for one server.
constexpr size_t kAtOnce = 8;
// Lines of --input that are read together.
constexpr size_t kLines = 256;

// The result for one URL.
struct Outcome {
  std::string text;       // for standard output
  std::string complaint;  // for standard error; "" for none
  int code = kAnswered;
};

// The exit code for several URLs: the gravest, which is the first of these.
int Graver(int one, int other) {
  for (const int code : {kInputOutput, kWrongQuestion, kNoServer, kBrokenChain, kErrorResponse}) {
    if (one == code || other == code) return code;
  }
  return kAnswered;
}

class TraceCommand : public Command {
 public:
  explicit TraceCommand(CLI::App* app) : Command(app) {
    app->add_option("URL", urls_,
                    "Where to begin: http or https; a host alone means http. Several are walked "
                    "at once and shown in their order");
    app->add_option("--input", input_,
                    "Begin at each line of FILE (\"-\": standard input); empty lines and those "
                    "that begin with # are skipped")
        ->type_name("FILE");
    app->add_flag("--json", json_, "Print each trace as a line of JSON");
    flags_.AddTo(*app);
  }

  int Run() override {
    std::string problem;
    int code = kUsage;
    if (urls_.empty() == input_.empty()) {
      problem = urls_.empty() ? "URL is required (see fingerpost --help)"
                              : "--input has the URLs: expected none beside it";
    } else {
      code = flags_.Prepare(input_ == "-", problem);
    }
    if (code != kAnswered) {
      Complain(problem);
      return code;
    }
    several_ = !input_.empty() || urls_.size() > 1;
    return input_.empty() ? TraceAll(urls_) : TraceLines();
  }

 private:
  [[nodiscard]] int TraceLines() {
    InputFile input(input_);
    int code = kAnswered;
    while (true) {
      std::vector<std::string> urls;
      const auto& lines = input.lines().Next(kLines);
      if (lines.empty()) break;
      for (const auto& line : lines) {
        const std::string url(http::TrimWhitespace(line.too_long ? "(too long)" : line.text));
        if (!url.empty() && !url.starts_with('#')) urls.push_back(url);
      }
      code = Graver(code, TraceAll(urls));
      if (code == kInputOutput) return code;
    }
    if (input.lines().failed() == 0) return code;
    Complain(input.Problem());
    return kInputOutput;
  }

  // Walks all chains, several at a time, and prints the results in order.
  [[nodiscard]] int TraceAll(const std::vector<std::string>& urls) {
    std::deque<std::future<Outcome>> walking;
    int code = kAnswered;
    const auto print_first = [&] {
      code = Graver(code, PrintOne(walking.front().get()));
      walking.pop_front();
    };
    for (const std::string& url : urls) {
      if (walking.size() == kAtOnce) print_first();
      if (code == kInputOutput) break;
      walking.push_back(std::async(std::launch::async, [this, url] { return TraceOne(url); }));
    }
    while (!walking.empty()) print_first();
    return code;
  }

  [[nodiscard]] int PrintOne(const Outcome& outcome) {
    ++shown_;
    const char* gap = shown_ > 1 && !json_ && !outcome.text.empty() ? "\n" : "";
    if (!Print(gap + outcome.text)) return kInputOutput;
    if (!outcome.complaint.empty()) {
      // By number, because a URL may contain a password.
      Complain(several_ ? absl::StrCat("URL ", shown_, ": ", outcome.complaint)
                        : outcome.complaint);
    }
    return outcome.code;
  }

  [[nodiscard]] Outcome TraceOne(const std::string& url) const {
    Journey journey;
    Trace trace;
    HttpClient http(flags_.transport());
    const Sender send = [&](const v1::HttpRequest& request, auto timeout, Exchange& out) {
      return http.Send(request, journey.content, timeout, out);
    };
    const message::Done done =
        flags_.Plan(url, journey).and_then([&] { return Walk(journey, send, trace); });
    if (!done) {
      return {json_ ? ErrorJson(done.error()) : "", Describe(done.error()), kWrongQuestion};
    }
    Outcome outcome{json_ ? TraceJson(trace) : Show(trace, palette_), trace.failure, kNoServer};
    if (!trace.failure.empty()) return outcome;
    outcome.code = !trace.Complete()     ? kBrokenChain
                   : trace.EndsInError() ? kErrorResponse
                                         : kAnswered;
    return outcome;
  }

  std::vector<std::string> urls_;
  std::string input_;
  bool json_ = false;
  TraceFlags flags_;
  const Palette palette_ = Palette::ForStandardOutput();
  bool several_ = false;
  size_t shown_ = 0;
};

}  // namespace

std::unique_ptr<Command> MakeTraceCommand(CLI::App& app) {
  return std::make_unique<TraceCommand>(
      app.add_subcommand("trace", "Walk chains of redirects and say what is wrong with them"));
}

}  // namespace fingerpost::cli
