#include "policy/mend/flatten.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "policy/compiled/map_file.h"
#include "policy/compiled/places.h"
#include "policy/document/document.h"
#include "policy/document/file.h"
#include "policy/lint/flat.h"
#include "policy/load/loader.h"
#include "policy/mend/edit.h"
#include "policy/mend/replace_file.h"

namespace fingerpost::policy::mend {
namespace {

namespace fs = std::filesystem;
using lint::Flat;

constexpr size_t kMostShown = 20;

class Flattening {
 public:
  Flattening(std::string path, const compiled::Snapshot& snapshot,
             const google::protobuf::Timestamp& now)
      : path_(std::move(path)), snapshot_(snapshot), now_(now) {}

  message::Result<Flattened> Run() && {
    auto read = document::ReadFile(path_, document::kMaxDocument);
    if (!read) return message::Unexpected(absl::StrCat(path_, ": ", read.error()));
    std::string text = *std::move(read);
    message::FaultList ignored;  // The policy has been loaded without an error.
    const document::Document document(text, path_, policy_, ignored);
    Plan();
    // From the end on, so that the places before stay where they are.
    const std::string before = text;
    for (auto flat = rules_.rbegin(); flat != rules_.rend(); ++flat)
      EditRule(document, *flat, text);
    std::reverse(done_.shown.begin(), done_.shown.end());
    for (size_t map = 0; map < rows_.size(); ++map) {
      if (rows_[map].empty()) continue;
      if (auto edited = EditMap(static_cast<int>(map)); !edited) {
        return message::Unexpected(std::move(edited).error());
      }
    }
    if (text != before) {
      const auto write = [&text](Write out) {
        out(text);
        return true;
      };
      if (auto replaced = ReplaceFile(path_, write); !replaced) {
        return message::Unexpected(absl::StrCat(path_, ": ", replaced.error()));
      }
    }
    return std::move(done_);
  }

 private:
  void Plan() {
    const lint::Walker walker(snapshot_, now_);
    const lint::RowGraph graph(walker, nullptr);
    rows_.resize(static_cast<size_t>(policy_.maps_size()));
    size_t included = 0;
    done_.left = lint::ForEachFlat(policy_, walker, graph, [&](const Flat& flat) {
      if (flat.node.kind == lint::Node::Kind::kRule) return rules_.push_back(flat);
      if (flat.node.index < rows_.size()) return rows_[flat.node.index].push_back(flat);
      ++included;  // In a map of an included file.
    });
    done_.left += included;
    for (std::vector<Flat>& rows : rows_) {
      std::sort(rows.begin(), rows.end(),
                [](const Flat& a, const Flat& b) { return a.node.line < b.node.line; });
    }
  }

  void Show(const std::string& file, size_t line, const Flat& flat) {
    ++done_.changes;
    if (done_.shown.size() == kMostShown) return;
    done_.shown.push_back(absl::StrCat(file, ":", line, ": ", flat.from, " -> ", flat.target,
                                       flat.status == 0 ? "" : absl::StrCat(", ", flat.status)));
  }

  void EditRule(const document::Document& document, const Flat& flat, std::string& text) {
    const int index = static_cast<int>(flat.node.index);
    const message::Place intent = compiled::kRulesPlace.Element(index, "intent");
    const message::Position target = document.Where(intent["target"]);
    const message::Position purpose = document.Where(intent["purpose"]);
    std::string edited = text;
    const auto edit_target = [&] { return ReplaceYaml(edited, target, flat.from, flat.target); };
    const auto edit_purpose = [&] {
      return flat.status == 0 || ReplaceYaml(edited, purpose, "permanent_move", "temporary_move");
    };
    const bool target_first =
        std::pair(target.line, target.column) > std::pair(purpose.line, purpose.column);
    const bool done =
        target_first ? edit_target() && edit_purpose() : edit_purpose() && edit_target();
    if (!done) {
      ++done_.left;
      return;
    }
    text = std::move(edited);
    Show(path_, target.line, flat);
  }

  message::Result<void> EditMap(int map) {
    const std::vector<Flat>& rows = rows_[static_cast<size_t>(map)];
    const std::string path = (fs::path(path_).parent_path() / policy_.maps(map).file()).string();
    auto next = rows.begin();
    size_t line = 0;
    std::string rest;
    const auto fill = [&](Write out) {
      const auto piece = [&](std::string_view more) {
        rest += more;
        size_t begin = 0;
        for (size_t end = rest.find('\n'); end != rest.npos; end = rest.find('\n', begin)) {
          const std::string_view whole = std::string_view(rest).substr(begin, end - begin);
          if (++line; next != rows.end() && next->node.line == line) {
            const bool returns = whole.ends_with('\r');
            // Quotes are written twice.
            const bool is_it = next->from.find('"') != std::string::npos ||
                               whole.find(next->from) != std::string_view::npos;
            if (!is_it) return false;
            out(ReplaceRow(whole.substr(0, whole.size() - (returns ? 1 : 0)), next->target,
                           next->status));
            out(returns ? "\r\n" : "\n");
            Show(path, line, *next++);
          } else {
            out(whole);
            out("\n");
          }
          begin = end + 1;
        }
        rest.erase(0, begin);
        return true;
      };
      const bool read = document::ReadFile(path, compiled::kMaxMapFile, piece).has_value();
      out(rest);
      return read && next == rows.end();  // Else it is another file than the one that was loaded.
    };
    const auto replaced = ReplaceFile(path, fill);
    if (replaced) return {};
    return message::Unexpected(absl::StrCat(path, ": ", replaced.error()));
  }

  std::string path_;
  const compiled::Snapshot& snapshot_;
  google::protobuf::Timestamp now_;
  v1::Policy policy_;
  std::vector<Flat> rules_;
  std::vector<std::vector<Flat>> rows_;  // By map.
  Flattened done_;
};

}  // namespace

message::Result<Flattened> Flatten(const std::string& path,
                                   const google::protobuf::Timestamp& now) {
  const load::Loaded loaded = load::FromFile(path, now);
  if (loaded.snapshot == nullptr || message::HasErrors(loaded.problems)) {
    return message::Unexpected("has errors; correct them first: fingerpost policy check");
  }
  return Flattening(path, *loaded.snapshot, now).Run();
}

}  // namespace fingerpost::policy::mend
