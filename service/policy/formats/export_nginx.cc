// nginx: one server for each host, whose "if"s stand in the policy's order. An exact path is
// compared decoded, as nginx does it; what is captured is taken from the path as it came, because
// nginx would write a decoded capture into Location without encoding it.
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <algorithm>
#include <array>

#include "core/http/fields.h"
#include "policy/compiled/path.h"
#include "policy/formats/by_host.h"
#include "policy/formats/cat.h"
#include "policy/formats/export_nginx_condition.h"
#include "policy/formats/exporters.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

// More exact paths of one server than these are a map, which a request does not walk through.
constexpr size_t kMaxConditions = 1000;

constexpr std::string_view kHead =
    R"nginx(# For the http block. $fingerpost_path is the path as it came, never decoded.
map $request_uri $fingerpost_path { "~^(?<fingerpost_raw>[^?]*)" $fingerpost_raw; }
map $args $fingerpost_more { "" ""; default "&$args"; }
map $request_method $fingerpost_unsafe { default "unsafe "; GET ""; HEAD ""; OPTIONS ""; TRACE ""; }
map "$fingerpost_unsafe$fingerpost_fresh" $fingerpost_cache { default $fingerpost_fresh; "~^unsafe ." no-store; }
)nginx";

constexpr std::string_view kServerHead =
    R"nginx(  merge_slashes off;
  absolute_redirect off;
  add_header Cache-Control $fingerpost_cache always;
  add_header Vary $fingerpost_vary always;
  set $fingerpost_fresh "";
  set $fingerpost_vary "";
)nginx";

bool IsRow(const Outgoing& one) {
  return one.source == Source::kExact && one.act == Act::kRedirect && one.conditions == nullptr &&
         !one.either_slash && one.safe != nullptr && one.unsafe != nullptr &&
         (one.unsafe->code == one.safe->code || !one.target.empty()) && one.unsafe->code != 0;
}

class Server {
 public:
  using Hosts = absl::flat_hash_set<std::string_view>;

  // `all` are the hosts of all servers.
  Server(const HostGroup& group, const Hosts& all, size_t number, Told& told)
      : group_(group), all_(all), number_(number), told_(told) {}

  std::string Run() {
    const auto rows = std::count_if(group_.list.begin(), group_.list.end(),
                                    [](const Outgoing* one) { return IsRow(*one); });
    const bool maps = static_cast<size_t>(rows) > kMaxConditions;
    // A map would take two that differ by case for one.
    absl::flat_hash_map<std::string, size_t> same;
    for (const Outgoing* one : group_.list) {
      if (maps && one->source == Source::kExact) ++same[Folded(one->path)];
    }
    for (const Outgoing* one : group_.list) {
      const bool mapped = maps && IsRow(*one) && same[Folded(one->path)] == 1 && Mapped(*one);
      if (mapped || Write(*one)) told_.Wrote(*one);
      if (ends_) break;
    }
    std::string names;
    for (const std::string& host : group_.hosts) Append(names, " ", Name(host));
    return Cat(MapTexts(), "\nserver {\n  listen 80",
               group_.hosts[0].empty() ? " default_server" : "",
               "; # and 443 ssl, with its certificate\n  server_name", names, ";\n", kServerHead,
               MapUses(), body_, "}\n");
  }

 private:
  // ".a" would be refused beside a server for "a".
  [[nodiscard]] std::string Name(const std::string& host) const {
    if (host.empty()) return "_";
    return host.starts_with('.') && all_.contains(host.substr(1)) ? "*" + host : host;
  }

  // The rows of one code and freshness.
  struct Map {
    int safe, unsafe;
    std::string set;
    std::string name;
    std::string rows;
  };

  static std::string Folded(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
  }

