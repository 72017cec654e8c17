#include <absl/strings/str_cat.h>

#include <vector>

#include "core/http/url.h"
#include "policy/compiled/places.h"
#include "policy/lint/chains.h"
#include "policy/lint/lint.h"
#include "policy/lint/literals.h"
#include "policy/lint/rows.h"

namespace fingerpost::policy::lint {
namespace {

// Of one kind and map; more help nobody.
constexpr size_t kMostTold = 20;

// Tells the first warnings of a kind for each map, and counts the others.
class Told {
 public:
  Told(const Names& names, message::Faults& faults) : names_(names), faults_(faults) {}

  // Whether the next one is still to be told.
  bool Count(const compiled::MapEntry& row) {
    if (counts_.size() <= row.map) counts_.resize(size_t{row.map} + 1);
    return ++counts_[row.map] <= kMostTold;
  }
  void Tell(const compiled::MapEntry& row, std::string what) {
    faults_.Add(names_.AtRow(message::Severity::kWarning, {Node::Kind::kRow, row.map, row.line},
                             std::move(what)));
  }
  void TellOthers(std::string_view what) {
    for (size_t map = 0; map < counts_.size(); ++map) {
      if (counts_[map] <= kMostTold) continue;
      faults_.Warning(
          compiled::kMapsPlace[static_cast<int>(map)],
          absl::StrCat("has ", counts_[map] - kMostTold, " more rows that ", std::string(what)));
    }
  }

 private:
  const Names& names_;
  message::Faults& faults_;
  std::vector<size_t> counts_;  // By map.
};

}  // namespace

void CheckRowChains(const RowGraph& graph, const Walker& walker, const Names& names,
                    message::Faults& faults) {
  Told chains(names, faults);
  graph.ForEachChain(true, [&](const compiled::MapEntry& row) {
    if (!chains.Count(row)) return;
    const auto base = http::ParseUrl(graph.SampleOf(row));
    if (!base) return;
    const Led led = Lead(walker, row.target, IntentOf(walker.snapshot(), row), *base);
    if (led.is_chain() || led.is_gone())
      chains.Tell(row, TextOf(led, walker.snapshot(), names, ""));
  });
  chains.TellOthers(
      "are led on or lead to what is gone; policy check --fix writes their last targets");
}

void CheckRowLiterals(const compiled::Snapshot& snapshot, const Names& names,
                      message::Faults& faults) {
  Told patterns(names, faults);
  snapshot.rules.maps().ForEach([&](const compiled::MapEntry& row) {
    const std::string source = PatternIn(row.path);
    if (!source.empty()) {
      if (patterns.Count(row)) {
        patterns.Tell(row, absl::StrCat("\"", source,
                                        "\" is taken as it stands, for a row is one exact path; "
                                        "write a rule with match.path_prefix, path_glob or "
                                        "path_regex instead"));
      }
      return;
    }
    const std::string target = ReferenceIn(row.target);
    if (!target.empty() && patterns.Count(row)) {
      patterns.Tell(row, absl::StrCat("\"", target,
                                      "\" is sent as it stands, for a row captures nothing; write "
                                      "a rule instead"));
    }
  });
  patterns.TellOthers("look like patterns");
}

}  // namespace fingerpost::policy::lint
