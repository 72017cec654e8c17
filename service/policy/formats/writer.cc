#include "policy/formats/writer.h"

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "core/http/url.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/path.h"
#include "policy/formats/cat.h"
#include "policy/formats/ids.h"
#include "policy/formats/reach.h"
#include "policy/formats/spelling.h"
#include "policy/formats/test_table.h"
#include "policy/formats/yaml_text.h"

namespace fingerpost::policy::formats {
namespace {

constexpr size_t kMaxRules = 10'000;       // Policy.rules
constexpr size_t kMaxRows = 4'000'000;     // Policy.maps
constexpr size_t kMaxAllowedHosts = 4096;  // Defaults.allowed_hosts

bool IsRow(const Redirect& redirect) {
  const bool domain = std::ranges::any_of(redirect.hosts, IsDomain);
  return redirect.act == Act::kRedirect && redirect.source == Source::kExact &&
         redirect.conditions == nullptr && !domain;
}

// Whether it leads to the same path of another host: on every host that is a circle, which a rule
// must not be and a row may.
bool KeepsPath(const Redirect& redirect) {
  const auto url = http::ParseUrl(redirect.target);
  std::string buffer;
  return url && compiled::NormalPath(url->get_pathname(), buffer) == redirect.path;
}

// "keep", as the policy writes it.
std::string_view ModeName(v1::QueryMode mode) {
  switch (mode) {
    case v1::QUERY_MODE_KEEP:
      return "keep";
    case v1::QUERY_MODE_MERGE_TARGET_WINS:
      return "merge_target_wins";
    case v1::QUERY_MODE_MERGE_REQUEST_WINS:
      return "merge_request_wins";
    case v1::QUERY_MODE_APPEND:
      return "append";
    default:
      return "drop";
  }
}

// A target without a query of its own merges as it keeps.
v1::QueryMode ModeOf(const Redirect& redirect) {
  if (IsBare(redirect.code)) return v1::QUERY_MODE_DROP;
  const bool own = redirect.target.find('?') != std::string::npos;
  return redirect.query != v1::QUERY_MODE_DROP && !own ? v1::QUERY_MODE_KEEP : redirect.query;
}

std::string_view PurposeOf(int code) {
  if (code == 301 || code == 308) return "permanent_move";
  if (code == 302 || code == 307) return "temporary_move";
  if (code == 404) return "not_found";
  if (code == 451) return "unavailable_for_legal_reasons";
  return code == 303 ? "describes" : "gone";
}

// With the numbers that the policy gives the captures: "*" of a host counts as the first.
std::string Numbered(const Redirect& redirect) {
  if (std::ranges::none_of(redirect.hosts, compiled::CapturesLabels)) return redirect.target;
  std::string out;
  size_t from = 0;
  for (size_t at = redirect.target.find('{'); at != std::string::npos;
       at = redirect.target.find('{', from)) {
    int number = 0;
    const char* begin = redirect.target.data() + at + 1;
    const auto [end, error] =
        std::from_chars(begin, redirect.target.data() + redirect.target.size(), number);
    Append(out, redirect.target.substr(from, at + 1 - from));
    from = at + 1;
    if (error != std::errc()) continue;
    Append(out, number + 1);
    from += static_cast<size_t>(end - begin);
  }
  return out + redirect.target.substr(from);
}

class Writer {
 public:
  Writer(const Redirects& redirects, const std::string& name, const std::vector<std::string>& hosts,
         Report& report)
      : redirects_(redirects), name_(name), hosts_(hosts), report_(report) {}

  Written Run() {
    absl::btree_map<std::pair<v1::QueryMode, bool>, size_t> exact;
    for (const Redirect& redirect : redirects_) {
      const bool circle = hosts_.empty() && redirect.hosts.empty() && KeepsPath(redirect);
      if (IsRow(redirect)) exact[GroupOf(redirect)] += circle ? kMaxExactRules + 1 : 1;
    }
    mode_ = MostCommonMode();
    TestTable tests(redirects_.size());
    for (const Redirect& redirect : redirects_) {
      if (!MayLead(redirect)) continue;
      if (redirect.act == Act::kUpgrade) {
        Upgrade(redirect);
      } else if (IsRow(redirect) && exact[GroupOf(redirect)] > kMaxExactRules) {
        Row(redirect, tests);
      } else {
        Rule(redirect, tests);
      }
    }
    written_.files.push_back({name_ + ".yaml", Document()});
    written_.files.push_back({name_ + ".tests.yaml", tests.Take()});
    for (Map& map : maps_) written_.files.push_back({map.file, std::move(map.rows)});
    return std::move(written_);
  }

 private:
  // Rows with one treatment of the query: one file, once for each host.
  struct Map {
    v1::QueryMode mode;
    bool own_hosts;  // Each row names its host.
    std::string name;
    std::string file;
    std::string rows = "source,target,code\n";
    uint32_t line = 1;
  };

