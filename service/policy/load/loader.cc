#include "policy/load/loader.h"

#include <algorithm>
#include <utility>

#include "policy/load/choice.h"
#include "policy/load/includes.h"

namespace fingerpost::policy::load {
namespace {

using State = Included::State;

void Append(const message::FaultList& from, message::FaultList& to) {
  to.insert(to.end(), from.begin(), from.end());
}

// One load.
class Load {
 public:
  Load(PartPtr document, const Now& now, const std::shared_ptr<const Kept>& before, Checks checks)
      : document_{.part = std::move(document)}, now_(now), before_(before), checks_(checks) {}

  Loaded Run() && {
    loaded_.files.push_back(document_.part->stamp);
    const bool has_files = !document_.part->is_handed_out;
    if (has_files && !document_.part->policy().include().empty()) FindCandidates();
    Chosen chosen = Choose(document_, candidates_, faults_, now_,
                           before_ == nullptr ? MapReads() : before_->maps, checks_);
    loaded_.files.insert(loaded_.files.end(), chosen.files.begin(), chosen.files.end());
    if (chosen.attempt.is_good()) {
      Keep(chosen);
      Tell(chosen);
      loaded_.snapshot = std::move(chosen.attempt.snapshot);
      loaded_.merged = std::move(chosen.attempt.merged);
    } else {
      TellFailure(chosen);
    }
    return std::move(loaded_);
  }

 private:
  void FindCandidates() {
    if (document_.part->directory.empty()) {
      return faults_.Error("include", "needs a document that is a file");
    }
    std::vector<std::string> names;
    if (before_ != nullptr) {
      for (const auto& [name, _] : before_->good) names.push_back(name);
    }
    Includes includes = FindIncludes(*document_.part, names, faults_);
    loaded_.files.insert(loaded_.files.end(), includes.patterns.begin(), includes.patterns.end());
    for (IncludedFile& file : includes.files) AddCandidate(std::move(file));
  }

  void AddCandidate(IncludedFile file) {
    Candidate candidate;
    const auto find = [&](const auto& map) {
      const auto found = map.find(file.name);
      return found == map.end() ? nullptr : &found->second;
    };
    const PartPtr* last = before_ == nullptr ? nullptr : find(before_->read);
    PartPtr part = ReadIncluded(*document_.part, file.name, last == nullptr ? nullptr : *last);
    if (!file.fault.empty()) {
      Part unread = {.shown = part->shown, .name = part->name, .stamp = part->stamp};
      unread.fault = std::move(file.fault);
      part = std::make_shared<const Part>(std::move(unread));
    }
    loaded_.files.push_back(part->stamp);
    candidate.current = {
        .part = std::move(part), .owner = std::move(file.owner), .owned = std::move(file.owned)};
    if (before_ != nullptr) candidate.good = find(before_->good);
    candidates_.push_back(std::move(candidate));
  }

  void Keep(Chosen& chosen) {
    auto kept = std::make_shared<Kept>();
    kept->document = document_.part;
    kept->maps = std::move(chosen.attempt.maps);
    size_t next = 1;  // In attempt.members.
    for (const Candidate& candidate : candidates_) {
      const std::string& name = candidate.current.part->name;
      kept->read.emplace(name, candidate.current.part);
      Included included = {.name = name, .state = candidate.state};
      if (PartPtr part = candidate.part(); part != nullptr) {
        const Attempt::Of& found = chosen.attempt.members[next++];
        const bool is_new = candidate.state == State::kCurrent && candidate.HasChanged(found);
        included.since =
            is_new ? now_.value_or(google::protobuf::Timestamp()).seconds() : candidate.good->since;
        kept->good.emplace(name, Kept::Good{.part = std::move(part), .since = included.since});
      }
      loaded_.included.push_back(std::move(included));
    }
    // One file alone is read whenever it changes.
    if (!candidates_.empty() || !kept->maps.empty()) loaded_.kept = std::move(kept);
  }

  // The document's problems, then those of each file; of one that was refused only why.
  void Tell(const Chosen& chosen) {
    Append(chosen.attempt.members.front().problems, loaded_.problems);
    Append(chosen.attempt.members.front().notes, loaded_.notes);
    size_t next = 0;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const bool takes_part = next < chosen.candidates.size() && chosen.candidates[next] == i;
      const Attempt::Of* of = takes_part ? &chosen.attempt.members[++next] : nullptr;
      Append(candidates_[i].refused, loaded_.problems);
      if (candidates_[i].state != State::kCurrent || of == nullptr) continue;
      Append(of->problems, loaded_.problems);
      Append(of->notes, loaded_.notes);
    }
  }

  void TellFailure(const Chosen& chosen) {
    for (const Candidate& candidate : candidates_) Append(candidate.refused, loaded_.problems);
    for (size_t i = 0; i < chosen.attempt.members.size(); ++i) {
      const bool is_old = i > 0 && candidates_[chosen.candidates[i - 1]].state == State::kLastGood;
      for (message::Fault fault : chosen.attempt.members[i].problems) {
        if (is_old) fault.what = "in its last good version, which answers: " + fault.what;
        loaded_.problems.push_back(std::move(fault));
      }
    }
    std::stable_partition(
        loaded_.problems.begin(), loaded_.problems.end(),
        [this](const message::Fault& fault) { return fault.file == document_.part->shown; });
  }

  const Member document_;
  const Now& now_;
  const std::shared_ptr<const Kept>& before_;
  const Checks checks_;
  message::Faults faults_{message::Faults::kMostOfDocument};
  std::vector<Candidate> candidates_;
  Loaded loaded_;
};

}  // namespace

std::shared_ptr<const Kept> WithoutStamps(const Kept& kept) {
  auto copy = std::make_shared<Kept>(kept);
  copy->document = nullptr;
  copy->read.clear();
  for (auto& [_, map] : copy->maps) map.stamp.state.clear();
  return copy;
}

Loaded FromText(std::string_view text, const std::string& file, const Now& now, Checks checks) {
  return FromPart(TextPart(text, file), now, checks);
}

Loaded FromPart(PartPtr document, const Now& now, Checks checks) {
  Loaded loaded = Load(std::move(document), now, nullptr, checks).Run();
  loaded.files.clear();
  return loaded;
}

Loaded FromFile(const std::string& path, const Now& now, const std::shared_ptr<const Kept>& before,
                Checks checks) {
  PartPtr document = ReadDocument(path, before == nullptr ? nullptr : before->document);
  if (document->parsed == nullptr) {
    Loaded failed;
    failed.problems.push_back({.path = {}, .what = document->fault, .file = path});
    failed.files.push_back(document->stamp);
    return failed;
  }
  return Load(std::move(document), now, before, checks).Run();
}

}  // namespace fingerpost::policy::load
