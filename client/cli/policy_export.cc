#include "policy_export.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include <filesystem>

#include "exit_code.h"
#include "format_names.h"
#include "output.h"
#include "policy/compiled/host_table.h"
#include "policy/document/document.h"
#include "policy/document/file.h"
#include "policy/formats/exports.h"
#include "policy/load/loader.h"

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
  const policy::load::Loaded loaded =
      policy::load::FromFile(policy_, google::protobuf::util::TimeUtil::GetCurrentTime());
  if (loaded.snapshot == nullptr || message::HasErrors(loaded.problems)) {
    for (const message::Fault& problem : loaded.problems) Remark(message::ToString(problem) + "\n");
    return kWrongQuestion;
  }
  const auto text = policy::document::ReadFile(policy_, policy::document::kMaxDocument);
  if (!text) {
    Complain(absl::StrCat(policy_, ": ", text.error()));
    return kInputOutput;
  }
  v1::Policy policy;
  message::FaultList problems;  // Loading has told them.
  const policy::document::Document document(*text, policy_, policy, problems);
  const policy::compiled::Snapshot& snapshot = *loaded.snapshot;
  if (static_cast<size_t>(policy.rules_size()) != snapshot.rules.rules().size() ||
      static_cast<size_t>(policy.maps_size()) != snapshot.maps.size()) {
    Complain(absl::StrCat(policy_, ": includes other files; export each of them"));
    return kWrongQuestion;
  }
  formats::Report report({policy_});
  std::vector<uint16_t> files;
  for (const v1::MapFile& map : policy.maps()) {
    files.push_back(
        report.AddFile((std::filesystem::path(policy_).parent_path() / map.file()).string()));
  }
  const auto line = [&document](const message::Place& place) {
    return static_cast<uint32_t>(document.Where(place).line);
  };
  std::vector<std::string> hosts;
  for (const std::string& host : hosts_) {
    hosts.push_back(policy::compiled::ParseHostPattern(host).value_or(host));
  }
  const formats::Export written = formats::ExportAs(*FormatNamed(formats::ExportFormats(), format_),
                                                    {policy, snapshot, line, hosts, files}, report);
  Remark(report.Text());
  const bool is_out = output_ == "-" ? Print(written.text) : WriteFile(output_, written.text);
  if (!is_out) return kInputOutput;
  const size_t left_out = report.count(Kind::kSkipped);
  Remark(absl::StrCat(policy_, ": ", written.written, " exported, ", left_out, " left out, ",
                      report.count(Kind::kChanged), " changed\n"));
  return left_out == 0 ? kAnswered : kWrongQuestion;
}

}  // namespace fingerpost::cli
