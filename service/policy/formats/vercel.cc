// Vercel: the redirects of vercel.json, and bulk redirects as CSV, JSON or a line of JSON each. The
// first that matches answers; case and a "/" at the end of a path count; the request's query is
// kept and the target's own parameters win. Bulk redirects compare without regard to case unless
// told otherwise.
#include <absl/container/btree_map.h>

#include <algorithm>
#include <charconv>

#include "core/http/fields.h"
#include "policy/formats/cat.h"
#include "policy/formats/delimited.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/json_text.h"
#include "policy/formats/path_to_regexp.h"
#include "policy/formats/pattern.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"
#include "policy/formats/tree.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

bool IsTrue(std::string_view text) { return text == "true" || text == "t" || text == "TRUE"; }

// The members of a redirect, as the formats spell them.
using Members = absl::btree_map<std::string, std::string, std::less<>>;

class Reader {
 public:
  Reader(const File& file, uint16_t index, Redirects& redirects, Report& report)
      : file_(file), index_(index), redirects_(redirects), report_(report) {}

  void Run() {
    std::string_view text;
    const size_t first = file_.text.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    const char begin = first == file_.text.npos ? '\0' : file_.text[first];
    if (begin != '{' && begin != '[') return Table();
    if (!IsReadable(file_, index_, report_, text)) return;
    // One object a line.
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    if (begin == '{' && line.find("\"redirects\"") == line.npos &&
        line.find("\"source\"") != line.npos) {
      return JsonLines();
    }
    const auto tree = ReadTree(WithoutSurrogates(text), {0, index_}, report_);
    if (!tree) return;
    const Node root(*tree, 0);
    if (root.IsList()) return Bulk(root);
    if (!root["redirects"].IsList()) {
      return report_.Skip({0, index_}, "has no list \"redirects\"",
                          "give a vercel.json, or a list of bulk redirects");
    }
    for (const Node& redirect : root["redirects"].items()) Configured(redirect);
  }

 private:
  void Table() {
    Delimited table(file_, index_, report_, ',');
    std::vector<std::string> header, cells;
    while (table.Next(cells)) {
      if (header.empty()) {
        header = cells;
        if (Header(header, table.place())) continue;
        return;
      }
      if (cells.size() > header.size()) {
        report_.Skip(table.place(), Cat("has ", cells.size(), " fields instead of ", header.size()),
                     "put quotes around a URL that has a comma in it");
        continue;
      }
      Members members;
      for (size_t i = 0; i < cells.size(); ++i) members[header[i]] = cells[i];
      BulkRedirect(members, table.place());
    }
  }

  bool Header(const std::vector<std::string>& header, Place place) {
    for (const std::string& name : header) {
      if (IsMember(name)) continue;
      report_.Note(place, Cat("the column \"", name, "\" is unknown"), "it is not read");
    }
    for (const std::string_view needed : {"source", "destination"}) {
      if (std::count(header.begin(), header.end(), needed) == 1) continue;
      report_.Skip(place, Cat("the header has not one column \"", needed, "\""),
                   "write: source,destination; nothing of the file was imported");
      return false;
    }
    return true;
  }

  static bool IsMember(std::string_view name) {
    for (const std::string_view known :
         {"source", "destination", "permanent", "statusCode", "caseSensitive", "query"}) {
      if (name == known) return true;
    }
    return false;
  }

  void JsonLines() {
    Lines lines(file_, index_, report_);
    for (std::string_view line; lines.Next(line);) {
      if (line.empty()) continue;
      Place before = lines.place();
      --before.line;
      const auto tree = ReadTree(WithoutSurrogates(line), before, report_);
      if (tree) BulkObject(Node(*tree, 0), lines.place());
    }
  }

  void Bulk(const Node& list) {
    for (const Node& redirect : list.items()) BulkObject(redirect, {redirect.line(), index_});
  }

  void BulkObject(const Node& redirect, Place place) {
    Members members;
    for (const auto& [name, value] : redirect.members()) {
      if (!IsMember(name)) {
        report_.Note(place, Cat("\"", name, "\" is unknown"), "it is not read");
      }
      members.emplace(name, value.text());
    }
    BulkRedirect(members, place);
  }

  static std::string_view Value(const Members& members, std::string_view name) {
    const auto found = members.find(name);
    return found == members.end() ? std::string_view() : found->second;
  }

