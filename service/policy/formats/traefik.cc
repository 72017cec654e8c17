// Middlewares of Traefik, as manifests or as the file of its own provider: redirectRegex, which
// compares the whole URL, and redirectScheme. Which router uses them is not known here.
#include <optional>
#include <string>

#include "policy/formats/cat.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/lead.h"
#include "policy/formats/manifests.h"
#include "policy/formats/pattern.h"
#include "policy/formats/readers.h"
#include "policy/formats/spelling.h"

namespace fingerpost::policy::formats {
namespace {

class Reader {
 public:
  Reader(Place before, Redirects& redirects, Report& report)
      : before_(before), redirects_(redirects), report_(report) {}

  // A middleware, by its name in the file or in the manifest.
  void Read(const Node& middleware) {
    if (const Node regex = middleware["redirectRegex"]) Regex(regex);
    if (const Node scheme = middleware["redirectScheme"]) Scheme(scheme);
  }

 private:
  [[nodiscard]] Place At(const Node& node) const {
    return {before_.line + node.line(), before_.file};
  }

  void Scheme(const Node& node) {
    Redirect redirect;
    redirect.place = At(node);
    if (node["scheme"].text() != "https" || node["port"]) {
      return report_.Skip(redirect.place, "leads to another scheme than https, or to a port",
                          "write a rule with the whole target");
    }
    redirect.source = Source::kPrefix;
    redirect.path = "/";
    redirect.act = Act::kUpgrade;
    redirect.code = node["permanent"].text() == "true" ? 301 : 302;
    redirects_.push_back(std::move(redirect));
  }

  // "old.example.com" and "old\.example\.com": people mean the same.
  static std::optional<HostPattern> HostOf(std::string_view pattern) {
    if (auto read = ReadHostPattern(Cat("^", pattern, "$"))) return read;
    HostPattern host;
    std::string& name = host.hosts.emplace_back();
    for (const char c : pattern) {
      if (std::string_view("+*?()[]{}|^$").find(c) != std::string_view::npos) return std::nullopt;
      if (c != '\\') name += c;
    }
    return host;
  }

  // "^https?://old.example.com/(.*)"
  void Regex(const Node& node) {
    std::string_view regex = node["regex"].text();
    const Place place = At(node);
    bool divided = false;
    for (const std::string_view begin : {"^https?://", "^https://", "^http://", "^http[s]?://"}) {
      if (!regex.starts_with(begin)) continue;
      regex.remove_prefix(begin.size());
      divided = true;
      if (begin.find('?') != begin.npos) break;
      report_.Change(place, "answers http and https alike", "nothing needs to be done");
      break;
    }
    const size_t slash = regex.find('/');
    const std::optional<HostPattern> host = HostOf(regex.substr(0, slash));
    if (!divided || !host || slash == regex.npos) {
      return report_.Skip(place, "its pattern is not one of a scheme, a host and then a path",
                          "write \"^https?://host/(.*)\"");
    }
    Redirect asks;
    asks.source = Source::kPattern;
    TellMoreLabels(*host, place, report_);
    asks.hosts = host->hosts;
    asks.path = SearchPattern(Cat("^", regex.substr(slash)));
    const std::string& replacement = node["replacement"].text();
    std::string target;
    for (size_t i = 0; i < replacement.size(); ++i) {  // "${1}" is "$1".
      const bool braces = replacement.compare(i, 2, "${") == 0 && i + 3 < replacement.size() &&
                          replacement[i + 3] == '}';
      const bool plain = replacement[i] == '$' && i + 1 < replacement.size();
      const char number = braces ? replacement[i + 2] : plain ? replacement[i + 1] : '\0';
      if (number >= '0' && number <= '9') {
        const int group = number - '0' - host->groups;  // Those of the host come first.
        if (number == '0' || (group <= 0 && host->labels.empty())) {
          return report_.Skip(place,
                              Cat("its target has $", number, ", which is no part of a path"),
                              "write the value, or a rule for each value");
        }
        target += Cat("$", group);
        i += braces ? 3 : 1;
      } else {
        target += replacement[i];
      }
    }
    // The pattern sees the query, too: a rest keeps it.
    const bool rest =
        node["regex"].text().ends_with("(.*)") || node["regex"].text().ends_with("(.*)$");
    Leads(redirects_, report_)
        .Add(asks, target, node["permanent"].text() == "true" ? 301 : 302,
             rest ? v1::QUERY_MODE_KEEP : v1::QUERY_MODE_DROP, false, place);
  }

  Place before_;
  Redirects& redirects_;
  Report& report_;
};

}  // namespace

void ReadTraefik(const File& file, uint16_t index, Redirects& redirects, Report& report) {
  bool any = false;
  ReadManifests(file, index, report, [&](const Node& manifest, Place before) {
    Reader reader(before, redirects, report);
    const Node own = manifest["http"]["middlewares"];
    for (const auto& [name, middleware] : own.members()) reader.Read(middleware);
    const bool middleware = manifest["kind"].text() == "Middleware";
    if (middleware) reader.Read(manifest["spec"]);
    any = any || own || middleware;
    return static_cast<bool>(own) || middleware;
  });
  if (any) {
    report.Note({0, index}, "a middleware does not say which router uses it",
                "it answers for every path that its pattern matches; give the hosts with --host");
  }
}

}  // namespace fingerpost::policy::formats