  bool Mapped(const Outgoing& one) {
    const std::string key = compiled::PathText(one.path);
    if (compiled::ParsePath(key) != one.path || key.find('$') != key.npos) return false;
    if (!one.ignore_case) {
      told_.Change(one, "a map of nginx ignores case",
                   "nothing needs to be done where no other case is asked for");
    }
    const std::string set = Set(one);
    auto map = std::find_if(maps_.begin(), maps_.end(), [&](const Map& other) {
      return other.safe == one.safe->code && other.unsafe == one.unsafe->code && other.set == set;
    });
    if (map == maps_.end()) {
      maps_.push_back({one.safe->code,
                       one.unsafe->code,
                       set,
                       Cat("fingerpost_", number_, "_", maps_.size() + 1),
                       {}});
      map = maps_.end() - 1;
    }
    longest_ = std::max(longest_, key.size());
    ++mapped_;
    Append(map->rows, "  ", NginxQuoted(key), " ",
           one.target.empty() ? "gone" : NginxQuoted(Location(one, "")), ";\n");
    return true;
  }

  [[nodiscard]] std::string MapTexts() const {
    std::string out;
    for (const Map& map : maps_) Append(out, "\nmap $uri $", map.name, " {\n", map.rows, "}\n");
    return out;
  }

  [[nodiscard]] std::string MapUses() const {
    std::string out;
    for (const Map& map : maps_) {
      const auto act = [&](int code) {
        return Cat("{ ", map.set, "return ", code, code < 400 ? " $" + map.name : "", "; }\n");
      };
      if (map.safe != map.unsafe) {
        Append(out, "  set $fingerpost_all \"$fingerpost_unsafe$", map.name,
               "\";\n  if ($fingerpost_all ~ \"^unsafe .\") ", act(map.unsafe));
      }
      Append(out, "  if ($", map.name, ") ", act(map.safe));
    }
    return out;
  }

  // What comes before "return".
  std::string Set(const Outgoing& one) {
    std::string out;
    const Reply& reply = one.reply();
    for (const auto& [field, value] : reply.fields) {
      const bool cache = http::EqualsIgnoreCase(field, "cache-control");
      if (cache || http::EqualsIgnoreCase(field, "vary")) {
        Append(out, "set $fingerpost_", cache ? "fresh" : "vary", " ", NginxQuoted(value), "; ");
      } else {
        told_.Change(one, Cat("does not send ", field), "add it in nginx");
      }
    }
    return out;
  }

  bool Write(const Outgoing& one) {
    if (one.act == Act::kUpgrade) {
      Append(body_, "  if ($scheme = http) { return ", one.reply().code,
             " https://$host$request_uri; }\n");
      return true;
    }
    if (one.takes_query) {
      told_.Change(one, "passes the parameters of its source on, too",
                   "nothing needs to be done where the target ignores them");
    }
    const NginxCondition path = PathCondition(one);
    std::vector<std::string> others;
    if (path.groups > 9) {
      return told_.Skip(one, "has more than 9 groups",
                        "write those that are not captured as (?:…)");
    }
    if (!NginxConditions(one, others, told_)) return false;
    Append(body_, "  # ", one.id, "\n");
    if (others.empty() && one.everywhere() && path.groups == 0) {
      Everywhere(one);
      ends_ = true;
    } else if (others.empty()) {
      Plain(one, path);
    } else {
      All(one, path, others);
    }
    return true;
  }

  // "return …;" or "break;", with what comes before.
  std::string Act_(const Outgoing& one, const ReplyPtr& reply, std::string_view group) {
    if (one.act == Act::kLeave) return "break;";
    if (reply == nullptr || reply->code == 0) {
      told_.Change(
          one, "leaves other methods to the site, where the policy says that they are not allowed",
          "answer them with 405 there");
      return "break;";
    }
    const std::string head = Set(one);
    return reply->code >= 400
               ? Cat(head, "return ", reply->code, ";")
               : Cat(head, "return ", reply->code, " ", NginxQuoted(Location(one, group)), ";");
  }

  static bool Splits(const Outgoing& one) {
    return one.safe != nullptr && one.unsafe != nullptr && one.safe->code != one.unsafe->code;
  }
  static const ReplyPtr& One(const Outgoing& one) {
    return one.safe != nullptr ? one.safe : one.unsafe;
  }

  void Everywhere(const Outgoing& one) {
    if (Splits(one))
      Append(body_, "  if ($fingerpost_unsafe) { ", Act_(one, one.unsafe, ""), " }\n");
    Append(body_, "  ", Act_(one, One(one), ""), "\n");
  }

