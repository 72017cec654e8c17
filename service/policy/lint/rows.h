// The rows of maps as a graph: each leads to what answers its target.
#pragma once

#include <absl/functional/function_ref.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/url.h"
#include "policy/lint/told_circles.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

// One look-up for each row, and an octet of memory for each line of the files.
class RowGraph {
 public:
  // Tells the circles of rows, unless `told` is null.
  RowGraph(const Walker& walker, ToldCircles* told);

  // Visits the rows whose target another redirect leads on, or is gone; with `heads` only those
  // that no other row leads to, so that each chain is visited once.
  void ForEachChain(bool heads, absl::FunctionRef<void(const compiled::MapEntry&)> visit) const;

  // A URL that the row answers.
  [[nodiscard]] std::string SampleOf(const compiled::MapEntry& row) const;

 private:
  enum : uint8_t { kSeen = 1, kOnTheWay = 2, kEntered = 4, kLeads = 8 };

  struct Next {
    bool leads = false;  // Something answers the target, with a redirect or that it is gone.
    std::optional<compiled::MapEntry> row;  // The first row on the way.
  };
  [[nodiscard]] Next NextOf(const compiled::MapEntry& row);
  [[nodiscard]] Next NextAmongRows(const compiled::MapEntry& row, std::string_view path,
                                   std::string_view query);
  // Makes the NextOf that follows soon a fast one.
  void Prefetch(const compiled::MapEntry& row);
  // The patterns of hosts that answer on the row's.
  [[nodiscard]] const compiled::HostIds& HostsOf(const compiled::MapEntry& row);
  [[nodiscard]] Next NextByWalk(const http::Url& target, std::string_view start) const;
  [[nodiscard]] std::optional<compiled::MapEntry> RowAt(const Hop& hop) const;
  void Search(compiled::MapEntry row, ToldCircles* told);
  [[nodiscard]] uint8_t& StateOf(const compiled::MapEntry& row) {
    return states_[offsets_[row.map] + row.line];
  }
  [[nodiscard]] uint8_t StateOf(const compiled::MapEntry& row) const {
    return states_[offsets_[row.map] + row.line];
  }

  const Walker& walker_;
  const compiled::MapRows& rows_;
  std::vector<std::string_view> hosts_;  // By HostId.
  // Of the row before: most rows of a map are for one host.
  compiled::HostId last_host_ = compiled::kAnyHost;
  compiled::HostIds hosts_at_;
  std::vector<size_t> offsets_;  // Of the maps, in states_.
  std::vector<uint8_t> states_;  // By line.
  std::vector<size_t> way_;      // Of a search: the places of its rows.
};

}  // namespace fingerpost::policy::lint
