#include "policy/lint/graph.h"

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "core/decide/placeholders.h"
#include "policy/lint/chains.h"
#include "policy/lint/client.h"
#include "policy/lint/rows.h"
#include "policy/lint/sample.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {
namespace {

constexpr size_t kMostNodes = 500;

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

// Without the host that stands for every host.
std::string Shown(const std::string& url) {
  return url.starts_with(kSampleOrigin) ? url.substr(kSampleOrigin.size()) : url;
}

class Drawing {
 public:
  explicit Drawing(const compiled::Snapshot& snapshot) : snapshot_(snapshot) {}

  // A way from `from`, a named intent, or from its first hop.
  void Add(const Walk& walk, const std::string& from = "") {
    const size_t redirects = walk.hops.size() + (from.empty() ? 0 : 1);
    const bool is_way =
        redirects > 1 || walk.repeats() || (redirects == 1 && walk.end == Walk::End::kGone);
    if (!is_way) return;
    if (nodes_.size() + redirects > kMostNodes) {
      ++picture_.left_out;
      return;
    }
    ++picture_.ways;
    std::string before = from.empty() ? "" : Box("intent " + from, ", style=rounded");
    std::string label;
    std::vector<std::string> ids;
    for (const Hop& hop : walk.hops) {
      ids.push_back(Box(NameOf(hop), ""));
      if (!before.empty()) Edge(before, ids.back(), label, "");
      before = ids.back();
      label = hop.status == 0 ? "" : std::to_string(hop.status);
    }
    if (walk.end == Walk::End::kCircle) {
      Edge(before, ids[walk.begin], label, ", color=red");
    } else {
      Edge(before, EndOf(walk), label, walk.end == Walk::End::kEndless ? ", color=red" : "");
    }
  }

  [[nodiscard]] bool Has(const compiled::MapEntry& row) const {
    return drawn_.contains({row.map, row.line});
  }

  Picture Take() && {
    std::string out = "digraph policy {\n  rankdir=LR;\n  node [shape=box];\n";
    for (const auto& [name, node] : nodes_) {
      absl::StrAppend(&out, "  ", node.id, " [label=", Quoted(name), node.style, "];\n");
    }
    for (const auto& [ends, attributes] : edges_) {
      absl::StrAppend(&out, "  ", ends.first, " -> ", ends.second, " [", attributes, "];\n");
    }
    if (picture_.left_out > 0) {
      absl::StrAppend(&out, "  // ", picture_.left_out, " more are left out\n");
    }
    picture_.dot = out + "}\n";
    return std::move(picture_);
  }

 private:
  struct Styled {
    std::string id;
    std::string style;
  };

  std::string Box(const std::string& name, const std::string& style) {
    const auto [node, is_new] = nodes_.try_emplace(name);
    if (is_new) node->second = {absl::StrCat("n", nodes_.size()), style};
    return node->second.id;
  }

  void Edge(const std::string& from, const std::string& to, const std::string& label,
            const std::string& style) {
    edges_.insert_or_assign({from, to}, "label=" + Quoted(label) + style);
  }

  std::string NameOf(const Hop& hop) {
    std::string url = Shown(hop.url);
    switch (hop.node.kind) {
      case Node::Kind::kRule:
        return absl::StrCat(snapshot_.rules.rules()[hop.node.index].id, "\n", url);
      case Node::Kind::kRow:
        drawn_.insert({hop.node.index, hop.node.line});
        return absl::StrCat(snapshot_.maps[hop.node.index].name, ":", hop.node.line, "\n", url);
      case Node::Kind::kHttps:
        return "https\n" + url;
      case Node::Kind::kCanonical:
        return "canonical\n" + url;
      case Node::Kind::kNobody:
        break;
    }
    return url;
  }

  std::string EndOf(const Walk& walk) {
    const std::string url = Shown(walk.last);
    if (walk.end == Walk::End::kGone) {
      return Box(absl::StrCat(NameOf({walk.last, "GET", walk.node, 0}), "\n", walk.status),
                 ", style=filled, fillcolor=lightgray");
    }
    if (walk.end == Walk::End::kEndless) return Box("…", ", shape=plaintext");
    if (walk.end == Walk::End::kRefused) return Box(url + "\nrefused", ", color=red");
    return Box(url, ", shape=plaintext");
  }

  const compiled::Snapshot& snapshot_;
  Picture picture_;
  absl::btree_map<std::string, Styled> nodes_;
  absl::btree_map<std::pair<std::string, std::string>, std::string> edges_;
  absl::btree_set<std::pair<uint32_t, uint32_t>> drawn_;  // Rows, by map and line.
};

void AddRules(const Walker& walker, Drawing& drawing) {
  const std::vector<compiled::Rule>& rules = walker.snapshot().rules.rules();
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].broken || rules[i].pass || rules[i].shadow) continue;
    const std::vector<std::string> urls = SampleUrls(walker, rules[i]);
    if (urls.empty()) continue;
    Client client;
    client.Meet(rules[i]);
    const Walk walk = walker.Follow(client.Asks(urls.front(), walker.now()), HostOf(urls.front()));
    if (!walk.hops.empty() && walk.hops.front().node == Node{Node::Kind::kRule, i, 0}) {
      drawing.Add(walk);
    }
  }
}

void AddIntents(const Walker& walker, Drawing& drawing) {
  const http::Url base = AnyBase(walker.snapshot());
  for (const auto& [name, named] : walker.snapshot().intents) {
    const std::string& target = named.intent.target();
    if (target.empty() || decide::BeforePlaceholders(target).size() != target.size()) continue;
    drawing.Add(Lead(walker, target, named.intent, base).walk, name);
  }
}

// First each chain from its beginning, then the circles, which have none.
void AddRows(const Walker& walker, const RowGraph& rows, Drawing& drawing) {
  for (const bool heads : {true, false}) {
    rows.ForEachChain(heads, [&](const compiled::MapEntry& row) {
      if (drawing.Has(row)) return;
      const std::string url = rows.SampleOf(row);
      drawing.Add(walker.Follow(Client().Asks(url, walker.now()), HostOf(url)));
    });
  }
}

}  // namespace

Picture Draw(const compiled::Snapshot& snapshot, const google::protobuf::Timestamp& now) {
  const Walker walker(snapshot, now);
  Drawing drawing(snapshot);
  AddRules(walker, drawing);
  AddIntents(walker, drawing);
  AddRows(walker, RowGraph(walker, nullptr), drawing);
  return std::move(drawing).Take();
}

}  // namespace fingerpost::policy::lint
