#include "policy/formats/nginx_map.h"

#include <algorithm>

#include "policy/formats/cat.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/pattern.h"
#include "policy/formats/reach.h"
#include "policy/formats/spelling.h"
#include "policy/formats/url_source.h"

namespace fingerpost::policy::formats {
namespace {

// What a map compares its keys with.
enum class Key : uint8_t { kPath, kRequestUri, kHost, kHostAndPath, kParameter, kUnknown };

Key KeyOf(std::string_view text) {
  if (text == "$uri" || text == "$document_uri") return Key::kPath;
  if (text == "$request_uri") return Key::kRequestUri;
  if (text == "$host" || text == "$http_host") return Key::kHost;
  if (text == "$host$uri" || text == "$host$request_uri") return Key::kHostAndPath;
  return text.starts_with("$arg_") ? Key::kParameter : Key::kUnknown;
}

class Reader {
 public:
  Reader(Key key, std::string parameter, Report& report)
      : key_(key), parameter_(std::move(parameter)), report_(report) {}

  NginxMap Read(const std::vector<Directive>& rows) {
    NginxMap map;
    std::vector<NginxMap::Row> patterns, last;
    host_names_ = std::ranges::any_of(rows, [](const Directive& row) {
      return row.name() == "hostnames" && row.words.size() == 1;
    });
    for (const Directive& row : rows) {
      if (row.words.size() == 1) continue;  // hostnames, volatile
      if (row.words.size() != 2 || row.has_block) {
        report_.Skip(row.place, "is no row of a map", "write: key value;");
        continue;
      }
      NginxMap::Row read{{}, row.words[1], {}};
      read.asks.place = row.place;
      if (row.name() == "default") {
        Everything(read.asks);
        if (!read.value.empty()) last.push_back(std::move(read));
      } else if (ReadKey(row.name(), read.asks, read.labels)) {
        (row.name().starts_with('~') ? patterns : map.rows).push_back(std::move(read));
      }
    }
    if (host_names_) {  // A name comes before a domain, a longer domain before a shorter one.
      std::ranges::stable_sort(map.rows, [](const NginxMap::Row& a, const NginxMap::Row& b) {
        return RankOf(a.asks.hosts) > RankOf(b.asks.hosts);
      });
    }
    for (auto* part : {&patterns, &last}) {
      for (NginxMap::Row& row : *part) map.rows.push_back(std::move(row));
    }
    return map;
  }

 private:
  static size_t RankOf(const std::vector<std::string>& hosts) {
    return hosts.empty() || !IsDomain(hosts[0]) ? std::string::npos : hosts[0].size();
  }

  static void Everything(Redirect& asks) {
    asks.source = Source::kPrefix;
    asks.path = "/";
  }

  bool Unsayable(const Redirect& asks) {
    report_.Skip(asks.place, "its key is a pattern of something else than a path",
                 "write a rule that says it with match");
    return false;
  }

  bool ReadKey(std::string_view key, Redirect& asks, std::string& labels) {
    if (key.starts_with('~')) return ReadPattern(key, asks, labels);
    if (key.starts_with('\\')) key.remove_prefix(1);
    switch (key_) {
      case Key::kPath:
        asks.path = Encoded(key);
        asks.ignore_case = true;
        return true;
      case Key::kRequestUri:
        return ReadRequestUri(key, asks);
      case Key::kHost:
        Everything(asks);
        asks.hosts = {std::string(key)};
        return !IsDomain(key) || HasHostNames(asks);
      case Key::kHostAndPath: {
        const size_t slash = std::min(key.find('/'), key.size());
        asks.hosts = {std::string(key.substr(0, slash))};
        asks.ignore_case = true;
        asks.path = Encoded(key.substr(slash));
        return true;
      }
      case Key::kParameter: {
        Everything(asks);
        auto conditions = std::make_shared<v1::Match>();
        conditions->add_query()->set_name(parameter_);
        conditions->mutable_query(0)->set_equals(std::string(key));
        asks.conditions = std::move(conditions);
        return true;
      }
      case Key::kUnknown:
        break;
    }
    return Unsayable(asks);
  }

  bool ReadRequestUri(std::string_view key, Redirect& asks) {
    UrlSource source;
    if (const std::string_view fault = ReadUrlSource(key, source); !fault.empty()) {
      report_.Skip(asks.place, fault, "write a path that begins with \"/\"");
      return false;
    }
    asks.path = source.path;
    asks.ignore_case = true;
    asks.conditions = QueryConditions(source.query);
    report_.Change(asks.place, "answers with any other query, too; $request_uri has it",
                   "nothing needs to be done where queries do not matter");
    return true;
  }

  bool HasHostNames(const Redirect& asks) {
    if (host_names_) return true;
    report_.Skip(asks.place, "its key is compared as it is, and no host is written so",
                 "write \"hostnames;\" into the map");
    return false;
  }

  bool ReadHost(std::string_view expression, Redirect& asks, std::string& labels) {
    const auto pattern = ReadHostPattern(expression);
    if (!pattern) return Unsayable(asks);
    TellMoreLabels(*pattern, asks.place, report_);
    Everything(asks);
    asks.hosts = pattern->hosts;
    labels = pattern->labels;
    return true;
  }

  bool ReadPattern(std::string_view key, Redirect& asks, std::string& labels) {
    key.remove_prefix(1);
    const bool ignore_case = key.starts_with('*');
    if (ignore_case) key.remove_prefix(1);
    if (key_ == Key::kHost) return ReadHost(key, asks, labels);
    if (key_ != Key::kPath && key_ != Key::kRequestUri) return Unsayable(asks);
    asks.ignore_case = ignore_case;
    asks.source = Source::kPattern;
    asks.path = (asks.ignore_case ? "(?i)" : "") + SearchDecoded(key);
    return true;
  }

  Key key_;
  std::string parameter_;
  Report& report_;
  bool host_names_ = false;  // Of its keys "*.x" and ".x" are domains.
};

}  // namespace

std::string RawPathOf(const Directive& map) {
  if (map.words.size() != 3 || map.words[1] != "$request_uri" || map.block.size() != 1) return {};
  const Directive& row = map.block[0];
  if (row.words.size() != 2 || !row.words[1].starts_with('$')) return {};
  const bool path = row.name() == Cat("~^(?<", row.words[1].substr(1), ">[^?]*)");
  return path && map.words[2].starts_with('$') ? map.words[2].substr(1) : "";
}

void ReadNginxMap(const Directive& map, NginxMaps& maps, Report& report) {
  if (!RawPathOf(map).empty()) return;
  if (map.words.size() != 3 || map.words[2].size() < 2 || !map.words[2].starts_with('$')) return;
  const std::string& looked_at = map.words[1];
  const Key key = KeyOf(looked_at);
  if (key == Key::kUnknown) return;  // Reported where a redirect has its variable.
  const std::string parameter = key == Key::kParameter ? looked_at.substr(5) : "";
  maps[map.words[2].substr(1)] = Reader(key, parameter, report).Read(map.block);
}

bool IsMapRow(const Directive& directive) {
  return directive.words.size() == 2 && !directive.has_block &&
         (directive.name().starts_with('/') || directive.name().starts_with('~'));
}

NginxMap RowsOf(const std::vector<Directive>& rows, Report& report) {
  return Reader(Key::kPath, "", report).Read(rows);
}

}  // namespace fingerpost::policy::formats
