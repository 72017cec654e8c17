#include "policy/load/loader.h"

#include <sys/stat.h>
#include <xxhash.h>

#include <charconv>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>

#include "absl/strings/str_format.h"
#include "policy/compiled/map_file.h"
#include "policy/document/document.h"
#include "policy/document/file.h"
#include "policy/lint/lint.h"
#include "policy/load/version_hash.h"

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

// Whether the file is below the document's directory: an absolute path or ".." could read foreign
// files.
bool IsBeside(const fs::path& file) {
  if (file.empty() || file.is_absolute()) return false;
  for (const fs::path& part : file) {
    if (part == "..") return false;
  }
  return true;
}

// Two writes within one tick of the file system's clock look the same. So a recently written file
// is marked, and read again when it has come to rest.
constexpr double kTick = 0.1;  // s; ten times the longest tick of Linux.

std::string StateOf(const std::string& path) {
  struct stat is = {};
  if (stat(path.c_str(), &is) != 0) return "absent";
  timespec now = {};
  clock_gettime(CLOCK_REALTIME, &now);
  const double age = std::difftime(now.tv_sec, is.st_mtim.tv_sec) +
                     static_cast<double>(now.tv_nsec - is.st_mtim.tv_nsec) * 1e-9;
  return absl::StrFormat("%d:%d:%d:%d.%d%s", is.st_dev, is.st_ino, is.st_size, is.st_mtim.tv_sec,
                         is.st_mtim.tv_nsec, age >= 0 && age < kTick ? " fresh" : "");
}

// One load.
class Load {
 public:
  Load(std::string shown, std::string_view text)
      : shown_(std::move(shown)), document_(text, shown_, policy_, loaded_.problems) {
    parts_.push_back(VersionHash(std::initializer_list<std::string_view>{text}));
  }

  void AddFile(FileStamp stamp) { loaded_.files.push_back(std::move(stamp)); }

  // Without a directory there are no other files.
  void Run(const std::optional<fs::path>& directory) {
    snapshot_ = compiled::Compile(policy_, reporter_);
    if (!directory) {
      if (!policy_.maps().empty()) reporter_.Error("maps", "need a document that is a file");
      return;
    }
    if (policy_.maps_size() > compiled::kMaxMaps) {
      reporter_.Error("maps", "has more than 64 files; join some");
      return;
    }
    compiled::MapTable table;
    for (int i = 0; i < policy_.maps_size(); ++i) ReadMap(i, *directory, table);
    snapshot_->rules.SetMaps(std::move(table));
  }

  Loaded Finish(const Now& now) && {
    MarkBroken();
    lint::Lint(policy_, *snapshot_, now, reporter_);
    document_.AddReports(reporter_, loaded_.problems);
    document::Sort(loaded_.problems, shown_);
    if (!document::HasErrors(loaded_.problems)) {
      std::vector<std::string_view> parts(parts_.begin(), parts_.end());
      snapshot_->version = parts.size() == 1 ? parts_.front() : VersionHash(parts);
      document::Reporter notes;
      lint::NoteQueries(policy_, *snapshot_, notes);
      document_.AddReports(notes, loaded_.notes);
      document::Sort(loaded_.notes, shown_);
      loaded_.snapshot = std::move(snapshot_);
    }
    return std::move(loaded_);
  }

 private:
  // Parts that could not be read completely are not checked any further: without its condition a
  // rule would seem to go in circles, or to hide others.
  void MarkBroken() {
    for (const document::Problem& problem : loaded_.problems) {
      if (problem.file != shown_) continue;
      std::string_view field = problem.field;
      constexpr std::string_view kRules = "rules[";
      constexpr std::string_view kIntents = "intents.";
      if (field.starts_with(kRules)) {
        field.remove_prefix(kRules.size());
        size_t place = 0;
        std::from_chars(field.data(), field.data() + field.size(), place);
        if (place < snapshot_->rules.rules().size()) snapshot_->rules.MarkBroken(place);
      } else if (field.starts_with(kIntents)) {
        field.remove_prefix(kIntents.size());
        const auto named = snapshot_->intents.find(field.substr(0, field.find('.')));
        if (named != snapshot_->intents.end()) named->second.broken = true;
      }
    }
  }

  void ReadMap(int index, const fs::path& directory, compiled::MapTable& table) {
    const v1::MapFile& map = policy_.maps(index);
    snapshot_->maps.push_back(compiled::CompileMapSource(policy_, index, reporter_));
    const std::string field = document::ElementPath("maps", index) + ".file";
    if (!IsBeside(map.file())) {
      reporter_.Error(field,
                      "is not a file beside the document; expected a relative path without "
                      "\"..\", such as \"moved.csv\"");
      return;
    }
    const std::string shown = (fs::path(shown_).parent_path() / map.file()).string();
    loaded_.files.push_back(StampOf(shown));
    compiled::MapReader reader(policy_, index, shown, snapshot_->hosts, table, loaded_.problems);
    const std::unique_ptr<XXH64_state_t, decltype(&XXH64_freeState)> hash(XXH64_createState(),
                                                                          XXH64_freeState);
    XXH64_reset(hash.get(), 0);
    std::string what;
    const bool read = document::ReadFile((directory / map.file()).string(), compiled::kMaxMapFile,
                                         [&](std::string_view piece) {
                                           XXH64_update(hash.get(), piece.data(), piece.size());
                                           return reader.Feed(piece);
                                         },
                                         what);
    if (!read) {
      reporter_.Error(field, what);
      return;
    }
    reader.Finish();
    parts_.push_back(absl::StrFormat("%016x", XXH64_digest(hash.get())));
  }

  std::string shown_;
  Loaded loaded_;
  v1::Policy policy_;
  document::Document document_;
  document::Reporter reporter_;
  std::shared_ptr<compiled::Snapshot> snapshot_;
  std::vector<std::string> parts_;
};

}  // namespace

FileStamp StampOf(std::string path) {
  std::string state = StateOf(path);
  return {std::move(path), std::move(state)};
}

Loaded FromText(std::string_view text, const std::string& file, const Now& now) {
  Load load(file, text);
  load.Run(std::nullopt);
  return std::move(load).Finish(now);
}

Loaded FromFile(const std::string& path, const Now& now) {
  // First, so that any later change has another stamp, and is read again.
  FileStamp stamp = StampOf(path);
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  std::string text, what;
  if (!document::ReadFile(error ? path : real.string(), document::kMaxDocument, text, what)) {
    Loaded failed;
    failed.problems.push_back({document::Severity::kError, path, {}, {}, what});
    failed.files.push_back(std::move(stamp));
    return failed;
  }
  Load load(path, text);
  load.AddFile(std::move(stamp));
  load.Run(real.parent_path());
  return std::move(load).Finish(now);
}

}  // namespace fingerpost::policy::load
