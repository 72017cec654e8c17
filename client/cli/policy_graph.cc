#include "policy_graph.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <cstdio>
#include <cstdlib>

#include "exit_code.h"
#include "output.h"
#include "policy/lint/graph.h"
#include "policy_file.h"
#include "progress.h"

namespace fingerpost::cli {
namespace {

// Graphviz lays graphs out better than anything small would.
int PrintSvg(const std::string& dot) {
  if (std::system("command -v dot >/dev/null") != 0) {
    Complain(
        "--format svg needs dot, the program of Graphviz: apt-get install graphviz; --format dot "
        "needs nothing");
    return kInputOutput;
  }
  FILE* layout = popen("dot -Tsvg", "w");
  if (layout == nullptr) return kInputOutput;
  const bool written = std::fwrite(dot.data(), 1, dot.size(), layout) == dot.size();
  return pclose(layout) == 0 && written ? kAnswered : kInputOutput;
}

}  // namespace

GraphCommand::GraphCommand(CLI::App& app) : app_(app) {
  app.add_option("FILE", file_, "The policy; it may go in circles")->required();
  app.add_option("--format", format_, "dot, Graphviz's language, or svg; default: dot")
      ->check(CLI::IsMember({"dot", "svg"}))
      ->type_name("FORMAT");
  app.footer(
      "Draws every rule, map row and named intent that leads over more than one redirect, in a\n"
      "circle (red), or to what is gone (grey). svg needs dot, the program of Graphviz.");
}

int GraphCommand::Run() const {
  namespace load = policy::load;
  const load::Loaded loaded = LoadPolicy(file_, load::Checks::kNone);
  // Standard output is the picture: that of the other files, if an included one is left out.
  const bool fails = HasErrors(loaded);
  if (fails) Remark(Lines(loaded.problems));
  if (loaded.snapshot == nullptr) return kWrongQuestion;
  const policy::lint::Picture picture = [&] {
    const Progress progress(absl::StrCat("drawing ", file_));
    return policy::lint::Draw(*loaded.snapshot, google::protobuf::util::TimeUtil::GetCurrentTime());
  }();
  if (picture.ways == 0) Remark(file_ + ": no chains, circles or dead ends\n");
  if (picture.left_out > 0) {
    Remark(absl::StrCat(file_, ": ", picture.left_out,
                        " more are left out, for more than 500 redirects are no picture\n"));
  }
  const int printed = format_ == "svg"     ? PrintSvg(picture.dot)
                      : Print(picture.dot) ? kAnswered
                                           : kInputOutput;
  return printed == kAnswered && fails ? kWrongQuestion : printed;
}

}  // namespace fingerpost::cli
