#include "policy/formats/nginx_names.h"

#include <algorithm>

#include "policy/formats/cat.h"
#include "policy/formats/host_pattern.h"
#include "policy/formats/reach.h"

namespace fingerpost::policy::formats {
namespace {

bool IsNone(const std::string& name) { return name == "_" || name.empty(); }

size_t RankOf(const std::string& name) {
  if (name.starts_with('~')) return 1;
  return IsDomain(name) ? 1 + name.size() : 1000;
}

}  // namespace

size_t NginxNameRank(const Directive& server) {
  size_t rank = 0;
  for (const Directive& directive : server.block) {
    if (directive.name() != "server_name") continue;
    for (size_t i = 1; i < directive.words.size(); ++i) {
      const std::string& name = directive.words[i];
      if (IsNone(name)) continue;
      rank = rank == 0 ? RankOf(name) : std::min(rank, RankOf(name));
    }
  }
  return rank;
}

bool AddNginxNames(const Directive& names, NginxContext& context, Report& report) {
  bool whole = true;
  const auto add = [&context](const std::string& host) { context.asks.hosts.push_back(host); };
  for (size_t i = 1; i < names.words.size(); ++i) {
    const std::string& name = names.words[i];
    if (IsNone(name)) continue;
    const auto pattern = name.starts_with('~') ? ReadHostPattern(name.substr(1)) : std::nullopt;
    if (pattern) {
      TellMoreLabels(*pattern, names.place, report);
      context.labels = pattern->labels;
      std::ranges::for_each(pattern->hosts, add);
    } else if (name.starts_with('~') || name.ends_with('*')) {
      report.Skip(names.place, Cat("the name ", name, " is a pattern of hosts"),
                  "write the hosts that there are");
      whole = false;
    } else {
      add(name);
    }
  }
  return whole;
}

}  // namespace fingerpost::policy::formats
