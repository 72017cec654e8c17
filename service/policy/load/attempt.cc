#include "policy/load/attempt.h"

#include <xxhash.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "policy/compiled/growth.h"
#include "policy/compiled/map_file.h"
#include "policy/compiled/places.h"
#include "policy/document/file.h"
#include "policy/lint/lint.h"
#include "policy/load/version_hash.h"

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

// Rows that are handed out, in octets: of one map, and of all.
constexpr size_t kMostRows = size_t{256} << 10;
constexpr size_t kMostRowsInAll = size_t{1} << 20;
// Of one map's rows; those of more are taken as for every host.
constexpr size_t kMostRowHosts = 1000;

compiled::RowHosts RowHostsOf(const compiled::Snapshot& snapshot) {
  const std::vector<std::string_view> patterns = snapshot.hosts.Patterns();
  compiled::RowHosts all;
  for (size_t i = 0; i < snapshot.maps.size(); ++i) {
    std::vector<bool> seen(patterns.size());
    const auto see = [&seen](const compiled::MapEntry& row) { seen[row.host] = true; };
    snapshot.rules.maps().ForEachOf(static_cast<uint8_t>(i), see);
    const auto count = static_cast<size_t>(std::count(seen.begin(), seen.end(), true));
    if (seen[compiled::kAnyHost] || count > kMostRowHosts) continue;
    auto& hosts = all[snapshot.maps[i].name];
    for (size_t host = 0; host < seen.size(); ++host) {
      if (seen[host]) hosts.emplace_back(patterns[host]);
    }
  }
  return all;
}

class Trying {
 public:
  Trying(Members members, const message::Faults& of_document, const MapReads& before)
      : before_(before),
        own_(std::make_shared<const Merged>(std::move(members))),
        merged_(*own_),
        members_(merged_.members()),
        policy_(merged_.policy()),
        of_rows_(OfRows(policy_)),
        faults_(members_.size(), message::Faults(message::Faults::kMostOfDocument)),
        rows_(members_.size()),
        hashes_(members_.size()) {
    result_.merged = own_;
    result_.members.resize(members_.size());
    merged_.Distribute(of_document, 0, faults_);
  }

  void Compile() {
    merged_.CheckMembers(faults_);
    result_.snapshot = compiled::Compile(policy_, found_);
    Distribute();
    for (size_t i = 0; i < members_.size(); ++i) {
      const Part& part = *members_[i].part;
      result_.members[i].has_own_errors = part.parsed == nullptr ||
                                          message::HasErrors(part.parsed->faults) ||
                                          faults_[i].errors() > 0;
    }
  }

  void ReadMaps() {
    if (policy_.maps_size() > compiled::kMaxMaps) {
      found_.Error("maps", "has more than 64 files; join some");
    } else if (members_.front().part->is_handed_out) {
      ReadHandedOut();
    } else if (members_.front().part->directory.empty()) {
      if (!policy_.maps().empty()) found_.Error("maps", "need a document that is a file");
    } else {
      // An attempt that fails anyhow reads only what it then tells.
      const bool fails = std::any_of(result_.members.begin() + 1, result_.members.end(),
                                     [](const Attempt::Of& of) { return of.has_own_errors; });
      compiled::MapRows rows;
      for (int i = 0; i < policy_.maps_size(); ++i) {
        // Rows and rules know a map by its index.
        result_.snapshot->maps.push_back(compiled::CompileMapSource(policy_, i, found_));
        const auto [member, own] = merged_.MapAt(i);
        if (!fails || result_.members[member].has_own_errors) ReadMap(i, member, own, rows, found_);
      }
      result_.snapshot->rules.SetMaps(std::move(rows));
    }
    Distribute();
    for (size_t i = 0; i < members_.size(); ++i) {
      Attempt::Of& of = result_.members[i];
      of.has_own_errors =
          of.has_own_errors || faults_[i].errors() > 0 || message::HasErrors(rows_[i]);
    }
  }

