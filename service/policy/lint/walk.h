// Follows the redirects of a policy as a client does: the resolver itself answers each request.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <google/protobuf/timestamp.pb.h>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/url.h"
#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::lint {

// Who answers a request.
struct Node {
  enum class Kind : uint8_t { kNobody, kRule, kRow, kHttps, kCanonical };
  Kind kind = Kind::kNobody;
  uint32_t index = 0;  // Of the rule, or of the row's map.
  uint32_t line = 0;   // Of the row.

  auto operator<=>(const Node&) const = default;  // NOLINT(modernize-use-nullptr): LLVM bug 46235
};

// A redirect.
struct Hop {
  std::string url;  // What was asked, without fragment.
  std::string method;
  Node node;
  int status = 0;
};

struct Walk {
  enum class End : uint8_t {
    kServed,     // The policy leaves the request alone there, or answers it with content.
    kElsewhere,  // On a host that the policy does not name.
    kGone,       // 404, 410, 451.
    kRefused,    // The target is refused, or is no URL.
    kCircle,     // The hops from `begin` on repeat without an end.
    kEndless,    // There are more hops than any client follows.
  };

  std::vector<Hop> hops;
  End end = End::kServed;
  size_t begin = 0;
  std::string last;    // The URL of the end, with its fragment.
  std::string method;  // By which it is asked.
  Node node;           // Who answers there, without a redirect.
  int status = 0;      // Of that answer; 0 without one.

  // Whether somebody answers again and again.
  [[nodiscard]] bool repeats() const;
};

// Fetch follows no more (Fetch Standard §4.4), nor do most clients.
inline constexpr size_t kMostHops = 20;
// A circle of more hops is told as a walk that goes on too long.
inline constexpr size_t kLongestCircle = 1000;

class Walker {
 public:
  // Asks at `now`. The snapshot must outlive it.
  Walker(const compiled::Snapshot& snapshot, const google::protobuf::Timestamp& now);

  [[nodiscard]] const compiled::Snapshot& snapshot() const { return snapshot_; }
  [[nodiscard]] const google::protobuf::Timestamp& now() const { return now_; }
  // The document's patterns of hosts, by their numbers.
  [[nodiscard]] const std::vector<std::string_view>& hosts() const { return hosts_; }
  // Some of those with settings of their own.
  [[nodiscard]] const std::vector<compiled::HostId>& with_settings() const {
    return with_settings_;
  }

  // From the first question to the end. The client takes its fields along. `start` is the host that
  // is the policy's in any case.
  [[nodiscard]] Walk Follow(v1::DecideRequest asked, std::string_view start,
                            size_t most = kMostHops) const;
  // From the answer of a request on.
  [[nodiscard]] Walk FollowOn(v1::DecideRequest asked, const v1::DecideResponse& answer,
                              std::string_view start, size_t most = kMostHops) const;
  // From a target on, by GET and without fields.
  [[nodiscard]] Walk FollowFrom(const http::Url& target, std::string_view start) const;
  // Who answers a request for the URL, whatever its host.
  [[nodiscard]] Node AnswererOf(v1::DecideRequest asked, const std::string& url) const;

  // Whether the document names the host for requests, or it is `start`; any other may be anybody's.
  [[nodiscard]] bool IsServed(std::string_view host, std::string_view start) const;

 private:
  [[nodiscard]] Node NodeOf(std::string_view id) const;

  const compiled::Snapshot& snapshot_;
  google::protobuf::Timestamp now_;
  std::vector<std::string_view> hosts_;
  std::vector<compiled::HostId> with_settings_;
  absl::flat_hash_map<std::string_view, uint32_t> rules_, maps_;  // By id and name.
};

// Whether the client repeats its request after such an answer, so that nothing has changed for it.
[[nodiscard]] bool RepeatsTheRequest(v1::Purpose purpose);

// The purpose of who answers.
[[nodiscard]] const v1::Intent* IntentOf(const compiled::Snapshot& snapshot, const Node& node);
[[nodiscard]] const v1::Intent& IntentOf(const compiled::Snapshot& snapshot,
                                         const compiled::MapEntry& row);

}  // namespace fingerpost::policy::lint
