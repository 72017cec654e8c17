// nginx: return, rewrite, if, map and location of its servers, in the order in which nginx tries
// them: what stands in the server itself, exact locations, "^~", regular expressions, the longest
// other prefix.
#include <absl/strings/str_replace.h>

#include <algorithm>
#include <charconv>

#include "policy/formats/cat.h"
#include "policy/formats/lead.h"
#include "policy/formats/nginx_condition.h"
#include "policy/formats/nginx_map.h"
#include "policy/formats/nginx_names.h"
#include "policy/formats/nginx_rewrite.h"
#include "policy/formats/nginx_syntax.h"
#include "policy/formats/pattern.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"
#include "policy/formats/variables.h"

namespace fingerpost::policy::formats {
namespace {

using Directives = std::vector<Directive>;

constexpr int kMaxMaps = 16;  // Of which each is the default of the one before it.

bool IsRedirectCode(int code) {
  return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

int NumberOf(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

class Reader {
 public:
  Reader(Redirects& redirects, Report& report)
      : redirects_(redirects), report_(report), leads_(redirects, report) {}

  void Read(const Directives& file) {
    Maps(file);
    Directives rest, rows;
    std::vector<const Directive*> servers;
    Gather(file, servers, rest, rows);
    if (!servers.empty() && NginxNameRank(*servers[0]) > 0) {
      report_.Note(servers[0]->place,
                   "nginx answers a host that no server names as the first server does",
                   "the policy leaves it alone; give the hosts to a server of their own");
    }
    std::stable_sort(servers.begin(), servers.end(), [](const auto* a, const auto* b) {
      return NginxNameRank(*a) > NginxNameRank(*b);
    });
    for (const Directive* server : servers) Server(server->block, server->place);
    if (!rest.empty()) Server(rest, rest[0].place);
    if (!rows.empty()) Rows(rows);
  }

 private:
  void Skip(Place place, std::string_view why, std::string_view remedy) {
    report_.Skip(place, why, remedy);
  }

  void Maps(const Directives& block) {
    for (const Directive& directive : block) {
      if (directive.name() == "map" && path_variable_.empty())
        path_variable_ = RawPathOf(directive);
      if (directive.name() == "map") ReadNginxMap(directive, maps_, report_);
      if (directive.name() == "http") Maps(directive.block);
    }
  }

  static void Gather(const Directives& block, std::vector<const Directive*>& servers,
                     Directives& rest, Directives& rows) {
    for (const Directive& directive : block) {
      if (directive.name() == "http") {
        Gather(directive.block, servers, rest, rows);
      } else if (directive.name() == "server" && directive.has_block) {
        servers.push_back(&directive);
      } else if (IsMapRow(directive)) {
        rows.push_back(directive);
      } else if (directive.name() != "map") {
        for (const std::string_view name : {"location", "return", "rewrite", "if"}) {
          if (directive.name() == name) rest.push_back(directive);
        }
      }
    }
  }

  // A file for a map to include.
  void Rows(const Directives& rows) {
    report_.Note({0, rows[0].place.file}, "the rows of a map do not say their code", "it is 301");
    maps_["redirect"] = RowsOf(rows, report_);
    NginxContext context;
    context.asks.source = Source::kPrefix;
    context.asks.path = "/";
    FromMap("redirect", "$redirect", 301, context, rows[0].place);
  }

  void Server(const Directives& block, Place place) {
    NginxContext context;
    context.asks.source = Source::kPrefix;
    context.asks.path = "/";
    bool encrypted = false, listens = false, pattern_only = false;
    for (const Directive& directive : block) {
      if (directive.name() == "server_name") {
        pattern_only = !AddNginxNames(directive, context, report_) && context.asks.hosts.empty();
      }
      if (directive.name() != "listen") continue;
      listens = true;
      encrypted =
          encrypted ||
          std::any_of(directive.words.begin(), directive.words.end(), [](const std::string& word) {
            return word == "ssl" || word == "quic" || word == "443" || word.ends_with(":443");
          });
    }
    if (pattern_only) return;
    context.http_only = context.asks.http_only = listens && !encrypted;
    context.raw_path = path_variable_;
    has_locations_ = std::any_of(block.begin(), block.end(), [](const Directive& directive) {
      return directive.name() == "location";
    });
    if (!Steps(block, context)) Locations(block, context);
    if (!context.asks.hosts.empty()) Leave(context, place);
  }

  // Nothing else answers there.
  void Leave(const NginxContext& context, Place place) {
    Redirect leave = context.asks;
    leave.act = Act::kLeave;
    leave.place = place;
    redirects_.push_back(std::move(leave));
  }

  // return, rewrite and if, in their order. True: every request is answered.
  bool Steps(const Directives& block, const NginxContext& context) {
    for (const Directive& directive : block) {
      if (directive.name() == "return") {
        Return(directive, context);
        return true;
      }
      if (directive.name() == "rewrite") {
        if (Rewrite(directive, context)) return true;
      } else if (directive.name() == "if") {
        If(directive, context);
      } else if (directive.name() == "error_page" && directive.words.size() > 2 &&
                 directive.words[directive.words.size() - 2].starts_with('=') &&
                 IsRedirectCode(NumberOf(directive.words[directive.words.size() - 2].substr(1)))) {
        Skip(directive.place, "redirects only what the server does not find",
             "keep it in nginx, or ask the policy where a page was not found");
      }
    }
    return false;
  }

  static bool Has(const Directive& directive, std::string_view name) {
    return std::any_of(directive.block.begin(), directive.block.end(),
                       [name](const Directive& one) { return one.name() == name; });
  }
  static bool MayRedirect(const Directive& directive) {
    return Has(directive, "return") || Has(directive, "rewrite");
  }

  void If(const Directive& directive, const NginxContext& context) {
    NginxContext inner = context;
    const bool redirects = MayRedirect(directive);
    if (!redirects && !Has(directive, "break")) return;
    if (const std::string what = AddCondition(directive, inner, report_); !what.empty()) {
      return Skip(directive.place, Cat("the policy does not have the condition \"", what, "\""),
                  "write a rule with the match that is meant");
    }
    if (directive.words[1] == "($request_uri") {
      report_.Change(directive.place,
                     "compares the path decoded and without its query; $request_uri is neither",
                     "compare $uri, if that is what is meant");
    }
    if (redirects) {
      Steps(directive.block, inner);
    } else if (has_locations_) {
      Skip(directive.place, "leaves a request to the locations, which may redirect it",
           "write a rule with pass: true where they do not");
    } else {
      Leave(inner, directive.place);
    }
  }

  // In the order in which nginx tries them.
  void Locations(const Directives& block, const NginxContext& server) {
    enum { kExact, kFirst, kRegex, kPrefix, kNone };
    const auto kind = [](const Directive& location) {
      if (location.name() != "location" || !location.has_block) return kNone;
      if (location.words.size() < 2) return kNone;
      const std::string& how = location.words[1];
      if (how.starts_with('@')) return kNone;
      if (how == "=") return kExact;
      if (how == "^~") return kFirst;
      return how == "~" || how == "~*" ? kRegex : kPrefix;
    };
    std::vector<const Directive*> locations;
    for (const Directive& directive : block) {
      if (kind(directive) != kNone) {
        locations.push_back(&directive);
      } else if (directive.name() == "location" && directive.has_block && MayRedirect(directive)) {
        Skip(directive.place, "redirects only what the server does not find",
             "keep it in nginx, or ask the policy where a page was not found");
      }
    }
    std::stable_sort(locations.begin(), locations.end(), [&](const auto* a, const auto* b) {
      const auto first = kind(*a);
      const auto second = kind(*b);
      if (first != second) return first < second;
      return (first == kFirst || first == kPrefix) &&
             a->words.back().size() > b->words.back().size();
    });
    bool slashes = false;
    for (const Directive* location : locations) {
      if (!slashes && kind(*location) != kExact) {
        for (const Directive* one : locations) AddSlash(*one, server);
        slashes = true;
      }
      Location(*location, server);
    }
  }

  // nginx leads /a to a location /a/ that another server answers.
  void AddSlash(const Directive& location, const NginxContext& server) {
    const std::string& path = location.words.back();
    const bool passes =
        std::any_of(location.block.begin(), location.block.end(),
                    [](const Directive& directive) { return directive.name().ends_with("_pass"); });
    if (!passes || path.size() < 2 || !path.starts_with('/') || !path.ends_with('/')) return;
    NginxContext context = server;
    context.asks.source = Source::kExact;
    context.asks.path = Encoded(path.substr(0, path.size() - 1));
    leads_.Emit(context.asks, WithoutPlaceholders(Encoded(path)), 301, v1::QUERY_MODE_KEEP,
                location.place);
  }

  void Location(const Directive& directive, const NginxContext& server) {
    NginxContext context = server;
    const std::string& how = directive.words[1];
    const std::string& path = directive.words.back();
    context.location = path;
    if (how == "~" || how == "~*") {
      context.asks.source = Source::kPattern;
      context.asks.path = (how == "~*" ? "(?i)" : "") + SearchDecoded(path);
    } else if (how == "=" || path == "/") {
      context.asks.source = how == "=" ? Source::kExact : Source::kPrefix;
      context.asks.path = Encoded(path);
    } else {
      context.asks.source = Source::kPattern;
      context.asks.path = LiteralPattern(Encoded(path)).value_or("") + ".*";
    }
    // nginx asks the innermost one, and of it alone return, rewrite and if.
    Locations(directive.block, context);
    if (!Steps(directive.block, context)) Leave(context, directive.place);
  }

  void Return(const Directive& directive, const NginxContext& context) {
    const std::vector<std::string>& words = directive.words;
    int code = words.size() > 1 ? NumberOf(words[1]) : 0;
    if (code == 0 && words.size() == 2) {  // "return URL;"
      To(words[1], 302, context, directive.place);
    } else if (IsRedirectCode(code) && words.size() == 3) {
      To(words[2], code, context, directive.place);
    } else if (IsBare(code)) {
      if (words.size() > 2) {
        report_.Change(directive.place, Cat(code, " has the policy's content, not the text"),
                       "nothing needs to be done");
      }
      leads_.Emit(context.asks, "", code, v1::QUERY_MODE_DROP, directive.place);
    } else {
      Leave(context, directive.place);
    }
  }

  // A target with variables, once for each host that it may mean.
  void To(std::string target, int code, const NginxContext& context, Place place) {
    if (const std::string raw = "$" + path_variable_; raw.size() > 1) {
      if (const size_t at = target.find(raw); at != target.npos)
        target.replace(at, raw.size(), "$uri");
    }
    // "$1" is the path's where that has a pattern.
    const bool number = context.labels == "1";
    if (!context.labels.empty() && !(number && context.asks.source == Source::kPattern)) {
      target = absl::StrReplaceAll(target, {{Cat("${", context.labels, "}"), Cat("$", kLabels)},
                                            {Cat("$", context.labels), Cat("$", kLabels)}});
    }
    if (!context.map.empty() && target.find("$" + context.map) != target.npos) {
      return FromMap(context.map, target, code, context, place);
    }
    for (const auto& [name, _] : maps_) {
      if (target == "$" + name) return FromMap(name, target, code, context, place);
    }
    leads_.Add(context.asks, target, code, v1::QUERY_MODE_DROP, context.http_only, place);
  }

  void FromMap(const std::string& name, const std::string& target, int code,
               const NginxContext& context, Place place) {
    const auto map = maps_.find(name);
    if (map == maps_.end()) {
      return Skip(place, Cat("the policy does not know the variable $", name),
                  "write the values in a map of $uri");
    }
    if (context.asks.source != Source::kPrefix) {
      return Skip(place, "its map is used for a part of the paths only",
                  "use it in the server itself");
    }
    for (const NginxMap::Row& row : map->second.rows) {
      if (row.value.empty()) continue;
      NginxContext one = context;
      one.map.clear();
      Redirect asks = row.asks;
      if (!asks.hosts.empty()) one.labels = row.labels;
      if (asks.hosts.empty()) asks.hosts = context.asks.hosts;
      one.asks = std::move(asks);
      std::string whole = target;
      const size_t at = whole.find("$" + name);
      whole.replace(at, name.size() + 1, row.value);
      // Only a default leads on: rows of rows are their product, and a circle has no end.
      const bool leads_on = whole.starts_with('$') && maps_.contains(whole.substr(1));
      const bool is_default = row.asks.source == Source::kPrefix && row.asks.hosts.empty() &&
                              row.asks.conditions == nullptr;
      if (leads_on && (!is_default || ++one.maps > kMaxMaps)) {
        Skip(row.asks.place, Cat("its value is that of another map, ", whole), "write the value");
        continue;
      }
      To(whole, code, one, row.asks.place);
    }
  }

  // True: every request is answered.
  bool Rewrite(const Directive& directive, const NginxContext& context) {
    if (directive.words.size() < 3) return false;
    const std::string& expression = directive.words[1];
    std::string target = directive.words[2];
    const std::string flag = directive.words.size() > 3 ? directive.words[3] : "";
    NginxContext inner = context;
    // The group of the path, of two with one name.
    if (expression.find(Cat("<", inner.labels, ">")) != expression.npos) inner.labels.clear();
    std::string what;
    if (!NarrowByRewrite(expression, inner, target, what)) {
      if (!what.empty()) Skip(directive.place, what, "write it in the server, without a location");
      return false;
    }
    const bool leads = flag == "permanent" || flag == "redirect" || IsAbsolute(target) ||
                       target.starts_with("$scheme");
    if (!leads) {
      Skip(directive.place, "rewrites the path within nginx and does not redirect",
           "leave it to nginx");
      Leave(inner, directive.place);
      return false;
    }
    target = WithRequestQuery(std::move(target));
    To(target, flag == "permanent" ? 301 : 302, inner, directive.place);
    return inner.asks.source == context.asks.source && inner.asks.path == context.asks.path &&
           inner.asks.conditions == nullptr;
  }

  Redirects& redirects_;
  Report& report_;
  Leads leads_;
  NginxMaps maps_;
  std::string path_variable_;   // See RawPathOf.
  bool has_locations_ = false;  // The server that is read.
};

}  // namespace

void ReadNginx(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  Reader(redirects, report).Read(ParseNginx(file, index, report));
}

}  // namespace fingerpost::policy::formats