  // A name that is taken is the fault of the later file, which needs no search.
  void CheckNames() {
    merged_.CheckNames(faults_);
    for (size_t i = 0; i < members_.size(); ++i) {
      result_.members[i].has_own_errors |= faults_[i].errors() > 0;
    }
  }

  void Lint(const Now& now) {
    MarkBroken();
    const auto where = [this](int rule) { return merged_.WhereIsRule(rule); };
    const auto file = [this](int map) { return merged_.FileOfMap(map); };
    lint::Lint(policy_, *result_.snapshot, now, where, file, found_);
    Distribute();
  }

  Attempt Finish() && {
    for (size_t i = 0; i < members_.size(); ++i) Collect(i);
    if (result_.is_good()) {
      std::vector<std::string_view> parts;
      for (const auto& hashes : hashes_) parts.insert(parts.end(), hashes.begin(), hashes.end());
      result_.snapshot->version = parts.size() == 1 ? parts.front() : VersionHash(parts);
      AddOrigins();
      if (!members_.front().part->is_handed_out) HandOut();
      AddNotes();
    }
    return std::move(result_);
  }

 private:
  void Distribute() {
    merged_.Distribute(found_, distributed_, faults_);
    distributed_ = found_.list().size();
  }

  // Parts that could not be read completely are not checked any further: without its condition a
  // rule would seem to go in circles, or to hide others.
  void MarkBroken() {
    compiled::Snapshot& snapshot = *result_.snapshot;
    for (size_t i = 0; i < members_.size(); ++i) {
      if (members_[i].part->parsed == nullptr) continue;
      for (const message::Fault& problem : members_[i].part->parsed->faults) {
        const message::Path& path = problem.path;
        if (path.size() < 2) continue;
        const size_t rule = static_cast<size_t>(merged_.FirstRule(i)) + path[1].index;
        if (path[0].name == "rules" && rule < snapshot.rules.rules().size()) {
          snapshot.rules.MarkBroken(rule);
        } else if (path[0].name == "intents") {
          const auto named = snapshot.intents.find(path[1].name);
          if (named != snapshot.intents.end()) named->second.broken = true;
        }
      }
    }
  }

  // The settings on which the rows of maps depend: how their paths are compared, and where their
  // targets may lead.
  [[nodiscard]] static std::string OfRows(const v1::Policy& policy) {
    v1::Policy settings;
    settings.mutable_defaults()->set_case_(policy.defaults().case_());
    settings.mutable_defaults()->set_trailing_slash(policy.defaults().trailing_slash());
    const auto allow = [&settings](const v1::Defaults& of) {
      settings.mutable_defaults()->mutable_allowed_hosts()->MergeFrom(of.allowed_hosts());
    };
    allow(policy.defaults());
    for (const v1::HostDefaults& of : policy.hosts()) allow(of.defaults());
    return settings.SerializeAsString();
  }

  // What the rows of a map depend on.
  [[nodiscard]] std::string KeyOf(const v1::MapFile& map, const Member& member,
                                  const std::string& file) const {
    v1::MapFile settings = map;
    settings.clear_name();
    const std::string own = settings.SerializeAsString();
    return VersionHash(std::initializer_list<std::string_view>{file, own, member.owned, of_rows_});
  }

  // Why a file of an included document may not be read; "": it may.
  [[nodiscard]] std::string_view Refusal(const Part& part, const std::string& file) const {
    if (!IsBeside(file)) {
      return "is not a file beside the document; expected a relative path without \"..\", such as "
             "\"moved.csv\"";
    }
    const fs::path& root = members_.front().part->directory;
    std::error_code error;
    const fs::path real = fs::canonical(part.directory / file, error);
    if (part.is_included() && !error &&
        std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first != root.end()) {
      return "leads out of the policy's directory; put the file itself there";
    }
    return {};
  }

