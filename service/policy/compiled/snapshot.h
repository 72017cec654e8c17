// The policy that answers requests: compiled, immutable, shared by all threads.
//
// A request keeps one snapshot to its end, so no answer mixes two versions. A new document makes a
// new snapshot beside the old one; see load/store.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/canonical.h"
#include "policy/compiled/handed_out.h"
#include "policy/compiled/host_table.h"
#include "policy/compiled/named_intent.h"
#include "policy/compiled/path_set.h"
#include "policy/compiled/rule_index.h"
#include "policy/compiled/scope.h"
#include "policy/compiled/string_map.h"

namespace fingerpost::policy::compiled {

// The codes that a map entry may have; 0: the map's own intent.
inline constexpr std::array<int, 9> kMapCodes = {0, 301, 302, 303, 307, 308, 404, 410, 451};

// The common part of one map's entries.
struct MapSource {
  std::string name;
  uint32_t last_line = 0;  // No row has a later one.
  // By MapEntry::code; without targets.
  std::array<v1::Intent, kMapCodes.size()> intents;
};

struct Snapshot {
  // Hash of the content of the document and its maps, 16 hexadecimal digits: the same files give
  // the same version on every replica.
  std::string version;
  Scope scope;
  HostTable hosts;
  // The defaults where an intent is silent: the document's first, then those of some hosts.
  std::vector<v1::Defaults> defaults = std::vector<v1::Defaults>(1);
  std::vector<PathSet> https_exempt;  // For each of `defaults`, without the document's.
  absl::flat_hash_map<HostId, size_t> defaults_of;  // Index in `defaults`.
  std::vector<CanonicalForm> canonical;             // Of each of `defaults`; empty: of none.
  StringMap<NamedIntent> intents;
  RuleIndex rules;
  std::vector<MapSource> maps;
  // By "rule.ID" and "map.NAME": where those of included files stand, as "teams/blog.yaml:12".
  StringMap<std::string> origins;
  // Shared, because whoever reads it slowly must not keep the rest. Null: the policy itself was
  // handed out.
  std::shared_ptr<const HandedOut> handed_out;
};

using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Compiles `policy` but for its maps (see map_file.h), and reports everything that is wrong with
// it, but for names that are not unique. After an error the snapshot is not fit to answer.
[[nodiscard]] std::shared_ptr<Snapshot> Compile(const v1::Policy& policy, message::Faults& faults);

// The settings for a host that matches `hosts`, which has the most specific pattern first.
[[nodiscard]] const v1::Defaults& DefaultsOf(const Snapshot& snapshot, const HostIds& hosts);

// The canonical form of `url`, to which a request is led if no rule answers; nullopt if it has that
// form. Over https if `secure`, or if the settings of the host that it leads to require that.
// `path` is in the spelling of NormalPath.
[[nodiscard]] std::optional<http::Url> Canonicalised(const Snapshot& snapshot, const http::Url& url,
                                                     const HostIds& hosts, std::string_view path,
                                                     bool secure);

// Whether those settings require https there.
[[nodiscard]] bool RequiresHttps(const Snapshot& snapshot, const HostIds& hosts,
                                 std::string_view path);

}  // namespace fingerpost::policy::compiled
