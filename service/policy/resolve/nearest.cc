#include "policy/resolve/nearest.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/http/fields.h"
#include "core/http/request.h"
#include "core/message/faults.h"
#include "policy/compiled/folding.h"
#include "policy/compiled/subject.h"

namespace fingerpost::policy::resolve {
namespace {

// In letters.
constexpr size_t kMostApart = 2;

// How far two paths are from each other; the smaller the nearer.
enum class Apart : uint8_t { kNot, kSlash, kCase, kOne, kTwo, kFar };

// The edit distance, if it is at most two.
std::optional<size_t> Distance(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  if (a.size() < b.size()) std::swap(a, b);
  if (a.size() - b.size() > kMostApart) return std::nullopt;
  if (b.empty()) return a.size();
  // Two letters in each other's place.
  if (a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0]) return 1;
  // Ends and beginnings differ, so each of these takes one letter at least.
  if (a.size() == 1) return 1;
  if (a.size() == b.size() && a.substr(1, a.size() - 2) == b.substr(1, b.size() - 2)) return 2;
  if (a.size() == b.size() &&
      (a.substr(1) == b.substr(0, b.size() - 1) || b.substr(1) == a.substr(0, a.size() - 1))) {
    return 2;
  }
  if (a.size() == b.size() + 1 &&
      (a.substr(2) == b.substr(1) || a.substr(0, a.size() - 2) == b.substr(0, b.size() - 1))) {
    return 2;
  }
  return std::nullopt;
}

std::string_view WithoutSlash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

Apart ApartOf(std::string_view path, std::string_view other) {
  if (path == other) return Apart::kNot;
  if (WithoutSlash(path) == WithoutSlash(other)) return Apart::kSlash;
  if (http::EqualsIgnoreCase(WithoutSlash(path), WithoutSlash(other))) return Apart::kCase;
  const auto letters = Distance(WithoutSlash(path), WithoutSlash(other));
  // A short path is near to everything.
  if (!letters || other.size() < 2 * *letters + 2) return Apart::kFar;
  return *letters == 1 ? Apart::kOne : Apart::kTwo;
}

std::string DiffersBy(Apart apart, std::string_view path) {
  const std::string shown = absl::StrCat("(", std::string(path), ")");
  switch (apart) {
    case Apart::kSlash:
      return "has the path with another last slash " + shown +
             ": trailing_slash: either would take both";
    case Apart::kCase:
      return "has the path in other letters " + shown + ": case: insensitive would take both";
    case Apart::kOne:
      return "has a path that differs in one letter " + shown;
    case Apart::kTwo:
      return "has a path that differs in two letters " + shown;
    case Apart::kNot:
    case Apart::kFar:
      break;
  }
  return "";
}

class Search {
 public:
  Search(const compiled::Snapshot& snapshot, const compiled::Subject& subject)
      : snapshot_(snapshot), subject_(subject), hosts_(snapshot.hosts.Patterns()) {}

  std::vector<Near> Run() && {
    for (const compiled::Rule& rule : snapshot_.rules.rules()) {
      if (!rule.broken) Try(rule);
    }
    snapshot_.rules.maps().ForEach([this](const compiled::MapEntry& row) { Try(row); });
    std::vector<Near> nearest;
    for (Ranked& found : found_) nearest.push_back(std::move(found.near));
    return nearest;
  }

 private:
  struct Ranked {
    int rank;
    Near near;
  };

  // Keeps the nearest; of equal ones the first.
  void Offer(int rank, std::string id, std::string why) {
    const auto at = std::upper_bound(found_.begin(), found_.end(), rank,
                                     [](int one, const Ranked& other) { return one < other.rank; });
    if (found_.size() == kMostNear && at == found_.end()) return;
    found_.insert(at, {rank, {std::move(id), std::move(why)}});
    if (found_.size() > kMostNear) found_.pop_back();
  }
  [[nodiscard]] bool IsWorse(int rank) const {
    return found_.size() == kMostNear && rank >= found_.back().rank;
  }

