// Redirects in a file beside the document; MapFile in policy.proto defines the format.
//
// Why not libcsv, which reads the files of other tools (policy/formats): to split a million rows
// takes it 2.9 G instructions. To split, check and store them takes 2.3 G here, and a problem has
// its line and column.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/url.h"
#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "policy/compiled/allowed_targets.h"
#include "policy/compiled/map_rows.h"
#include "policy/compiled/owner.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::policy::compiled {

inline constexpr int kMaxMaps = 64;
inline constexpr uint64_t kMaxMapFile = uint64_t{512} << 20;  // Six times a million real entries.
inline constexpr size_t kMaxMapLine = size_t{64}
                                      << 10;  // Two URLs of the length that servers accept.
// Errors of one file, and warnings likewise: so many are one mistake of its author.
inline constexpr size_t kMaxMapProblems = 100;

// Compiles what the entries of a map have in common, and reports what is wrong with it under
// maps[index].
[[nodiscard]] MapSource CompileMapSource(const v1::Policy& policy, int index,
                                         message::Faults& faults);

// Reads a map's rows from pieces of any size. A broken row is reported and left out. Memory is
// bounded by kMaxMapLine and the rows.
class MapReader {
 public:
  // `file` is the map's name in problems, and `owner` what its rows may answer. Everything must
  // outlive the reader. Maps are read one after the other, in their order.
  MapReader(const v1::Policy& policy, int index, std::string file, const Owner& owner,
            HostTable& hosts, MapRows& rows, message::FaultList& problems);

  // Returns false if there is no point in going on.
  bool Feed(std::string_view piece);
  void Finish();
  // How many there were, or the last one that has a row.
  [[nodiscard]] uint32_t lines() const { return line_; }

  // In place of both: takes the rows of the same file and settings that another snapshot has as its
  // map `index`, and reports only how they meet the rows of other maps.
  void Take(const Snapshot& snapshot, uint8_t index);

  // Whether a row met one of another map, so that the snapshot may lack rows of this one.
  [[nodiscard]] bool met_other() const { return met_other_; }

 private:
  bool Line(std::string_view line);
  void Row(std::string_view line);
  // Each returns what is wrong, or nothing.
  std::string_view ReadSource(std::string_view text);
  std::string_view ReadOddSource(std::string_view text);
  std::string_view ReadTarget(std::string_view text);
  // Takes the query off a source, if it has one.
  std::string_view TakeQuery(std::string_view& text);
  // Whether the row's source matches the target, a path or a URL.
  [[nodiscard]] bool IsOwnPath(std::string_view text) const;
  // Whether the row matches a request for that path and query.
  [[nodiscard]] bool Matches(std::string_view path, std::string_view query) const;
  [[nodiscard]] bool IsOwnUrl(const http::Url& url) const;
  // Rows are added some rows after they were read, when what memory has of their places has come
  // (see MapTable::Prefetch): a third of the time of a million. What is wrong with a row is told
  // after all that is wrong with those before.
  struct Waiting {
    MapEntry row;
    std::string source, target;  // What it has views of, if not of a snapshot.
    uint64_t hash = 0;
  };
  static constexpr size_t kWaiting = 16;
  // The next one of them, to be filled in, and then to wait.
  [[nodiscard]] Waiting& Next() { return waiting_[(first_ + waits_) % kWaiting]; }
  void Wait();
  void AddFirst();
  void AddAll();
  [[nodiscard]] bool HasRoom();
  // Something is wrong in the current line.
  void Fail(size_t column, std::string what);
  void Report(message::Severity severity, uint32_t line, size_t column, std::string what);

  const v1::MapFile& map_;
  Folding folding_;
  AllowedHosts allowed_;
  std::string file_;
  const Owner& owner_;
  HostTable& hosts_;
  MapRows& rows_;
  message::FaultList& problems_;
  HostId map_host_ = kAnyHost;
  bool owns_map_host_ = true;
  std::string rest_;  // The beginning of an incomplete line.
  uint32_t line_ = 0;
  size_t errors_ = 0;
  size_t warnings_ = 0;
  bool full_ = false;
  bool met_other_ = false;
  bool takes_ = false;  // Within Take.
  // The current row.
  MapEntry entry_;
  std::array<Waiting, kWaiting> waiting_;
  size_t first_ = 0;                   // In waiting_.
  size_t waits_ = 0;                   // So many do.
  std::array<std::string, 3> fields_;  // Reused from row to row, for their memory.
  std::string path_, query_;
  std::vector<std::string> parameters_;  // Of the source's query.
  bool owned_ = true;                    // Its host is.
  std::string not_owned_;
  std::string last_allowed_;  // Host and port of an earlier target.
};

}  // namespace fingerpost::policy::compiled