  // The one that is written once, as the document's default.
  [[nodiscard]] v1::QueryMode MostCommonMode() const {
    absl::btree_map<v1::QueryMode, size_t> counts;
    for (const Redirect& redirect : redirects_) {
      if (redirect.act == Act::kRedirect && !IsBare(redirect.code)) ++counts[ModeOf(redirect)];
    }
    const auto most =
        std::max_element(counts.begin(), counts.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == counts.end() ? v1::QUERY_MODE_DROP : most->first;
  }

  // Those of one group may be in one map.
  [[nodiscard]] std::pair<v1::QueryMode, bool> GroupOf(const Redirect& redirect) const {
    return {ModeOf(redirect), !hosts_.empty() && !redirect.hosts.empty()};
  }

  // Counts the hosts that targets name, which the policy must allow.
  bool MayLead(const Redirect& redirect) {
    const std::string host = TargetHost(redirect.target);
    if (host.empty() || allowed_.contains(host)) return true;
    if (allowed_.size() == kMaxAllowedHosts) {
      report_.Skip(redirect.place, "its target names one more host than the 4096 of a policy",
                   "divide the file");
      return false;
    }
    allowed_.insert(host);
    return true;
  }

  void Upgrade(const Redirect& redirect) {
    const std::vector<std::string>& hosts = redirect.hosts.empty() ? hosts_ : redirect.hosts;
    for (const std::string& host : hosts) {
      upgraded_.insert(host);
    }
    upgrades_all_ = upgrades_all_ || hosts.empty();
    legacy_ = legacy_ || redirect.code == 301;
  }

  Map& MapFor(v1::QueryMode mode, bool own_hosts) {
    const auto found = std::find_if(maps_.begin(), maps_.end(), [&](const Map& map) {
      return map.mode == mode && map.own_hosts == own_hosts;
    });
    if (found != maps_.end()) return *found;
    const std::string suffix =
        maps_.empty() ? "" : Cat("-", ModeName(mode), own_hosts ? "-hosts" : "");
    maps_.push_back({mode, own_hosts, "pages" + suffix, name_ + suffix + ".csv"});
    return maps_.back();
  }

  void Row(const Redirect& redirect, TestTable& tests) {
    if (written_.rows == kMaxRows) {
      report_.Skip(redirect.place, "is one row more than the 4000000 of a policy",
                   "divide the file");
      return;
    }
    Map& map = MapFor(ModeOf(redirect), GroupOf(redirect).second);
    const auto row = [&](const std::string& source) {
      Append(map.rows, Field(source), ",", IsBare(redirect.code) ? "" : Field(redirect.target), ",",
             redirect.code, "\n");
      ++map.line;
      ++written_.rows;
    };
    if (redirect.hosts.empty()) {
      row(redirect.path);
      const std::string id = Cat(hosts_.size() > 1 ? map.name + "-1" : map.name, ":", map.line);
      tests.Add(redirect, hosts_, id, report_.file(redirect.place));
    }
    for (const std::string& host : redirect.hosts) {
      row(Cat("https://", host, redirect.path));
      tests.Add(redirect, {host}, Cat(map.name, ":", map.line), report_.file(redirect.place));
    }
  }

  // RFC 4180.
  static std::string Field(std::string_view text) {
    if (text.find_first_of(",\"") == text.npos) return std::string(text);
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
  }

  void Rule(const Redirect& redirect, TestTable& tests) {
    if (written_.rules == kMaxRules) {
      report_.Skip(redirect.place, "is one rule more than the 10000 of a policy",
                   "divide the file");
      return;
    }
    ++written_.rules;
    const std::string id = ids_.For(redirect);
    const bool leads = redirect.act == Act::kRedirect;
    legacy_ = legacy_ || (leads && (redirect.code == 301 || redirect.code == 302));
    const std::string& file = report_.file(redirect.place);
    rules_.push_back(
        {&redirect, Cat("  - id: ", id, " # ", file.substr(file.rfind('/') + 1), ":",
                        redirect.place.line, "\n    match: {", Match(redirect), "}\n")});
    tests.Add(redirect, redirect.hosts.empty() ? hosts_ : redirect.hosts, id, file);
  }

  [[nodiscard]] std::string Match(const Redirect& redirect) const {
    constexpr std::string_view kMembers[] = {"path", "path_prefix", "path_regex"};
    const std::vector<std::string>& hosts = redirect.hosts.empty() ? hosts_ : redirect.hosts;
    std::string out;
    if (!hosts.empty()) Append(out, "hosts: ", YamlList(hosts), ", ");
    Append(out, kMembers[static_cast<size_t>(redirect.source)], ": ", YamlText(redirect.path));
    if (redirect.conditions == nullptr) return out;
    const v1::Match& conditions = *redirect.conditions;
    if (conditions.methods_size() > 0) {
      Append(out,
             ", methods: ", YamlList({conditions.methods().begin(), conditions.methods().end()}));
    }
    Append(out, Values("query", conditions.query()), Values("fields", conditions.fields()),
           Values("cookies", conditions.cookies()));
    return out;
  }

  static std::string Values(std::string_view name,
                            const google::protobuf::RepeatedPtrField<v1::ValueMatch>& values) {
    if (values.empty()) return {};
    std::string out;
    for (const v1::ValueMatch& value : values) {
      Append(out, out.empty() ? "" : ", ", "{name: ", YamlText(value.name()), Test(value), "}");
    }
    return Cat(", ", name, ": [", out, "]");
  }

  static std::string Test(const v1::ValueMatch& value) {
    if (value.has_equals()) return ", equals: " + YamlText(value.equals());
    if (value.has_prefix()) return ", prefix: " + YamlText(value.prefix());
    if (value.has_regex()) return ", regex: " + YamlText(value.regex());
    return value.has_present() && !value.present() ? ", present: false" : "";
  }

  [[nodiscard]] std::string Intent(const Redirect& redirect) const {
    std::string out = Cat("purpose: ", PurposeOf(redirect.code));
    if (IsBare(redirect.code)) return out;
    Append(out, ", target: ", YamlText(Numbered(redirect)));
    if (const v1::QueryMode mode = ModeOf(redirect); mode != mode_) {
      Append(out, ", query: {mode: ", ModeName(mode), "}");
    }
    if (legacy_ && (redirect.code == 307 || redirect.code == 308))
      Append(out, ", compatibility: modern");
    return out;
  }

  // The most specific pattern counts, and none has a "*": "*.x" is ".x" without x.
  [[nodiscard]] std::string HostDefaults() const {
    std::vector<std::string> upgraded, left;
    for (const std::string& host : upgraded_) {
      const bool below = compiled::CapturesLabels(host);
      if (below && upgraded_.contains(host.substr(1))) continue;
      upgraded.push_back(below ? host.substr(1) : host);
      if (below && !HostsCover({upgraded_.begin(), upgraded_.end()}, {host.substr(2)})) {
        left.push_back(host.substr(2));
      }
    }
    std::string out =
        Cat("hosts:\n  - hosts: ", YamlList(upgraded), "\n    defaults: {require_https: true}\n");
    if (!left.empty()) {
      Append(out, "  - hosts: ", YamlList(left), "\n    defaults: {require_https: false}\n");
    }
    return out;
  }

  std::string Document() const {
    std::string out;
    std::string defaults;
    if (legacy_)
      Append(defaults,
             "  compatibility: legacy # 301 and 302 for GET and HEAD; other methods keep "
             "theirs by 308 and 307\n");
    if (!maps_.empty() || !rules_.empty()) {
      Append(defaults, "  query: {mode: ", ModeName(mode_), "}\n");
    }
    if (!allowed_.empty())
      Append(defaults, "  allowed_hosts: ", YamlList({allowed_.begin(), allowed_.end()}),
             " # where targets may lead\n");
    if (upgrades_all_) Append(defaults, "  require_https: true\n");
    if (!defaults.empty()) Append(out, "defaults:\n", defaults);
    if (!upgraded_.empty()) Append(out, out.empty() ? "" : "\n", HostDefaults());
    if (!maps_.empty()) Append(out, out.empty() ? "" : "\n", "maps:\n");
    for (const Map& map : maps_) {
      const std::string query =
          map.mode == mode_ ? "" : Cat(", intent: {query: {mode: ", ModeName(map.mode), "}}");
      if (hosts_.empty() || map.own_hosts)
        Append(out, "  - {name: ", map.name, ", file: ", YamlText(map.file), query, "}\n");
      for (size_t i = 0; i < hosts_.size() && !map.own_hosts; ++i) {
        const std::string name = hosts_.size() > 1 ? Cat(map.name, "-", i + 1) : map.name;
        Append(out, "  - {name: ", name, ", file: ", YamlText(map.file),
               ", host: ", YamlText(hosts_[i]), query, "}\n");
      }
    }
    if (!rules_.empty()) Append(out, out.empty() ? "" : "\n", "rules:\n");
    for (const auto& [redirect, head] : rules_) {
      Append(out, head,
             redirect->act == Act::kLeave
                 ? "    description: It is served without a redirect.\n    pass: true\n"
                 : Cat("    intent: {", Intent(*redirect), "}\n"));
    }
    return out;
  }

  const Redirects& redirects_;
  const std::string& name_;
  const std::vector<std::string>& hosts_;
  Report& report_;
  Written written_;
  Ids ids_;
  std::vector<Map> maps_;
  std::vector<std::pair<const Redirect*, std::string>> rules_;
  absl::btree_set<std::string> allowed_;
  absl::btree_set<std::string> upgraded_;
  v1::QueryMode mode_ = v1::QUERY_MODE_DROP;
  bool upgrades_all_ = false;
  bool legacy_ = false;
};

}  // namespace

Written Write(const Redirects& redirects, const std::string& name,
              const std::vector<std::string>& hosts, Report& report) {
  return Writer(redirects, name, hosts, report).Run();
}

}  // namespace fingerpost::policy::formats
