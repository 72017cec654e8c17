#include "policy/load/choice.h"

#include <algorithm>
#include <utility>

namespace fingerpost::policy::load {
namespace {

using State = Included::State;

class Choosing {
 public:
  Choosing(const Member& document, std::vector<Candidate>& candidates,
           const message::Faults& of_document, const Now& now, MapReads maps, Checks checks)
      : document_(document),
        candidates_(candidates),
        of_document_(of_document),
        now_(now),
        maps_(std::move(maps)),
        checks_(checks) {}

  // Each round refuses one candidate or more, so it ends.
  Chosen Run() && {
    for (;;) {
      Chosen chosen = TryAll();
      if (chosen.attempt.is_good() || !Refuse(chosen)) {
        chosen.files = std::move(files_);
        return chosen;
      }
    }
  }

 private:
  Chosen TryAll() {
    Members members = {document_};
    Chosen chosen;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      PartPtr part = candidates_[i].part();
      if (part == nullptr) continue;
      members.push_back(candidates_[i].current);
      members.back().part = std::move(part);
      members.back().is_last_good = candidates_[i].state == State::kLastGood;
      chosen.candidates.push_back(i);
    }
    chosen.attempt = Try(std::move(members), of_document_, now_, maps_, checks_);
    files_.insert(files_.end(), chosen.attempt.files.begin(), chosen.attempt.files.end());
    for (const auto& [key, read] : chosen.attempt.maps) maps_.insert_or_assign(key, read);
    return chosen;
  }

  // False: the document itself is to blame. Then `chosen` tells all that is wrong with it.
  bool Refuse(Chosen& chosen) {
    std::vector<size_t> faulty, changed;  // Indexes in attempt.members.
    for (size_t i = 1; i < chosen.attempt.members.size(); ++i) {
      const Attempt::Of& of = chosen.attempt.members[i];
      const Candidate& candidate = CandidateOf(chosen, i);
      if (candidate.state != State::kCurrent || !candidate.HasChanged(of)) continue;
      changed.push_back(i);
      if (of.has_own_errors) faulty.push_back(i);
    }
    if ((faulty.empty() || chosen.attempt.members.front().has_own_errors) &&
        !IsGoodWithout(changed, chosen)) {
      return false;
    }
    for (const size_t i : faulty) {
      CandidateOf(chosen, i).Refuse(std::move(chosen.attempt.members[i].problems));
    }
    if (faulty.empty()) RefuseOne(changed, chosen);
    return true;
  }

  Candidate& CandidateOf(const Chosen& chosen, size_t member) {
    return candidates_[chosen.candidates[member - 1]];
  }

  // Whether all is good with the former versions of these members; if not, `chosen` tells why.
  bool IsGoodWithout(const std::vector<size_t>& changed, Chosen& chosen) {
    if (changed.empty()) return false;
    Chosen without = TryWith(changed, 0, chosen);
    if (without.attempt.is_good()) return true;
    if (!message::HasErrors(chosen.attempt.members.front().problems)) chosen = std::move(without);
    return false;
  }

  // With the first `count` of them, and the former versions of the others.
  Chosen TryWith(const std::vector<size_t>& changed, size_t count, const Chosen& chosen) {
    for (size_t i = count; i < changed.size(); ++i) CandidateOf(chosen, changed[i]).Refuse({});
    Chosen tried = TryAll();
    for (size_t i = count; i < changed.size(); ++i) {
      CandidateOf(chosen, changed[i]).state = State::kCurrent;
    }
    return tried;
  }

  // Refuses the first that is not good with those before it. Without any of them all is good, and
  // with all of them it is not.
  void RefuseOne(const std::vector<size_t>& changed, const Chosen& chosen) {
    size_t good = 0, bad = changed.size();
    message::FaultList why = ErrorsOf(chosen.attempt);
    while (bad - good > 1) {
      const size_t middle = good + (bad - good) / 2;
      const Chosen tried = TryWith(changed, middle, chosen);
      if (tried.attempt.is_good()) {
        good = middle;
      } else {
        bad = middle;
        why = ErrorsOf(tried.attempt);
      }
    }
    Candidate& refused = CandidateOf(chosen, changed[bad - 1]);
    const std::string& file = refused.current.part->shown;
    const bool is_told = std::any_of(why.begin(), why.end(), [&file](const message::Fault& fault) {
      return fault.file == file;
    });
    if (!is_told) {
      why = {{.path = {},
              .what = "does not go with the other files: " + message::ToString(why.front()),
              .file = file}};
    }
    refused.Refuse(std::move(why));
  }

  static message::FaultList ErrorsOf(const Attempt& attempt) {
    message::FaultList errors;
    for (const Attempt::Of& of : attempt.members) {
      std::copy_if(
          of.problems.begin(), of.problems.end(), std::back_inserter(errors),
          [](const message::Fault& fault) { return fault.severity == message::Severity::kError; });
    }
    return errors;
  }

  const Member& document_;
  std::vector<Candidate>& candidates_;
  const message::Faults& of_document_;
  const Now& now_;
  MapReads maps_;
  const Checks checks_;
  std::vector<FileStamp> files_;
};

}  // namespace

PartPtr Candidate::part() const {
  switch (state) {
    case State::kCurrent:
      return current.part;
    case State::kLastGood:
      return good->part;
    case State::kLeftOut:
      break;
  }
  return nullptr;
}

void Candidate::Refuse(message::FaultList why) {
  state = good != nullptr ? State::kLastGood : State::kLeftOut;
  refused = std::move(why);
}

Chosen Choose(const Member& document, std::vector<Candidate>& candidates,
              const message::Faults& of_document, const Now& now, MapReads maps, Checks checks) {
  return Choosing(document, candidates, of_document, now, std::move(maps), checks).Run();
}

}  // namespace fingerpost::policy::load
