// Rules and rows as messages name them.
#pragma once

#include <absl/functional/function_ref.h>

#include <string>

#include "core/message/faults.h"
#include "core/message/place.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/places.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

// Where a rule of the policy stands.
struct RuleAt {
  std::string file = {};  // "": the document itself.
  int index = 0;          // In that file.
  size_t line = 0;        // From 1.
};
using WhereIsRule = absl::FunctionRef<RuleAt(int index)>;
// The file of a map as faults name it.
using FileOfMap = absl::FunctionRef<std::string(int index)>;

class Names {
 public:
  Names(const v1::Policy& policy, WhereIsRule where, FileOfMap file)
      : policy_(policy), where_(where), file_(file) {}

  // "rules[3] (blog, line 15)", "rules[0] of teams/blog.yaml (blog, line 15)".
  [[nodiscard]] std::string Of(size_t rule) const {
    const int i = static_cast<int>(rule);
    const RuleAt at = where_(i);
    return ToString(compiled::kRulesPlace[at.index]) + (at.file.empty() ? "" : " of " + at.file) +
           " (" + policy_.rules(i).id() + ", line " + std::to_string(at.line) + ")";
  }

  // The same, "line 7 of pages.csv", or "defaults.canonical".
  [[nodiscard]] std::string Of(const Node& node) const {
    switch (node.kind) {
      case Node::Kind::kRule:
        return Of(static_cast<size_t>(node.index));
      case Node::Kind::kRow:
        return "line " + std::to_string(node.line) + " of " +
               policy_.maps(static_cast<int>(node.index)).file();
      case Node::Kind::kHttps:
        return "defaults.require_https";
      case Node::Kind::kCanonical:
        return "defaults.canonical";
      case Node::Kind::kNobody:
        break;
    }
    return "nobody";
  }

  // A fault at a row, which has its own file; the path is that of its map.
  [[nodiscard]] message::Fault AtRow(message::Severity severity, const Node& row,
                                     std::string what) const {
    const int map = static_cast<int>(row.index);
    const message::Place place = compiled::kMapsPlace[map];
    return {severity, place.ToPath(), std::move(what), file_(map), {row.line, 1}};
  }

 private:
  const v1::Policy& policy_;
  WhereIsRule where_;
  FileOfMap file_;
};

}  // namespace fingerpost::policy::lint
