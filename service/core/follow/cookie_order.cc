#include "core/follow/cookie_order.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace fingerpost::follow {
namespace {

using Cookies = std::vector<const v1::Cookie*>;

// Brings the cookies of one domain together, and in it those of one path, each by its first cookie
// in the jar. `by_host_only`: a cookie without Domain is of another domain than one with it.
void Group(const CookieJar& jar, bool by_host_only, Cookies& cookies) {
  const auto alone = [by_host_only](const v1::Cookie& one) {
    return by_host_only && one.host_only();
  };
  absl::flat_hash_map<std::pair<std::string_view, bool>, int> domains;
  absl::flat_hash_map<std::tuple<std::string_view, bool, std::string_view>, int> paths;
  for (int i = 0; i < jar.size(); ++i) {
    domains.try_emplace({jar[i].domain(), alone(jar[i])}, i);
    paths.try_emplace({jar[i].domain(), alone(jar[i]), jar[i].path()}, i);
  }
  const auto place = [&](const v1::Cookie* cookie) {
    return std::pair(domains[{cookie->domain(), alone(*cookie)}],
                     paths[{cookie->domain(), alone(*cookie), cookie->path()}]);
  };
  std::stable_sort(cookies.begin(), cookies.end(),
                   [&place](const auto* a, const auto* b) { return place(a) < place(b); });
}

void LongestPathFirst(Cookies& cookies) {
  std::stable_sort(cookies.begin(), cookies.end(), [](const auto* a, const auto* b) {
    return a->path().size() > b->path().size();
  });
}

void MostSpecificFirst(Cookies& cookies) {
  std::reverse(cookies.begin(), cookies.end());
  const auto lengths = [](const v1::Cookie* cookie) {
    return std::tuple(cookie->path().size(), cookie->domain().size(), cookie->name().size());
  };
  std::stable_sort(cookies.begin(), cookies.end(),
                   [&lengths](const auto* a, const auto* b) { return lengths(a) > lengths(b); });
}

void DomainFirst(Cookies& cookies) {
  const auto pair = [](const v1::Cookie* cookie) {
    return std::pair<std::string_view, std::string_view>(cookie->name(), cookie->value());
  };
  std::reverse(cookies.begin(), cookies.end());
  std::stable_sort(cookies.begin(), cookies.end(),
                   [&pair](const auto* a, const auto* b) { return pair(a) < pair(b); });
  cookies.erase(std::unique(cookies.begin(), cookies.end(),
                            [&pair](const auto* a, const auto* b) { return pair(a) == pair(b); }),
                cookies.end());
  const auto lengths = [](const v1::Cookie* cookie) {
    return std::pair(cookie->domain().size(), cookie->path().size());
  };
  std::stable_sort(cookies.begin(), cookies.end(),
                   [&lengths](const auto* a, const auto* b) { return lengths(a) > lengths(b); });
}

void HostFirst(Cookies& cookies) {
  const auto rank = [](const v1::Cookie* cookie) {
    return std::tuple(cookie->host_only(), cookie->domain().size(), cookie->path().size());
  };
  std::stable_sort(cookies.begin(), cookies.end(),
                   [&rank](const auto* a, const auto* b) { return rank(a) > rank(b); });
}

// Leaves the most specific cookie of each name.
void OneOfEachName(Cookies& cookies) {
  std::stable_sort(cookies.begin(), cookies.end(), [](const auto* a, const auto* b) {
    if (a->name() != b->name()) return a->name() < b->name();
    return std::pair(a->domain().size(), a->path().size()) >
           std::pair(b->domain().size(), b->path().size());
  });
  cookies.erase(std::unique(cookies.begin(), cookies.end(),
                            [](const auto* a, const auto* b) { return a->name() == b->name(); }),
                cookies.end());
}

}  // namespace

void OrderCookies(const CookieJar& jar, CookieOrder order, Cookies& cookies) {
  switch (order) {
    case CookieOrder::kStored:
      return;
    case CookieOrder::kMostSpecific:
      return MostSpecificFirst(cookies);
    case CookieOrder::kDomainFirst:
      return DomainFirst(cookies);
    case CookieOrder::kHostFirst:
      return HostFirst(cookies);
    case CookieOrder::kByName:
      return OneOfEachName(cookies);
    case CookieOrder::kSortedByName:
      return std::stable_sort(cookies.begin(), cookies.end(), [](const auto* a, const auto* b) {
        return std::tie(a->name(), a->domain(), a->path()) <
               std::tie(b->name(), b->domain(), b->path());
      });
    case CookieOrder::kGreatestPath:
      return std::stable_sort(cookies.begin(), cookies.end(),
                              [](const auto* a, const auto* b) { return a->path() > b->path(); });
    case CookieOrder::kByNameThenPath:
      return std::stable_sort(cookies.begin(), cookies.end(), [](const auto* a, const auto* b) {
        return a->name() != b->name() ? a->name() < b->name() : a->path().size() > b->path().size();
      });
    case CookieOrder::kStoredGrouped:
      return Group(jar, /*by_host_only=*/false, cookies);
    case CookieOrder::kLongestPathGrouped:
      Group(jar, /*by_host_only=*/true, cookies);
      return LongestPathFirst(cookies);
    case CookieOrder::kLongestPath:
      return LongestPathFirst(cookies);
  }
}

}  // namespace fingerpost::follow
