#include "policy_check.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "counted.h"
#include "exit_code.h"
#include "output.h"
#include "policy/mend/flatten.h"
#include "policy_file.h"
#include "progress.h"

namespace fingerpost::cli {
namespace {

using policy::load::Loaded;

std::string Verdict(const Loaded& loaded, bool fails) {
  if (!HasErrors(loaded)) return fails ? "has warnings" : "ok";
  const auto left_out =
      std::count_if(loaded.included.begin(), loaded.included.end(), [](const auto& included) {
        return included.state == policy::load::Included::State::kLeftOut;
      });
  return absl::StrCat("without ", left_out, " of ",
                      Counted(loaded.included.size(), "included file"));
}

// "p.yaml: 2 chains flattened, 1 left, which end elsewhere …", after the changes.
std::string Told(const std::string& file, const policy::mend::Flattened& done) {
  std::string out;
  for (const std::string& change : done.shown) absl::StrAppend(&out, Harmless(change), "\n");
  if (done.changes > done.shown.size()) {
    absl::StrAppend(&out, "… ", Counted(done.changes - done.shown.size(), "more change"), "\n");
  }
  absl::StrAppend(&out, file, ": ", Counted(done.changes, "chain"), " flattened");
  size_t left = 0;
  for (const auto& [why, count] : done.left) left += count;
  if (left > 0) absl::StrAppend(&out, ", ", left, " left");
  const char* before = ", which ";
  for (const auto& [why, count] : done.left) {
    if (done.left.size() > 1) before = before[0] == ',' ? ": " : "; ";
    absl::StrAppend(&out, before, done.left.size() > 1 ? absl::StrCat(count, " which ") : "",
                    std::string(why));
  }
  return out + "\n";
}

}  // namespace

CheckCommand::CheckCommand(CLI::App& app) : app_(app) {
  app.add_option("FILE", file_, "The policy")->required();
  app.add_flag("--strict", strict_, "Fail for warnings, too");
  app.add_flag("--fix", fix_,
               "Before that, write the last targets of chains into the policy's files: the "
               "document, those that it includes, and their maps");
}

int CheckCommand::Run() const {
  Loaded loaded = LoadPolicy(file_);
  std::string out;
  if (fix_ && HasErrors(loaded)) {
    out = file_ + ": no chain is flattened while there are errors\n";
  } else if (fix_) {
    const auto done = [&] {
      const Progress progress("flattening " + file_);
      return policy::mend::Flatten(file_, google::protobuf::util::TimeUtil::GetCurrentTime(),
                                   loaded);
    }();
    if (!done) {
      Complain(done.error());
      return kInputOutput;
    }
    out = Told(file_, *done);
  }
  out += Lines(loaded.problems) + Lines(loaded.notes);
  const bool fails = HasErrors(loaded) || (strict_ && !loaded.problems.empty());
  if (loaded.snapshot != nullptr) {
    const policy::compiled::Snapshot& snapshot = *loaded.snapshot;
    absl::StrAppend(&out, file_, ": ", Verdict(loaded, fails), ", version ", snapshot.version, ", ",
                    Counted(snapshot.intents.size(), "intent"), ", ",
                    Counted(snapshot.rules.rules().size(), "rule"), ", ",
                    Counted(snapshot.rules.maps().size(), "map row"), "\n");
  }
  if (!Print(out)) return kInputOutput;
  return fails ? kWrongQuestion : kAnswered;
}

}  // namespace fingerpost::cli
