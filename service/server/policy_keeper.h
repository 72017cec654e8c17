// The policy of the process: loaded before any port opens, and read again when its files change or
// on SIGHUP. Keeps the report of the last load.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "policy/load/loader.h"
#include "policy/load/store.h"
#include "policy/load/watcher.h"
#include "rpc/policy_counts.h"
#include "rpc/policy_news.h"
#include "server/metrics.h"

namespace fingerpost {

class PolicyKeeper {
 public:
  // "": the default policy, which never changes. Throws Failure with every problem. What is handed
  // out counts in `budget`.
  PolicyKeeper(const std::string& path, Budget& budget);
  PolicyKeeper(const PolicyKeeper&) = delete;
  PolicyKeeper& operator=(const PolicyKeeper&) = delete;

  [[nodiscard]] const policy::load::Store& store() const { return store_; }
  [[nodiscard]] PolicyCounts& counts() { return counts_; }
  [[nodiscard]] PolicyNews& news() { return news_; }
  // Reads the files again soon. A wrong policy never replaces a good one.
  void Reload();
  // Fills in what the metrics and the page show.
  void Describe(State& state) const;

 private:
  void OnReload(const policy::load::Reloaded& reloaded);
  void Remember(const message::FaultList& problems);
  void Remember(std::vector<policy::load::Included> included);

  policy::load::Loaded first_;  // Until the watcher starts.
  policy::load::Store store_;
  PolicyCounts counts_;
  PolicyNews news_;
  mutable std::mutex mutex_;
  State state_;                                     // the members about the policy
  std::unique_ptr<policy::load::Watcher> watcher_;  // Last: its thread uses the other members.
};

// What is needed of a policy.
enum class Strictness : uint8_t {
  kDocument,   // The document is good; an included file with a fault is left out.
  kEveryFile,  // So is each file that it includes.
};

// Loads and reports as at a start. Throws Failure with every problem; returns the others.
[[nodiscard]] policy::load::Loaded LoadOrFail(const std::string& path, Strictness strictness);

}  // namespace fingerpost
