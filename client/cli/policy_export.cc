#include "policy_export.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "exit_code.h"
#include "format_names.h"
#include "output.h"
#include "policy/compiled/host_table.h"
#include "policy/formats/exports.h"
#include "policy_file.h"
#include "progress.h"

namespace fingerpost::cli {
namespace {

namespace formats = policy::formats;
using Kind = formats::Report::Kind;

constexpr char kFooter[] =
    "\nEvery rule and row that the format does not have, or answers otherwise, is on standard\n"
    "error, with what to do about it; when some were left out the exit status is 1.";

}  // namespace

ExportCommand::ExportCommand(CLI::App& app) : app_(app) {
  app.add_option("FORMAT", format_, "What the file is to be")
      ->required()
      ->check([](const std::string& name) { return CheckFormat(formats::ExportFormats(), name); });
  app.add_option("POLICY", policy_, "The policy")->required();
  app.add_option("--output", output_, "Where the file is written; default: standard output")
      ->type_name("FILE");
  app.add_option("--host", hosts_,
                 "A host that rules and rows are for, where they name none: www.example.com, "
                 ".example.com. Repeatable; default: every host")
      ->check(CheckHostPattern)
      ->type_name("HOST");
  app.footer(FormatList(formats::ExportFormats()) + kFooter);
}

int ExportCommand::Run() const {
  const policy::load::Loaded loaded = LoadPolicy(policy_);
  if (HasErrors(loaded)) {
    Remark(Lines(loaded.problems));
    return kWrongQuestion;
  }
  const policy::load::Merged& merged = *loaded.merged;
  // A file of the report for each document, the policy's own first, and then for each map.
  std::vector<std::string> documents;
  for (const policy::load::Member& member : merged.members()) {
    documents.push_back(member.part->shown);
  }
  formats::Report report(std::move(documents));
  std::vector<uint16_t> files;
  files.reserve(static_cast<size_t>(merged.policy().maps_size()));
  for (int i = 0; i < merged.policy().maps_size(); ++i) {
    files.push_back(report.AddFile(merged.FileOfMap(i)));
  }
  const auto where = [&merged](const message::Place& place) {
    const auto [member, position] = merged.WhereIs(place);
    return formats::Place{static_cast<uint32_t>(position.line), static_cast<uint16_t>(member)};
  };
  std::vector<std::string> hosts;
  for (const std::string& host : hosts_) {
    hosts.push_back(policy::compiled::ParseHostPattern(host).value_or(host));
  }
  const formats::Export written = [&] {
    const Progress progress(absl::StrCat("exporting ", policy_));
    return formats::ExportAs(*FormatNamed(formats::ExportFormats(), format_),
                             {merged.policy(), *loaded.snapshot, where, hosts, files}, report);
  }();
  Remark(report.Text());
  const bool is_out = output_ == "-" ? Print(written.text) : WriteFile(output_, written.text);
  if (!is_out) return kInputOutput;
  const size_t left_out = report.count(Kind::kSkipped);
  Remark(absl::StrCat(policy_, ": ", written.written, " exported, ", left_out, " left out, ",
                      report.count(Kind::kChanged), " changed\n"));
  return left_out == 0 ? kAnswered : kWrongQuestion;
}

}  // namespace fingerpost::cli