  // Exact sources.
  void BulkRedirect(const Members& members, Place place) {
    Redirect redirect;
    redirect.place = place;
    redirect.code = 307;
    if (!Code(Value(members, "statusCode"), Value(members, "permanent"), redirect)) return;
    UrlSource source;
    std::string_view fault = ReadUrlSource(Value(members, "source"), source);
    if (fault.empty() && !source.query.empty()) fault = "its source has a query";
    if (!fault.empty()) return report_.Skip(place, fault, "write a path that begins with \"/\"");
    redirect.path = source.path;
    if (!source.host.empty()) redirect.hosts = {source.host};
    redirect.ignore_case = !IsTrue(Value(members, "caseSensitive"));
    redirect.query =
        IsTrue(Value(members, "query")) ? v1::QUERY_MODE_MERGE_TARGET_WINS : v1::QUERY_MODE_DROP;
    redirect.target = WithoutPlaceholders(Value(members, "destination"));
    redirects_.push_back(std::move(redirect));
  }

  bool Code(std::string_view code, std::string_view permanent, Redirect& redirect) {
    if (!permanent.empty()) redirect.code = IsTrue(permanent) ? 308 : 307;
    if (code.empty()) return true;
    for (const int known : {301, 302, 303, 307, 308}) {
      if (code != std::to_string(known)) continue;
      redirect.code = known;
      return true;
    }
    report_.Skip(redirect.place, Cat(code, " is no code of a redirect"),
                 "write 301, 302, 303, 307 or 308");
    return false;
  }

  void Configured(const Node& node) {
    Redirect redirect;
    redirect.place = {node.line(), index_};
    redirect.code = 308;
    redirect.query = v1::QUERY_MODE_MERGE_TARGET_WINS;
    if (!Code(node["statusCode"].text(), node["permanent"].text(), redirect)) return;
    PathToRegexp path;
    if (const std::string_view fault = path.Read(node["source"].text(), redirect); !fault.empty()) {
      return report_.Skip(redirect.place, fault,
                          "write its parts as \":name\", \":name*\" or \"(…)\"");
    }
    labels_.clear();
    if (!Conditions(node, redirect)) return;
    redirect.target = path.Target(node["destination"].text(), labels_);
    redirects_.push_back(std::move(redirect));
  }

  // The whole host.
  bool Host(const std::string& wanted, Redirect& redirect) {
    std::string_view inner = wanted;
    if (inner.starts_with('^')) inner.remove_prefix(1);
    if (inner.ends_with('$')) inner.remove_suffix(1);
    if (const auto pattern = ReadHostPattern(Cat("^", inner, "$"))) {
      TellMoreLabels(*pattern, redirect.place, report_);
      redirect.hosts = pattern->hosts;
      labels_ = pattern->labels;
      return true;
    }
    if (wanted.find_first_of("*()[]+?|") != wanted.npos) return false;
    redirect.hosts = {wanted};  // "." for "\\.": people mean the same.
    return true;
  }

  bool Conditions(const Node& node, Redirect& redirect) {
    auto match = std::make_shared<v1::Match>();
    for (const std::string_view which : {"has", "missing"}) {
      for (const Node& condition : node[which].items()) {
        if (!Condition(condition, which == "has", redirect, *match)) {
          report_.Skip({condition.line(), index_},
                       Cat("the policy does not have this condition of \"", which, "\""),
                       "write a rule with the match that is meant");
          return false;
        }
      }
    }
    if (match->ByteSizeLong() > 0) redirect.conditions = std::move(match);
    return true;
  }

  bool Condition(const Node& node, bool has, Redirect& redirect, v1::Match& match) {
    const std::string& type = node["type"].text();
    const std::string& wanted = node["value"].text();
    if (type == "host") return has && redirect.hosts.empty() && Host(wanted, redirect);
    // A named group is a value of the target.
    if (wanted.find("(?<") != wanted.npos) return false;
    v1::ValueMatch value;
    value.set_name(node["key"].text());
    if (!has && !wanted.empty()) return false;
    if (wanted.empty()) {
      value.set_present(has);
    } else if (const auto text = OnlyText(wanted)) {
      value.set_equals(*text);
    } else {
      value.set_regex(wanted);
    }
    if (type == "query") {
      *match.add_query() = value;
    } else if (type == "header") {
      *match.add_fields() = value;
    } else if (type == "cookie") {
      *match.add_cookies() = value;
    } else {
      return false;
    }
    return true;
  }

  const File& file_;
  uint16_t index_;
  Redirects& redirects_;
  Report& report_;
  std::string labels_;  // The name of what "*" of the redirect's host stands for.
};

}  // namespace

void ReadVercel(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  Reader(file, index, redirects, report).Run();
}

}  // namespace fingerpost::policy::formats
