#include "policy_diff.h"

#include <absl/container/flat_hash_set.h>
#include <absl/hash/hash.h>
#include <absl/strings/str_cat.h>

#include "answer_changes.h"
#include "counted.h"
#include "lines.h"
#include "logged_request.h"
#include "output.h"
#include "policy/compiled/host_table.h"
#include "policy_file.h"
#include "policy_samples.h"
#include "progress.h"

namespace fingerpost::cli {
namespace {

// As of diff(1), which scripts know.
enum : int { kSame = 0, kDiffers = 1, kTrouble = 2 };

constexpr size_t kLines = 256;
constexpr size_t kMaxNamed = 5;  // Unreadable lines; more are counted.

// The policy; null: there is none, as standard error says.
policy::compiled::SnapshotPtr Read(const std::string& path) {
  policy::load::Loaded loaded = LoadPolicy(path);
  for (const message::Fault& problem : loaded.problems) {
    if (problem.severity == message::Severity::kError) Remark(message::ToString(problem) + "\n");
  }
  return HasErrors(loaded) ? nullptr : loaded.snapshot;
}

// Lines that are no request: the first are named.
class Unreadable {
 public:
  explicit Unreadable(const std::string& file) : file_(file) {}

  void Add(uint64_t line, const std::string& why) {
    if (++count_ <= kMaxNamed) Remark(absl::StrCat(file_, ":", line, ": ", why, "\n"));
  }
  [[nodiscard]] uint64_t count() const { return count_; }

 private:
  const std::string& file_;
  uint64_t count_ = 0;
};

// For CLI11: "" when it is a host.
std::string CheckHost(const std::string& text) {
  const auto host = policy::compiled::ParseHostPattern(text);
  if (host && !text.starts_with('.')) return {};
  return absl::StrCat("\"", text, "\" is not a host; expected www.example.com");
}

// False: the file cannot be read, as standard error says.
bool AskLogged(const std::string& file, const std::string& host, AnswerChanges& changes,
               uint64_t& unreadable) {
  InputFile input(file);
  Unreadable others(file);
  v1::DecideRequest asked;
  uint64_t number = 0;
  for (auto* lines = &input.lines().Next(kLines); !lines->empty();
       lines = &input.lines().Next(kLines)) {
    for (const LineReader::Line& line : *lines) {
      ++number;
      std::string problem = line.too_long ? "is longer than 4 MiB" : "is no request";
      const Logged logged = line.too_long ? Logged::kUnreadable
                                          : ReadLogged(line.text, host, *asked.mutable_request());
      if (logged == Logged::kNone) continue;
      if (logged == Logged::kUnreadable || !changes.Ask(asked, problem)) {
        others.Add(number, problem);
      }
    }
  }
  unreadable = others.count();
  if (input.lines().failed() == 0) return true;
  Complain(input.Problem());
  return false;
}

// "3 requests, 1 answer changed for 2 of them"
std::string Summary(const AnswerChanges& changes, uint64_t unreadable) {
  std::string out = Counted(changes.asked(), "request") + ", ";
  if (changes.changed() == 0) {
    out += "the same answers";
  } else {
    absl::StrAppend(&out, changes.has_others() ? "more than " : "",
                    Counted(changes.listed(), "answer"), " changed for ", changes.changed(),
                    " of them");
  }
  if (unreadable > 0) absl::StrAppend(&out, "; ", unreadable, " unreadable");
  return out + "\n";
}

}  // namespace

DiffCommand::DiffCommand(CLI::App& app) : app_(app) {
  app.add_option("OLD", old_, "The policy that is served")->required();
  app.add_option("NEW", new_, "The policy that is to be")->required();
  app.add_option("--requests", requests_,
                 "An access log, or a list of URLs; \"-\": standard input. Default: requests for "
                 "every rule, row, host and named intent of both, and neighbours of their paths")
      ->type_name("FILE");
  app.add_option("--host", host_, "The host of lines without one, and of rules for every host")
      ->check(CheckHost)
      ->default_str("sample.invalid")
      ->type_name("HOST");
  app.footer(
      "A line of FILE is one of: NCSA common or combined, nginx's default, vhost_combined,\n"
      "JSON with \"url\" (the access log of fingerpostd) or \"request\", URL, /path, METHOD URL.\n"
      "An answer is its status, target, other fields and content. The file is read as a stream. A "
      "path is asked for over "
      "https.\n"
      "\n"
      "Exit status: 0 the same answers, 1 some differ, 2 trouble.");
}

int DiffCommand::Run() const {
  const policy::compiled::SnapshotPtr old = Read(old_), now = Read(new_);
  if (old == nullptr || now == nullptr) return kTrouble;
  const std::string host = host_.empty() ? "sample.invalid" : host_;
  AnswerChanges changes(*old, *now);
  uint64_t unreadable = 0;
  if (!requests_.empty()) {
    if (!AskLogged(requests_, host, changes, unreadable)) return kTrouble;
  } else {
    std::string problem;
    absl::flat_hash_set<size_t> asked;  // Hashes: both policies have most samples.
    const auto ask = [&](const v1::DecideRequest& request) {
      if (!asked.insert(absl::HashOf(request.SerializeAsString())).second) return;
      if (!changes.Ask(request, problem)) ++unreadable;
    };
    const size_t without = [&] {
      const Progress progress(absl::StrCat("comparing ", old_, " and ", new_));
      return VisitSamples(policy::lint::Walker(*old, changes.now()), host, ask) +
             VisitSamples(policy::lint::Walker(*now, changes.now()), host, ask);
    }();
    if (without > 0) {
      Remark(absl::StrCat("no request is known for ", Counted(without, "regular expression"),
                          "; give some with --requests\n"));
    }
  }
  if (changes.asked() == 0) {
    Complain("no request was asked, so nothing is known of the answers");
    return kTrouble;
  }
  if (!Print(changes.Text() + Summary(changes, unreadable))) return kTrouble;
  return changes.changed() > 0 ? kDiffers : kSame;
}

}  // namespace fingerpost::cli
