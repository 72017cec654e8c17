#include "policy/load/loader.h"

#include <sys/stat.h>
#include <xxhash.h>

#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>

#include "absl/strings/str_format.h"
#include "policy/compiled/map_file.h"
#include "policy/compiled/places.h"
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
    snapshot_ = compiled::Compile(policy_, faults_);
    if (!directory) {
      if (!policy_.maps().empty()) faults_.Error("maps", "need a document that is a file");
      return;
    }
    if (policy_.maps_size() > compiled::kMaxMaps) {
      faults_.Error("maps", "has more than 64 files; join some");
      return;
    }
    compiled::MapRows rows;
    for (int i = 0; i < policy_.maps_size(); ++i) ReadMap(i, *directory, rows);
    snapshot_->rules.SetMaps(std::move(rows));
  }

  Loaded Finish(const Now& now) && {
    MarkBroken();
    const auto line = [this](int rule) {
      return document_.Where(compiled::kRulesPlace[rule]).line;
    };
    lint::Lint(policy_, *snapshot_, now, line, faults_);
    document_.AddFound(faults_, loaded_.problems);
    document::Sort(loaded_.problems, shown_);
    if (!message::HasErrors(loaded_.problems)) {
      std::vector<std::string_view> parts(parts_.begin(), parts_.end());
      snapshot_->version = parts.size() == 1 ? parts_.front() : VersionHash(parts);
      message::Faults notes(message::Faults::kMostOfDocument);
      lint::NoteQueries(policy_, *snapshot_, notes);
      document_.AddFound(notes, loaded_.notes);
      document::Sort(loaded_.notes, shown_);
      loaded_.snapshot = std::move(snapshot_);
    }
    return std::move(loaded_);
  }

 private:
  // Parts that could not be read completely are not checked any further: without its condition a
  // rule would seem to go in circles, or to hide others.
  void MarkBroken() {
    for (const message::Fault& problem : loaded_.problems) {
      const message::Path& path = problem.path;
      if (problem.file != shown_ || path.size() < 2) continue;
      if (path[0].name == "rules" && path[1].index < snapshot_->rules.rules().size()) {
        snapshot_->rules.MarkBroken(path[1].index);
      } else if (path[0].name == "intents") {
        const auto named = snapshot_->intents.find(path[1].name);
        if (named != snapshot_->intents.end()) named->second.broken = true;
      }
    }
  }

  void ReadMap(int index, const fs::path& directory, compiled::MapRows& rows) {
    const v1::MapFile& map = policy_.maps(index);
    snapshot_->maps.push_back(compiled::CompileMapSource(policy_, index, faults_));
    const message::Place place = compiled::kMapsPlace.Element(index, "file");
    if (!IsBeside(map.file())) {
      faults_.Error(place,
                    "is not a file beside the document; expected a relative path without "
                    "\"..\", such as \"moved.csv\"");
      return;
    }
    const std::string shown = (fs::path(shown_).parent_path() / map.file()).string();
    loaded_.files.push_back(StampOf(shown));
    compiled::MapReader reader(policy_, index, shown, snapshot_->hosts, rows, loaded_.problems);
    const std::unique_ptr<XXH64_state_t, decltype(&XXH64_freeState)> hash(XXH64_createState(),
                                                                          XXH64_freeState);
    XXH64_reset(hash.get(), 0);
    const auto read = document::ReadFile((directory / map.file()).string(), compiled::kMaxMapFile,
                                         [&](std::string_view piece) {
                                           XXH64_update(hash.get(), piece.data(), piece.size());
                                           return reader.Feed(piece);
                                         });
    if (!read) {
      faults_.Error(place, read.error());
      return;
    }
    reader.Finish();
    snapshot_->maps.back().last_line = reader.lines();
    parts_.push_back(absl::StrFormat("%016x", XXH64_digest(hash.get())));
  }

  std::string shown_;
  Loaded loaded_;
  v1::Policy policy_;
  document::Document document_;
  message::Faults faults_{message::Faults::kMostOfDocument};
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
  const auto text = document::ReadFile(error ? path : real.string(), document::kMaxDocument);
  if (!text) {
    Loaded failed;
    failed.problems.push_back({.path = {}, .what = text.error(), .file = path});
    failed.files.push_back(std::move(stamp));
    return failed;
  }
  Load load(path, *text);
  load.AddFile(std::move(stamp));
  load.Run(real.parent_path());
  return std::move(load).Finish(now);
}

}  // namespace fingerpost::policy::load
