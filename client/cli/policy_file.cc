#include "policy_file.h"

#include <absl/strings/str_cat.h>
#include <google/protobuf/util/time_util.h>

#include "output.h"
#include "progress.h"

namespace fingerpost::cli {

policy::load::Loaded LoadPolicy(const std::string& path, policy::load::Checks checks) {
  const Progress progress(absl::StrCat("reading ", path));
  return policy::load::FromFile(path, google::protobuf::util::TimeUtil::GetCurrentTime(), {},
                                checks);
}

bool HasErrors(const policy::load::Loaded& loaded) {
  return loaded.snapshot == nullptr || message::HasErrors(loaded.problems);
}

std::string Lines(const message::FaultList& problems) {
  std::string out;
  for (const message::Fault& problem : problems)
    absl::StrAppend(&out, Harmless(message::ToString(problem)), "\n");
  return out;
}

}  // namespace fingerpost::cli
