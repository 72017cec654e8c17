// The exporters, one for each format. Each writes what its format says, in the order in which its
// tool tries it, and reports the rules and rows that it leaves out or changes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "policy/formats/outgoing.h"
#include "policy/formats/report.h"

namespace fingerpost::policy::formats {

// A report of a rule for several hosts, once.
class Told {
 public:
  explicit Told(Report& report) : report_(report) {}

  // Always false.
  bool Skip(const Outgoing& one, std::string_view why, std::string_view remedy);
  void Change(const Outgoing& one, std::string_view why, std::string_view remedy);
  // The file has it. A line may have several rules.
  bool Wrote(const Outgoing& one) {
    written_.insert(absl::HashOf(one.place.file, one.place.line, one.id));
    return true;
  }
  // Rules and rows.
  [[nodiscard]] size_t written() const { return written_.size(); }
  // Of the whole file.
  void Change(std::string_view why, std::string_view remedy) {
    report_.Change({0, 0}, why, remedy);
  }
  void Note(std::string_view why, std::string_view remedy) { report_.Note({0, 0}, why, remedy); }

 private:
  [[nodiscard]] bool IsNew(const Outgoing& one, std::string_view why);

  Report& report_;
  absl::flat_hash_set<size_t> told_, written_;  // Hashes.
};

// For a format that has no methods: false where the policy asks for one, as was reported.
[[nodiscard]] bool IsForAllMethods(const Outgoing& one, Told& told);
// Reports that its one answer is for all methods, where the policy's differ.
void TellMethods(const Outgoing& one, Told& told);
// Reports letters whose case does not matter, where the format compares them.
void TellCase(const Outgoing& one, Told& told);

// The pattern, to stand between "^" and "$".
[[nodiscard]] std::string WholePattern(const Outgoing& one);

// "{name}" of a target, and the text before it. False at the end, with the last text.
[[nodiscard]] bool NextValue(std::string_view& target, std::string_view& text,
                             std::string_view& name);
// The number of the group that a value stands for; 0 for {rest}.
[[nodiscard]] size_t GroupOf(const Outgoing& one, std::string_view name);
// `text` of a target without characters that no URL has.
[[nodiscard]] std::string UrlText(std::string_view text);

// Each returns the file's text.
[[nodiscard]] std::string WriteCloudflareCsv(const OutgoingList& list, Told& told);
[[nodiscard]] std::string WriteGateway(const OutgoingList& list, Told& told);
[[nodiscard]] std::string WriteHaproxy(const OutgoingList& list, Told& told);
[[nodiscard]] std::string WriteNetlify(const OutgoingList& list, Told& told);
[[nodiscard]] std::string WriteNginx(const OutgoingList& list, Told& told);

}  // namespace fingerpost::policy::formats
