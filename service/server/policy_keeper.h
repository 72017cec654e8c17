// The policy of the process: loaded before any port opens, read again when its files change or on
// SIGHUP, and what the last load said.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "policy/load/loader.h"
#include "policy/load/store.h"
#include "policy/load/watcher.h"
#include "server/metrics.h"

namespace fingerpost {

class PolicyKeeper {
 public:
  // "": the default policy, which never changes. Throws Failure with every problem.
  explicit PolicyKeeper(const std::string& path);
  PolicyKeeper(const PolicyKeeper&) = delete;
  PolicyKeeper& operator=(const PolicyKeeper&) = delete;

  [[nodiscard]] const policy::load::Store& store() const { return store_; }
  // Reads the files again soon. A wrong policy never replaces a good one.
  void Reload();
  // What the metrics and the page tell of it.
  void Describe(State& state) const;

 private:
  void OnReload(const policy::load::Reloaded& reloaded);
  void Remember(const policy::document::Problems& problems);

  policy::load::Loaded first_;  // Until it is watched.
  policy::load::Store store_;
  mutable std::mutex mutex_;
  State state_;                                     // the members that are about the policy
  std::unique_ptr<policy::load::Watcher> watcher_;  // The last: its thread uses the others.
};

// Loads and reports as a start would. Throws Failure with every problem; returns the warnings.
[[nodiscard]] policy::load::Loaded LoadOrFail(const std::string& path);

}  // namespace fingerpost
