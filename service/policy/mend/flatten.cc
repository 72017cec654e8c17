#include "policy/mend/flatten.h"

#include <absl/container/btree_map.h>
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>

#include "policy/compiled/map_file.h"
#include "policy/compiled/places.h"
#include "policy/document/file.h"
#include "policy/document/yaml.h"
#include "policy/lint/flat.h"
#include "policy/load/version_hash.h"
#include "policy/mend/edit.h"
#include "policy/mend/replacements.h"

namespace fingerpost::policy::mend {
namespace {

namespace fs = std::filesystem;
using lint::Flat;

constexpr size_t kMostShown = 20;
// A chain of more hops than are looked at needs another round.
constexpr int kMostRounds = 10;
constexpr std::string_view kBom = "\xEF\xBB\xBF";

constexpr std::string_view kWritten =
    "are written in a way that is not edited, such as with escapes";
constexpr std::string_view kShared = "stand in a file of several maps, and do not hold for each";

// One round.
class Flattening {
 public:
  Flattening(const load::Loaded& loaded, const google::protobuf::Timestamp& now, Flattened& done,
             Replacements& files)
      : merged_(*loaded.merged),
        snapshot_(*loaded.snapshot),
        now_(now),
        done_(done),
        files_(files) {}

  // Whether there is anything to replace.
  message::Result<bool> Run() {
    done_.left.clear();
    Plan();
    const size_t before = done_.changes;
    for (const auto& [member, flats] : rules_) {
      if (auto edited = EditDocument(member, flats); !edited) {
        return message::Unexpected(std::move(edited).error());
      }
    }
    for (auto& [path, file] : csvs_) {
      if (file.maps.size() > 1) KeepShared(file);
      if (file.rows.empty()) continue;
      if (auto edited = EditMap(path, file); !edited) {
        return message::Unexpected(std::move(edited).error());
      }
    }
    return done_.changes > before;
  }

 private:
  // A map file, of one map or of several.
  struct Csv {
    std::string shown;
    std::vector<uint32_t> maps;
    absl::btree_map<uint32_t, Flat> rows;            // By line; of several maps the same.
    absl::flat_hash_map<uint32_t, size_t> for_maps;  // How many maps ask for that, by line.
    absl::flat_hash_set<uint32_t> differ;            // Lines of which they ask for other things.
  };

  void Plan() {
    std::vector<Csv*> of_map;
    for (int i = 0; i < merged_.policy().maps_size(); ++i) {
      std::error_code error;
      const fs::path real = fs::canonical(merged_.PathOfMap(i), error);
      Csv& csv = csvs_[error ? merged_.PathOfMap(i) : real.string()];
      if (csv.maps.empty()) csv.shown = merged_.FileOfMap(i);
      csv.maps.push_back(static_cast<uint32_t>(i));
      of_map.push_back(&csv);
    }
    const lint::Walker walker(snapshot_, now_);
    const lint::RowGraph graph(walker, nullptr);
    lint::ForEachFlat(merged_.policy(), walker, graph, [&](Flat flat) {
      if (!flat.left.empty()) {
        ++done_.left[flat.left];
      } else if (flat.node.kind == lint::Node::Kind::kRule) {
        rules_[merged_.RuleAt(static_cast<int>(flat.node.index)).member].push_back(std::move(flat));
      } else {
        const uint32_t map = flat.node.index;
        AddRow(*of_map[map], std::move(flat));
      }
    });
  }

  static void AddRow(Csv& csv, Flat flat) {
    const uint32_t line = flat.node.line;
    ++csv.for_maps[line];
    const auto found = csv.rows.find(line);
    if (found == csv.rows.end()) {
      csv.rows.emplace(line, std::move(flat));
    } else if (found->second.target != flat.target || found->second.status != flat.status) {
      csv.differ.insert(line);
    }
  }

  // Leaves the rows that another map of the file has, too, and that are not the same chain there.
  void KeepShared(Csv& csv) {
    absl::flat_hash_map<uint32_t, size_t> has;  // How many maps have the row, by line.
    for (const uint32_t map : csv.maps) {
      snapshot_.rules.maps().ForEachOf(static_cast<uint8_t>(map),
                                       [&](const compiled::MapEntry& row) {
                                         if (csv.rows.contains(row.line)) ++has[row.line];
                                       });
    }
    for (auto row = csv.rows.begin(); row != csv.rows.end();) {
      const uint32_t line = row->first;
      if (csv.for_maps[line] == has[line] && !csv.differ.contains(line)) {
        ++row;
        continue;
      }
      done_.left[kShared] += csv.for_maps[line];
      row = csv.rows.erase(row);
    }
  }

  void Show(const std::string& file, size_t line, const Flat& flat) {
    ++done_.changes;
    if (done_.shown.size() == kMostShown) return;
    done_.shown.push_back(absl::StrCat(file, ":", line, ": ", flat.from, " -> ", flat.target,
                                       flat.status == 0 ? "" : absl::StrCat(", ", flat.status)));
  }