  // Of a rule's path; a prefix is compared with as many segments of the request's.
  [[nodiscard]] Apart PathOf(const compiled::Rule& rule) const {
    using Path = compiled::Conditions::Path;
    const std::string_view path = subject_.path();
    switch (rule.path_kind) {
      case Path::kAny:
        return Apart::kNot;
      case Path::kExact:
        return ApartOf(path, rule.path);
      case Path::kPattern:
        if (rule.pattern == nullptr) return Apart::kFar;
        if (RE2::FullMatch(path, *rule.pattern)) return Apart::kNot;
        return !subject_.PathWithOtherSlash().empty() &&
                       RE2::FullMatch(subject_.PathWithOtherSlash(), *rule.pattern)
                   ? Apart::kSlash
                   : Apart::kFar;
      case Path::kPrefix:
        break;
    }
    const std::string_view start = path.substr(0, PrefixEnd(path, rule.path));
    const Apart apart = ApartOf(start, rule.path);
    return apart == Apart::kSlash ? Apart::kFar : apart;
  }

  // Where as many segments of `path` end as `prefix` has.
  static size_t PrefixEnd(std::string_view path, std::string_view prefix) {
    auto segments = std::count(prefix.begin(), prefix.end(), '/');
    size_t end = 0;
    while (segments-- > 0 && end < path.size())
      end = std::min(path.find('/', end + 1), path.size());
    return end;
  }

  void Try(const compiled::Rule& rule) {
    const bool on_host = subject_.IsOn(rule.hosts);
    const Apart apart = PathOf(rule);
    // Neither says much of a rule for every path.
    const bool is_narrow = rule.path_kind != compiled::Conditions::Path::kAny && !rule.path.empty();
    if (apart == Apart::kFar || (!on_host && (apart != Apart::kNot || !is_narrow))) return;
    if (!on_host) return Offer(1, rule.id, OtherHosts(rule));
    if (apart != Apart::kNot) {
      return Offer(1 + static_cast<int>(apart), rule.id, DiffersBy(apart, rule.path));
    }
    // Else only a condition does not hold, which the trace says.
  }

  [[nodiscard]] std::string OtherHosts(const compiled::Rule& rule) const {
    std::vector<std::string> names;
    for (const compiled::HostId host : rule.hosts) {
      if (names.size() == 3) {
        names.emplace_back("…");
        break;
      }
      names.emplace_back(hosts_[host]);
    }
    return "is for other hosts (" + absl::StrJoin(names, ", ") + ")";
  }

  void Try(const compiled::MapEntry& row) {
    const std::string_view path = subject_.path();
    if (row.path.size() > path.size() + kMostApart || path.size() > row.path.size() + kMostApart) {
      return;
    }
    const bool on_host = row.host == compiled::kAnyHost || subject_.IsOn({row.host});
    const Apart apart = ApartOf(path, row.path);
    if (apart == Apart::kFar || (!on_host && apart != Apart::kNot)) return;
    const int rank = !on_host ? 1 : apart == Apart::kNot ? 0 : 1 + static_cast<int>(apart);
    if (IsWorse(rank)) return;
    std::string id = absl::StrCat(snapshot_.maps[row.map].name, ":", row.line);
    if (!on_host) {
      return Offer(rank, std::move(id),
                   absl::StrCat("is for other hosts (", std::string(hosts_[row.host]), ")"));
    }
    if (apart != Apart::kNot) return Offer(rank, std::move(id), DiffersBy(apart, row.path));
    if (!row.query.empty()) {
      Offer(rank, std::move(id), absl::StrCat("asks for the parameters ", std::string(row.query)));
    }
  }

  const compiled::Snapshot& snapshot_;
  const compiled::Subject& subject_;
  std::vector<std::string_view> hosts_;
  std::vector<Ranked> found_;
};

}  // namespace

std::vector<Near> NearestTo(const compiled::Snapshot& snapshot, const v1::DecideRequest& asked) {
  message::Faults faults;
  const http::Request request = http::ReadRequest(asked.request(), {}, faults);
  if (request.url() == nullptr) return {};
  const compiled::Subject subject(asked, request, snapshot.hosts);
  return Search(snapshot, subject).Run();
}

}  // namespace fingerpost::policy::resolve
