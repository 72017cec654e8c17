#include "policy/lint/rows.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/compiled/path.h"
#include "policy/lint/client.h"
#include "policy/lint/sample.h"

namespace fingerpost::policy::lint {
namespace {

// Whether the row answers every request for its source, so that nobody has to be asked.
bool IsPlain(const compiled::Snapshot& snapshot, const compiled::MapEntry& row) {
  const v1::Intent& intent = snapshot.maps[row.map].intents[row.code];
  const v1::Purpose purpose = intent.purpose();
  return (purpose == v1::PURPOSE_GONE || RepeatsTheRequest(purpose)) &&
         !compiled::MaySleep(intent) && !compiled::OnlyCanonicalises(intent);
}

bool IsPath(std::string_view target) {
  return target.starts_with('/') && !target.starts_with("//") && !target.starts_with("/\\");
}

// Of a target that is a path, without its fragment.
std::pair<std::string_view, std::string_view> PathAndQuery(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const size_t mark = std::min(target.find('?'), target.size());
  return {target.substr(0, mark), target.substr(mark)};
}

}  // namespace

RowGraph::RowGraph(const Walker& walker, ToldCircles* told)
    : walker_(walker), rows_(walker.snapshot().rules.maps()), hosts_(walker.hosts()) {
  // Where canonical leads to a host, that is the host of requests.
  if (!walker.snapshot().canonical.empty()) {
    hosts_[compiled::kAnyHost] = walker.snapshot().canonical.front().host;
  }
  std::vector<size_t> lines(walker.snapshot().maps.size() + 1);
  rows_.ForEach([&lines](const compiled::MapEntry& row) {
    lines[row.map] = std::max<size_t>(lines[row.map], row.line + 1);
  });
  size_t all = 0;
  for (const size_t count : lines) {
    offsets_.push_back(all);
    all += count;
  }
  states_.resize(all);
  // Memory is what the look-ups of a million rows wait for, so they begin some rows ahead.
  constexpr size_t kAhead = 16;
  std::array<compiled::MapEntry, kAhead> ahead;
  size_t met = 0;
  const auto search_next = [&](size_t i) {
    const compiled::MapEntry& row = ahead[i % kAhead];
    if ((StateOf(row) & kSeen) == 0) Search(row, told);
  };
  rows_.ForEach([&](const compiled::MapEntry& row) {
    if (met >= kAhead) search_next(met);
    ahead[met++ % kAhead] = row;
    Prefetch(row);
  });
  for (size_t i = met - std::min(met, kAhead); i < met; ++i) search_next(i);
}

std::string RowGraph::SampleOf(const compiled::MapEntry& row) const {
  return SampleUrl(hosts_[row.host], row);
}

void RowGraph::ForEachChain(bool heads,
                            absl::FunctionRef<void(const compiled::MapEntry&)> visit) const {
  rows_.ForEach([&](const compiled::MapEntry& row) {
    const uint8_t state = StateOf(row);
    if ((state & kLeads) != 0 && (!heads || (state & kEntered) == 0)) visit(row);
  });
}

// Follows the rows until one was seen before.
void RowGraph::Search(compiled::MapEntry row, ToldCircles* told) {
  way_.clear();
  while (true) {
    StateOf(row) |= kSeen | kOnTheWay;
    way_.push_back(offsets_[row.map] + row.line);
    const Next next = NextOf(row);
    if (next.leads) StateOf(row) |= kLeads;
    if (!next.row) break;
    StateOf(*next.row) |= kEntered;
    row = *next.row;
    if ((StateOf(row) & kOnTheWay) != 0) {
      if (told == nullptr) break;
      const std::string url = SampleOf(row);
      const Walk walk =
          walker_.Follow(Client().Asks(url, walker_.now()), HostOf(url), kLongestCircle);
      if (walk.repeats()) told->Tell(walk, {});
      break;
    }
    if ((StateOf(row) & kSeen) != 0) break;
  }
  for (const size_t place : way_) states_[place] &= static_cast<uint8_t>(~kOnTheWay);
}

RowGraph::Next RowGraph::NextOf(const compiled::MapEntry& row) {
  if (row.target.empty()) return {};
  if (IsPath(row.target) && walker_.snapshot().canonical.empty()) {
    const auto [path, query] = PathAndQuery(row.target);
    // A parser changes others, a blank by what stands behind it.
    const bool is_plain = compiled::IsPlainPath(path) &&
                          std::all_of(query.begin(), query.end(), [](char c) { return c > ' '; });
    if (is_plain && !walker_.snapshot().rules.MayHaveRule(HostsOf(row), path)) {
      return NextAmongRows(row, path, query);
    }
  }
  const auto base = http::ParseUrl(SampleOf(row));
  if (!base) return {};
  const auto url = http::ParseUrl(row.target, &*base);
  if (!url || !walker_.IsServed(url->get_hostname(), base->get_hostname())) return {};
  const compiled::Snapshot& snapshot = walker_.snapshot();
  bool any = !snapshot.canonical.empty() || !http::IsHttps(*url);
  std::optional<compiled::MapEntry> plain;
  VisitUrl(snapshot, std::string(url->get_href()), [&](const compiled::Candidate& candidate) {
    any = true;
    if (candidate.entry && IsPlain(snapshot, *candidate.entry)) plain = candidate.entry;
    return false;
  });
  if (plain && http::IsHttps(*url)) return {true, plain};
  return any ? NextByWalk(*url, base->get_hostname()) : Next{};
}

const compiled::HostIds& RowGraph::HostsOf(const compiled::MapEntry& row) {
  if (hosts_at_.empty() || last_host_ != row.host) {
    last_host_ = row.host;
    walker_.snapshot().hosts.Match(HostIn(hosts_[row.host]), hosts_at_);
  }
  return hosts_at_;
}

void RowGraph::Prefetch(const compiled::MapEntry& row) {
  if (!IsPath(row.target)) return;
  const std::string_view path = PathAndQuery(row.target).first;
  for (const compiled::HostId host : HostsOf(row)) rows_.Prefetch(host, path);
}

// The same without a request, where there is only the table to ask: a fifth of the time.
RowGraph::Next RowGraph::NextAmongRows(const compiled::MapEntry& row, std::string_view path,
                                       std::string_view query) {
  for (const compiled::HostId host : HostsOf(row)) {
    const auto next = rows_.FindFirst(host, path, query);
    if (next && IsPlain(walker_.snapshot(), *next)) return {true, next};
    if (!next) continue;
    const auto base = http::ParseUrl(SampleOf(row));
    const auto url = base ? http::ParseUrl(row.target, &*base) : std::nullopt;
    return url ? NextByWalk(*url, base->get_hostname()) : Next{};
  }
  return {};
}

RowGraph::Next RowGraph::NextByWalk(const http::Url& target, std::string_view start) const {
  const Walk walk = walker_.FollowFrom(target, start);
  Next next = {!walk.hops.empty() || walk.end == Walk::End::kGone, {}};
  for (const Hop& hop : walk.hops) {
    if (hop.node.kind != Node::Kind::kRow) continue;
    next.row = RowAt(hop);
    break;
  }
  return next;
}

std::optional<compiled::MapEntry> RowGraph::RowAt(const Hop& hop) const {
  std::optional<compiled::MapEntry> row;
  VisitUrl(walker_.snapshot(), hop.url, [&](const compiled::Candidate& candidate) {
    if (candidate.entry && candidate.entry->map == hop.node.index &&
        candidate.entry->line == hop.node.line) {
      row = candidate.entry;
    }
    return !row;
  });
  return row;
}

}  // namespace fingerpost::policy::lint
