#include "policy/compiled/path_set.h"

#include <algorithm>

#include "policy/compiled/path.h"

namespace fingerpost::policy::compiled {
namespace {

constexpr int kMaxPaths = 256;

}  // namespace

PathSet::PathSet(const google::protobuf::RepeatedPtrField<std::string>& paths,
                 const message::Place& at, RegexCompiler& regexes, message::Faults& faults) {
  if (paths.size() > kMaxPaths) {
    faults.Error(at, "has " + std::to_string(paths.size()) + " entries; expected at most 256");
    return;
  }
  for (int i = 0; i < paths.size(); ++i) {
    const message::Place place = at[i];
    auto path = ParsePath(paths[i]);
    if (!path) {
      faults.Error(place,
                   "expected a path that begins with \"/\", without query: \"/healthz\", or "
                   "\"/.well-known/acme-challenge/*\"");
    } else if (path->find('*') == std::string::npos) {
      exact_.push_back(*std::move(path));
    } else if (auto glob = regexes.Compile(GlobToRegex(*path), place, faults)) {
      globs_.push_back(std::move(glob));
    }
  }
}

bool PathSet::Has(std::string_view path) const {
  return std::find(exact_.begin(), exact_.end(), path) != exact_.end() ||
         std::any_of(globs_.begin(), globs_.end(),
                     [path](const auto& glob) { return RE2::FullMatch(path, *glob); });
}

}  // namespace fingerpost::policy::compiled