  void ReadMap(int index, size_t member, int own, compiled::MapRows& rows,
               message::Faults& faults) {
    const Member& of = members_[member];
    const std::string& file = of.part->policy().maps(own).file();
    const message::Place place = compiled::kMapsPlace.Element(index, "file");
    if (const std::string_view refusal = Refusal(*of.part, file); !refusal.empty()) {
      return faults.Error(place, refusal);
    }
    MapRead read = {.stamp = StampOf((of.part->directory / file).string()),
                    .hash = {},
                    .problems = {},
                    .snapshot = result_.snapshot,
                    .map = static_cast<uint8_t>(index)};
    result_.files.push_back(read.stamp);
    const std::string shown = merged_.FileOfMap(index);
    const std::string key = KeyOf(of.part->policy().maps(own), of, shown);
    compiled::MapReader reader(policy_, index, shown, *of.owner, result_.snapshot->hosts, rows,
                               read.problems);
    bool is_read = true;
    const auto before = before_.find(key);
    const bool is_unchanged = before != before_.end() && before->second.is_whole &&
                              before->second.stamp == read.stamp && IsAtRest(read.stamp);
    if (is_unchanged || (before != before_.end() && of.is_last_good)) {
      read.stamp = before->second.stamp;
      read.hash = before->second.hash;
      read.text = before->second.text;
      read.problems = before->second.problems;
      read.is_whole = before->second.is_whole;
      reader.Take(*before->second.snapshot, before->second.map);
    } else {
      result_.members[member].has_changed = true;
      const auto done = ReadRows(read, reader);
      if (!done) faults.Error(place, done.error());
      is_read = done.has_value();
    }
    result_.snapshot->maps.back().last_line = reader.lines();
    rows_[member].insert(rows_[member].end(), read.problems.begin(), read.problems.end());
    hashes_[member].push_back(read.hash);
    texts_.push_back(read.text);
    read.is_whole = read.is_whole && !reader.met_other();
    if (is_read && !message::HasErrors(read.problems)) {
      result_.maps.insert_or_assign(key, std::move(read));
    }
  }

  // Octets have no files beside them: the service has those whose rows are not among them, and the
  // included ones that do not stand in their places.
  void ReadHandedOut() {
    compiled::Snapshot& snapshot = *result_.snapshot;
    if (!policy_.include().empty()) snapshot.scope.LackIntents();
    const v1::PolicySelector& selector = policy_.handed_out().selector();
    bool has_all =
        policy_.include().empty() && (!selector.hosts().empty() || selector.intents().empty());
    compiled::MapRows rows;
    for (int i = 0; i < policy_.maps_size(); ++i) {
      const v1::MapFile& map = policy_.maps(i);
      snapshot.maps.push_back(compiled::CompileMapSource(policy_, i, found_));
      const auto text = policy_.handed_out().rows().find(map.name());
      if (text == policy_.handed_out().rows().end()) {
        has_all = false;
        continue;
      }
      compiled::MapReader reader(policy_, i, map.file(), *members_.front().owner, snapshot.hosts,
                                 rows, rows_.front());
      if (reader.Feed(text->second)) reader.Finish();
      snapshot.maps.back().last_line = reader.lines();
    }
    snapshot.rules.SetMaps(std::move(rows));
    if (!has_all) snapshot.rules.Lack();
  }

  static message::Result<void> ReadRows(MapRead& read, compiled::MapReader& reader) {
    const std::unique_ptr<XXH64_state_t, decltype(&XXH64_freeState)> hash(XXH64_createState(),
                                                                          XXH64_freeState);
    XXH64_reset(hash.get(), 0);
    std::string text;
    auto done =
        document::ReadFile(read.stamp.path, compiled::kMaxMapFile, [&](std::string_view piece) {
          XXH64_update(hash.get(), piece.data(), piece.size());
          if (text.size() <= kMostRows) text += piece.substr(0, kMostRows + 1 - text.size());
          return reader.Feed(piece);
        });
    if (done) reader.Finish();
    read.hash = absl::StrFormat("%016x", XXH64_digest(hash.get()));
    if (text.size() <= kMostRows) {
      read.text = std::make_shared<const std::string>(std::move(text));
    }
    return done;
  }