  message::Result<void> EditDocument(size_t member, const std::vector<Flat>& flats) {
    const load::Part& part = *merged_.members()[member].part;
    auto text = document::ReadFile(part.stamp.path, document::kMaxDocument);
    if (!text) return message::Unexpected(absl::StrCat(part.shown, ": ", text.error()));
    // The places are those of the text that was loaded.
    if (load::VersionHash(std::initializer_list<std::string_view>{*text}) != part.hash) {
      return message::Unexpected(part.shown + ": changed while it was read; try again");
    }
    Offsets offsets(*text);
    std::vector<Edit> edits;
    for (const Flat& flat : flats) EditRule(part, flat, *text, offsets, edits);
    if (edits.empty()) return {};
    return files_.Add(part.stamp.path, [&](Write out) {
      out(Edited(*text, std::move(edits)));
      return true;
    });
  }

  void EditRule(const load::Part& part, const Flat& flat, std::string_view text, Offsets& offsets,
                std::vector<Edit>& edits) {
    const int index = static_cast<int>(flat.node.index);
    const message::Place intent = compiled::kRulesPlace.Element(index, "intent");
    const message::Position at = merged_.WhereIs(intent["target"]).position;
    const message::Position purpose_at = merged_.WhereIs(intent["purpose"]).position;
    std::optional<Edit> target, purpose;
    const auto edit_purpose = [&] {
      if (flat.status == 0) return;
      purpose = EditYaml(text, offsets.Of(purpose_at), "permanent_move", "temporary_move");
    };
    // In the order of the text.
    const bool target_first =
        std::pair(at.line, at.column) < std::pair(purpose_at.line, purpose_at.column);
    if (!target_first) edit_purpose();
    target = EditYaml(text, offsets.Of(at), flat.from, flat.target);
    if (target_first) edit_purpose();
    if (!target || (flat.status != 0 && !purpose)) {
      ++done_.left[kWritten];
      return;
    }
    edits.push_back(*std::move(target));
    if (purpose) edits.push_back(*std::move(purpose));
    Show(part.shown, at.line, flat);
  }

  message::Result<void> EditMap(const std::string& path, const Csv& csv) {
    auto next = csv.rows.begin();
    const auto row = [&](size_t line, std::string_view text, Write out) {
      if (next == csv.rows.end() || next->first != line) {
        out(text);
        return true;
      }
      const std::string_view mark = line == 1 && text.starts_with(kBom) ? kBom : "";
      const std::string_view returns = text.ends_with('\r') ? "\r" : "";
      text.remove_prefix(mark.size());
      text.remove_suffix(returns.size());
      const Flat& flat = next->second;
      const auto edited = EditRow(text, flat.from, flat.target, flat.status);
      if (!edited) return false;
      out(mark);
      out(*edited);
      out(returns);
      Show(csv.shown, line, flat);
      ++next;
      return true;
    };
    std::string rest;
    size_t line = 0;
    return files_.Add(path, [&](Write out) {
      const auto piece = [&](std::string_view more) {
        rest += more;
        size_t begin = 0;
        for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n', begin)) {
          if (!row(++line, std::string_view(rest).substr(begin, end - begin), out)) return false;
          out("\n");
          begin = end + 1;
        }
        rest.erase(0, begin);
        return true;
      };
      const bool read = document::ReadFile(path, compiled::kMaxMapFile, piece).has_value();
      out(rest);
      return read && next == csv.rows.end();  // Else it is another file than was loaded.
    });
  }

  const load::Merged& merged_;
  const compiled::Snapshot& snapshot_;
  const google::protobuf::Timestamp& now_;
  Flattened& done_;
  Replacements& files_;
  absl::btree_map<size_t, std::vector<Flat>> rules_;  // By member.
  std::map<std::string, Csv> csvs_;                   // By path; its places are known.
};

}  // namespace

message::Result<Flattened> Flatten(const std::string& path, const google::protobuf::Timestamp& now,
                                   load::Loaded& loaded) {
  Flattened done;
  for (int round = 0; round < kMostRounds; ++round) {
    Replacements files;
    const auto changed = Flattening(loaded, now, done, files).Run();
    if (!changed) return message::Unexpected(changed.error());
    if (!*changed) break;
    if (auto swapped = files.Swap(); !swapped) return message::Unexpected(swapped.error());
    load::Loaded flattened = load::FromFile(path, now);
    if (flattened.snapshot == nullptr || message::HasErrors(flattened.problems)) {
      files.Undo();
      return message::Unexpected("is left as it was, for it would be refused: " +
                                 message::ToString(flattened.problems.front()));
    }
    loaded = std::move(flattened);
  }
  return done;
}

}  // namespace fingerpost::policy::mend
