// `fingerpost policy`: check a policy, mend it, test it, ask it why, draw it, import and export it,
// compare two, count its hits, and the schema for editors.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "command.h"
#include "exit_code.h"
#include "fingerpost/v1/policy.pb.h"
#include "output.h"
#include "page.h"
#include "policy/check/expectation.h"
#include "policy/check/table.h"
#include "policy/document/file.h"
#include "policy/document/json_schema.h"
#include "policy/load/default_policy.h"
#include "policy/resolve/nearest.h"
#include "policy/resolve/resolve.h"
#include "policy_check.h"
#include "policy_diff.h"
#include "policy_export.h"
#include "policy_file.h"
#include "policy_graph.h"
#include "policy_import.h"
#include "policy_stats.h"
#include "progress.h"
#include "questions.h"
#include "show.h"

namespace fingerpost::cli {
namespace {

constexpr uint64_t kMaxTable = uint64_t{8} << 20;  // As a policy.

// "shop.yaml" -> "shop.tests.yaml"
std::string TableOf(const std::string& policy) {
  const size_t dot = policy.rfind('.');
  const size_t slash = policy.rfind('/');
  const bool has_extension = dot != policy.npos && (slash == policy.npos || dot > slash);
  return policy.substr(0, has_extension ? dot : policy.size()) + ".tests.yaml";
}

class TestCommand {
 public:
  explicit TestCommand(CLI::App& app) : app_(app) {
    app.add_option("FILE", file_, "The policy")->required();
    app.add_option("--tests", table_, "The table; default: shop.tests.yaml beside shop.yaml")
        ->type_name("FILE");
    app.add_option("--junit", junit_, "Also write the results as JUnit XML")->type_name("FILE");
    app.footer("Each expectation of a test is a sentence about the answer:\n" +
               std::string(policy::check::ExpectationGrammar()));
  }
  [[nodiscard]] bool Asked() const { return app_.parsed(); }

  int Run() const {
    const policy::load::Loaded loaded = LoadPolicy(file_);
    if (HasErrors(loaded)) return Print(Lines(loaded.problems)) ? kWrongQuestion : kInputOutput;
    const std::string path = table_.empty() ? TableOf(file_) : table_;
    const auto text = policy::document::ReadFile(path, kMaxTable);
    if (!text) {
      Complain(absl::StrCat(path, ": ", text.error()));
      return kInputOutput;
    }
    message::FaultList problems;
    const std::vector<policy::check::TestResult> results = [&] {
      const Progress progress(absl::StrCat("testing ", file_));
      return policy::check::RunTests(*loaded.snapshot, *text, path, problems);
    }();
    const size_t failed = static_cast<size_t>(std::count_if(
        results.begin(), results.end(), [](const auto& r) { return !r.failures.empty(); }));
    if (!Print(Lines(problems) + Failures(results, path) +
               absl::StrCat(path, ": ", results.size() - failed, " passed, ", failed, " failed",
                            message::HasErrors(problems) ? ", some could not run" : "", "\n"))) {
      return kInputOutput;
    }
    if (!junit_.empty() && !WriteFile(junit_, policy::check::ToJUnit(results, path))) {
      return kInputOutput;
    }
    return failed == 0 && !message::HasErrors(problems) ? kAnswered : kWrongQuestion;
  }

 private:
  static std::string Failures(const std::vector<policy::check::TestResult>& results,
                              const std::string& path) {
    std::string out;
    for (const policy::check::TestResult& result : results) {
      for (const std::string& failure : result.failures) {
        absl::StrAppend(&out, path, ":", result.position.line, ":", result.position.column, ": ",
                        Harmless(result.name), "\n    ", Harmless(failure), "\n");
      }
    }
    return out;
  }

  CLI::App& app_;
  std::string file_;
  std::string table_;
  std::string junit_;
};

class ExplainCommand {
 public:
  explicit ExplainCommand(CLI::App& app) : app_(app) {
    flags_.AddTo(app);
    app.add_option("--policy", file_, "The policy; default: the one of `policy default`")
        ->type_name("FILE");
  }
  [[nodiscard]] bool Asked() const { return app_.parsed(); }