  void Plain(const Outgoing& one, const NginxCondition& path) {
    if (Splits(one)) {
      Append(body_, "  set $fingerpost_all \"$fingerpost_unsafe", path.variable,
             "\";\n  if ($fingerpost_all ", path.Unsafe(), ") { ", Act_(one, one.unsafe, ""),
             " }\n");
    }
    Append(body_, "  if (", path.Text(), ") { ", Act_(one, One(one), ""), " }\n");
  }

  // "if" has one condition: each that holds writes its number.
  void All(const Outgoing& one, const NginxCondition& path,
           const std::vector<std::string>& others) {
    Append(body_, "  set $fingerpost_all \"", Splits(one) ? "$fingerpost_unsafe" : "",
           "\";\n  if (", path.Text(), ") { set $fingerpost_all \"${fingerpost_all}0\"; ");
    for (size_t i = 1; i <= path.groups; ++i)
      Append(body_, "set $fingerpost_group_", i, " $", i, "; ");
    body_ += "}\n";
    std::string all = "0";
    for (size_t i = 0; i < others.size(); ++i) {
      Append(body_, "  if (", others[i], ") { set $fingerpost_all \"${fingerpost_all},", i + 1,
             "\"; }\n");
      Append(all, ",", i + 1);
    }
    if (Splits(one)) {
      Append(body_, "  if ($fingerpost_all = \"unsafe ", all, "\") { ",
             Act_(one, one.unsafe, "fingerpost_group_"), " }\n");
    }
    Append(body_, "  if ($fingerpost_all = \"", all, "\") { ",
           Act_(one, One(one), "fingerpost_group_"), " }\n");
  }

  // With variables; `group` is what stands before the number of a group.
  std::string Location(const Outgoing& one, std::string_view group) {
    std::string out;
    std::string_view rest = one.target, text, name;
    const auto add = [&out](std::string_view literal) {
      for (const char c : UrlText(literal)) out += c == '$' ? "%24" : std::string(1, c);
    };
    while (NextValue(rest, text, name)) {
      add(text);
      if (one.everywhere() && group.empty() && !text.ends_with('/')) {
        out += "$fingerpost_path";
      } else {
        const size_t number = std::max<size_t>(GroupOf(one, name), 1);
        group.empty() ? Append(out, "$", number) : Append(out, "${", group, number, "}");
      }
    }
    add(text);
    if (one.query == v1::QUERY_MODE_DROP) return out;
    const bool own = out.find('?') != out.npos;
    if (own && one.query != v1::QUERY_MODE_APPEND) {
      told_.Change(one, "joins the queries without looking for a name in both",
                   "nothing needs to be done where the names differ");
    }
    const size_t fragment = std::min(out.find('#'), out.size());
    if (const std::string whole = "$fingerpost_path"; !own && out.ends_with(whole)) {
      return out.replace(out.size() - whole.size(), whole.size(), "$request_uri");
    }
    return out.insert(fragment, own ? "$fingerpost_more" : "$is_args$args");
  }

  const HostGroup& group_;
  const Hosts& all_;
  size_t number_;
  Told& told_;
  std::vector<Map> maps_;
  std::string body_;
  bool ends_ = false;  // Nothing else can answer.

 public:
  size_t longest_ = 0;
  size_t mapped_ = 0;
};

}  // namespace

std::string WriteNginx(const OutgoingList& list, Told& told) {
  std::string out, servers;
  size_t number = 0, longest = 0, mapped = 0;
  const auto groups = GroupByHost(list);
  Server::Hosts all;
  for (const HostGroup& group : groups) all.insert(group.hosts.begin(), group.hosts.end());
  for (const HostGroup& group : groups) {
    Server server(group, all, ++number, told);
    servers += server.Run();
    longest = std::max(longest, server.longest_);
    mapped = std::max(mapped, server.mapped_);
  }
  if (mapped > 0) {  // They must come before the first map.
    size_t bucket = 64;
    while (bucket < longest + 64) bucket *= 2;
    Append(out, "map_hash_max_size ", std::max<size_t>(2048, 2 * mapped),
           ";\nmap_hash_bucket_size ", bucket, ";\n");
  }
  if (!list.empty()) {
    told.Change("a prefix or a pattern does not match a path with %61 in place of \"a\"",
                "nothing needs to be done");
  }
  return Cat(out, kHead, servers);
}

}  // namespace fingerpost::policy::formats
