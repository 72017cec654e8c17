// What a snapshot was compiled from, for those who answer by it themselves (service/engine) or
// mirror it.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/selector.h"
#include "policy/compiled/string_map.h"

namespace fingerpost::policy::compiled {

// Thread-safe. Its forms are made when they are first asked for, and shared by all who ask.
class HandedOut {
 public:
  using Text = std::shared_ptr<const std::string>;
  // By MapFile.name.
  using Rows = std::vector<std::pair<std::string, Text>>;

  // `policy` has the included files in their places already, so `include` is left out. `origins`
  // are the snapshot's, `row_hosts` of all maps, and `rows` those that are handed out.
  HandedOut(const v1::Policy& policy, std::string version, StringMap<std::string> origins,
            RowHosts row_hosts, Rows rows);

  [[nodiscard]] const std::string& version() const { return version_; }

  // The octets of a v1::Policy with handed_out: of the selected part. Those of equal policies are
  // equal.
  [[nodiscard]] Text Octets(const Selector& selector = {}) const;
  // The same if they were made already, and are still kept; else null.
  [[nodiscard]] Text Find(const Selector& selector) const;
  // The document alone, which loads as a file does: one line of JSON.
  [[nodiscard]] Text Json(const Selector& selector = {}) const;

 private:
  struct Made {
    std::string key;
    Text text;
  };
  [[nodiscard]] Text FindMade(const std::string& key) const;
  [[nodiscard]] const v1::Policy& Policy() const;
  void AddHandedOut(const Selector& selector, v1::Policy& part) const;
  template <typename Make>
  [[nodiscard]] Text Once(const std::string& key, Make make) const;

  const std::string version_;
  const StringMap<std::string> origins_;
  const RowHosts row_hosts_;
  const Rows rows_;
  const std::string document_;  // The octets without handed_out.
  // The document, from when a part of it is first asked for.
  mutable std::once_flag read_;
  mutable v1::Policy policy_;

  mutable std::mutex mutex_;
  mutable std::deque<Made> made_;  // The last ones first.
  mutable size_t octets_ = 0;      // Of `made_`.
};

}  // namespace fingerpost::policy::compiled