  int Run() const {
    const policy::load::Loaded loaded =
        file_.empty() ? policy::load::Loaded{policy::load::DefaultPolicy(), {}, {}, {}}
                      : LoadPolicy(file_);
    if (HasErrors(loaded)) return Print(Lines(loaded.problems)) ? kWrongQuestion : kInputOutput;
    v1::DecideRequest request;
    v1::DecideResponse response;
    const message::Done done = flags_.Ask(request).and_then([&] {
      request.set_explain(true);
      FillIn(request);
      return policy::resolve::Decide(*loaded.snapshot, request, response);
    });
    if (!done) {
      Complain(Describe(done.error()));
      return kWrongQuestion;
    }
    // `fingerpost decide --explain` tells how other clients would read the answer.
    response.mutable_explanation()->clear_forecasts();
    std::string out = Show(request, response, Palette::ForStandardOutput());
    if (IsMiss(request, response)) out += Nearest(*loaded.snapshot, request);
    return Print(out) ? kAnswered : kInputOutput;
  }

 private:
  static bool IsMiss(const v1::DecideRequest& request, const v1::DecideResponse& response) {
    return request.wish_case() == v1::DecideRequest::WISH_NOT_SET &&
           response.outcome() == v1::OUTCOME_PASS && response.rule().empty();
  }

  static std::string Nearest(const policy::compiled::Snapshot& snapshot,
                             const v1::DecideRequest& request) {
    const Palette palette = Palette::ForStandardOutput();
    Page page(palette);
    const auto nearest = policy::resolve::NearestTo(snapshot, request);
    if (!nearest.empty()) page.Blank();
    for (const policy::resolve::Near& near : nearest)
      page.Note("nearest", near.id + " " + near.why);
    return page.Take();
  }

  CLI::App& app_;
  DecideFlags flags_;
  std::string file_;
};

class SchemaCommand {
 public:
  explicit SchemaCommand(CLI::App& app) : app_(app) {
    app.add_flag("--tests", tests_, "Of a test table instead of a policy");
  }
  [[nodiscard]] bool Asked() const { return app_.parsed(); }

  int Run() const {
    const auto& type = tests_ ? *v1::PolicyTestTable::descriptor() : *v1::Policy::descriptor();
    return Print(policy::document::JsonSchema(type.full_name())) ? kAnswered : kInputOutput;
  }

 private:
  CLI::App& app_;
  bool tests_ = false;
};

class PolicyCommand : public Command {
 public:
  explicit PolicyCommand(CLI::App* app)
      : Command(app),
        check_(*app->add_subcommand("check", "Every problem of a policy, with its line")),
        test_(*app->add_subcommand("test", "A policy's own table of tests")),
        explain_(*app->add_subcommand("explain", "Which rule answers a request, and why")),
        graph_(*app->add_subcommand("graph", "Chains, circles and dead ends as a picture")),
        import_(*app->add_subcommand("import", "A policy from the redirects of another tool")),
        export_(*app->add_subcommand("export", "The redirects of a policy as another tool's file")),
        diff_(*app->add_subcommand("diff", "Which answers differ between two policies")),
        stats_(*app->add_subcommand("stats", "Which rules and rows a server answers by")),
        schema_(*app->add_subcommand("schema", "The JSON Schema of policies, for editors")),
        default_(*app->add_subcommand("default", "The policy of a server without --policy")) {
    app->require_subcommand(1);
  }

  int Run() override {
    if (check_.Asked()) return check_.Run();
    if (test_.Asked()) return test_.Run();
    if (explain_.Asked()) return explain_.Run();
    if (graph_.Asked()) return graph_.Run();
    if (import_.Asked()) return import_.Run();
    if (export_.Asked()) return export_.Run();
    if (diff_.Asked()) return diff_.Run();
    if (stats_.Asked()) return stats_.Run();
    if (default_.parsed())
      return Print(policy::load::kDefaultPolicyText) ? kAnswered : kInputOutput;
    return schema_.Run();
  }

 private:
  CheckCommand check_;
  TestCommand test_;
  ExplainCommand explain_;
  GraphCommand graph_;
  ImportCommand import_;
  ExportCommand export_;
  DiffCommand diff_;
  StatsCommand stats_;
  SchemaCommand schema_;
  CLI::App& default_;
};

}  // namespace

std::unique_ptr<Command> MakePolicyCommand(CLI::App& app) {
  return std::make_unique<PolicyCommand>(
      app.add_subcommand("policy", "Check, mend, test, explain and draw a policy"));
}

}  // namespace fingerpost::cli