  // What is wrong with a member, with its lines.
  void Collect(size_t i) {
    const Part& part = *members_[i].part;
    message::FaultList& problems = result_.members[i].problems;
    if (part.parsed == nullptr) {
      problems.push_back({.path = {}, .what = part.fault, .file = part.shown});
      return;
    }
    problems = part.parsed->faults;
    problems.insert(problems.end(), rows_[i].begin(), rows_[i].end());
    part.parsed->document.AddFound(faults_[i], problems);
    document::Sort(problems, part.shown);
    hashes_[i].insert(hashes_[i].begin(), part.hash);
  }

  void AddOrigins() {
    auto& origins = result_.snapshot->origins;
    for (const auto& origin : policy_.handed_out().origins()) {
      compiled::Grow(origins, [&] { origins.emplace(origin.first, origin.second); });
    }
    for (int i = members_.front().part->policy().rules_size(); i < policy_.rules_size(); ++i) {
      const lint::RuleAt at = merged_.WhereIsRule(i);
      origins.emplace("rule." + policy_.rules(i).id(), absl::StrCat(at.file, ":", at.line));
    }
    for (int i = 0; i < policy_.maps_size(); ++i) {
      if (merged_.MapAt(i).member == 0) continue;
      origins.emplace("map." + policy_.maps(i).name(), policy_.maps(i).file());
    }
  }

  // Rows go along in the order of the maps, as long as there is room: the same on every replica.
  void HandOut() {
    compiled::HandedOut::Rows rows;
    size_t octets = 0;
    for (size_t i = 0; i < texts_.size(); ++i) {
      if (texts_[i] == nullptr || octets + texts_[i]->size() > kMostRowsInAll) continue;
      octets += texts_[i]->size();
      rows.emplace_back(policy_.maps(static_cast<int>(i)).name(), texts_[i]);
    }
    compiled::Snapshot& snapshot = *result_.snapshot;
    snapshot.handed_out = std::make_shared<const compiled::HandedOut>(
        policy_, snapshot.version, snapshot.origins, RowHostsOf(snapshot), std::move(rows));
  }

  void AddNotes() {
    message::Faults found(message::Faults::kMostOfDocument);
    MemberFaults notes(members_.size(), message::Faults(message::Faults::kMostOfDocument));
    lint::NoteQueries(policy_, *result_.snapshot, found);
    merged_.Distribute(found, 0, notes);
    for (size_t i = 0; i < members_.size(); ++i) {
      const Part& part = *members_[i].part;
      part.parsed->document.AddFound(notes[i], result_.members[i].notes);
      document::Sort(result_.members[i].notes, part.shown);
    }
  }

  const MapReads& before_;
  const std::shared_ptr<const Merged> own_;
  const Merged& merged_;
  const Members& members_;
  const v1::Policy& policy_;
  const std::string of_rows_;  // As OfRows.
  Attempt result_;
  // In the policy as one. Each check sees what those before it found: one mistake is told once.
  message::Faults found_{message::Faults::kMostOfDocument};
  size_t distributed_ = 0;
  // For each member.
  MemberFaults faults_;
  std::vector<message::FaultList> rows_;                   // What is wrong with those of its maps.
  std::vector<std::vector<std::string>> hashes_;           // Of what was read.
  std::vector<std::shared_ptr<const std::string>> texts_;  // Of each map, as MapRead::text.
};

}  // namespace

bool Attempt::is_good() const {
  return std::none_of(members.begin(), members.end(),
                      [](const Of& of) { return message::HasErrors(of.problems); });
}

Attempt Try(Members members, const message::Faults& of_document, const Now& now,
            const MapReads& before, Checks checks) {
  Trying trying(std::move(members), of_document, before);
  trying.Compile();
  trying.ReadMaps();
  trying.CheckNames();
  if (checks == Checks::kAll) trying.Lint(now);
  return std::move(trying).Finish();
}

}  // namespace fingerpost::policy::load
