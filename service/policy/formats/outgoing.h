// What a policy redirects, one entry for each source and host, in the order in which it tries them:
// what all exporters share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/message/place.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/formats/redirect.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

// What the core answers to a sample request.
struct Reply {
  int code = 0;  // 3xx, 410; 0: anything else.
  // Cache-Control, Vary and the like: all but Location and those of the content.
  std::vector<std::pair<std::string, std::string>> fields;

  bool operator==(const Reply&) const = default;
};
using ReplyPtr = std::shared_ptr<const Reply>;

struct Outgoing {
  Place place;
  bool is_row = false;  // Of a map; else a rule or a setting.
  std::string id;       // "blog", "pages:12"
  std::string host;     // As an element of Match.hosts; "" is every host.
  Act act = Act::kRedirect;
  Source source = Source::kExact;
  std::string path;  // As Redirect.path. Without a path in the policy: the prefix "/".
  bool ignore_case = false;
  bool either_slash = false;
  std::string target;                         // As Redirect.target. Empty for 410.
  v1::QueryMode query = v1::QUERY_MODE_DROP;  // KEEP only where the target has no query.
  bool takes_query = false;                   // The parameters that it matched do not pass.
  // The names of the groups of a pattern by their number: "" for those without.
  std::shared_ptr<const std::vector<std::string>> groups;
  std::shared_ptr<const v1::Match> conditions;  // As Redirect.conditions.
  // To GET and HEAD, and to other methods. Null: its methods are not among them.
  ReplyPtr safe, unsafe;

  [[nodiscard]] const Reply& reply() const { return safe != nullptr ? *safe : *unsafe; }
  [[nodiscard]] bool everywhere() const { return source == Source::kPrefix && path == "/"; }
};
using OutgoingList = std::vector<Outgoing>;

struct Exported {
  const v1::Policy& policy;
  const compiled::Snapshot& snapshot;                 // Of `policy`.
  std::function<Place(const message::Place&)> where;  // The file as its index in the report.
  // Those of rules and rows that name none. Empty: every host.
  std::vector<std::string> hosts;
  // The index in the report of each map's file.
  std::vector<uint16_t> files;
};

// Reports what no format says: conditions and wishes beyond a redirect.
[[nodiscard]] OutgoingList OutgoingOf(const Exported& exported, Report& report);

}  // namespace fingerpost::policy::formats
