#include "policy_import.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>

#include "counted.h"
#include "exit_code.h"
#include "format_names.h"
#include "output.h"
#include "policy/document/file.h"
#include "policy/formats/formats.h"
#include "progress.h"

namespace fingerpost::cli {
namespace {

namespace formats = policy::formats;
using Kind = formats::Report::Kind;

constexpr char kFooter[] =
    "\nWrites NAME.yaml, NAME.tests.yaml and, for many exact redirects, NAME.csv; NAME is the\n"
    "first FILE's. Every line that was skipped or changed is on standard error, with what to\n"
    "do about it; when lines were skipped the exit status is 1.";

// "site/_redirects" -> "redirects", "shop.conf" -> "shop"
std::string NameOf(const std::string& file) {
  std::string name = std::filesystem::path(file).filename().string();
  name.erase(0, std::min(name.find_first_not_of("._"), name.size()));
  if (const size_t dot = name.rfind('.'); dot != name.npos) name.resize(dot);
  return name.empty() ? "redirects" : name;
}

// Into files that are not there yet: a policy that somebody has edited is never overwritten.
bool WriteAll(const std::vector<formats::OutputFile>& files,
              const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  for (const formats::OutputFile& file : files) {
    // A dangling link is there, too.
    const auto status = std::filesystem::symlink_status(directory / file.name, error);
    if (!std::filesystem::exists(status)) continue;
    Complain(absl::StrCat(
        (directory / file.name).string(),
        " exists; name another directory with --out, or remove it if it is an earlier import"));
    return false;
  }
  return std::all_of(files.begin(), files.end(), [&](const formats::OutputFile& file) {
    return file.content.empty() || WriteFile(directory / file.name, file.content);
  });
}

}  // namespace

ImportCommand::ImportCommand(CLI::App& app) : app_(app) {
  app.add_option("FORMAT", format_, "What the files are")
      ->required()
      ->check([](const std::string& name) { return CheckFormat(formats::Formats(), name); });
  app.add_option("FILE", files_,
                 "The files, read as one in this order; the name of a format among them is that "
                 "of the files behind it")
      ->required();
  app.add_option("--out", directory_, "Where the policy is written; default: here")
      ->type_name("DIR");
  app.add_option("--host", hosts_,
                 "A host that the redirects are for, where they name none: www.example.com, "
                 ".example.com. Repeatable; default: every host")
      ->check(CheckHostPattern)
      ->type_name("HOST");
  app.footer(FormatList(formats::Formats()) + kFooter);
}

int ImportCommand::Run() const {
  std::vector<formats::SourceFile> sources;
  std::vector<std::string> names;
  const formats::Format* format = FormatNamed(formats::Formats(), format_);
  for (const std::string& word : files_) {
    if (const formats::Format* next = FormatNamed(formats::Formats(), word)) {
      format = next;
      continue;
    }
    auto text = policy::document::ReadFile(word, formats::kMaxFile);
    if (!text) {
      Complain(absl::StrCat(word, ": ", text.error()));
      return kInputOutput;
    }
    sources.push_back({format, {word, *std::move(text)}});
    names.push_back(word);
  }
  if (sources.empty() || format != sources.back().format) {
    Complain(absl::StrCat("no file of the format ", std::string(format->name), " is named"));
    return kUsage;
  }
  formats::Report report(names);
  const formats::Written written = [&] {
    const Progress progress(absl::StrCat("importing ", names.front()));
    return formats::Convert({NameOf(names.front()), hosts_}, sources, report);
  }();
  const size_t skipped = report.count(Kind::kSkipped);
  Remark(report.Text());
  if (written.files.front().content.empty()) {
    Complain("nothing was imported");
    return kWrongQuestion;
  }
  if (!WriteAll(written.files, directory_)) return kInputOutput;
  const std::string policy =
      (std::filesystem::path(directory_) / written.files.front().name).string();
  const std::string summary = absl::StrCat(
      policy, ": ", Counted(written.rules, "rule"), ", ", Counted(written.rows, "map row"), "; ",
      Counted(skipped, "line"), " skipped, ", report.count(Kind::kChanged), " changed\n");
  if (!Print(summary)) return kInputOutput;
  return skipped == 0 ? kAnswered : kWrongQuestion;
}

}  // namespace fingerpost::cli
