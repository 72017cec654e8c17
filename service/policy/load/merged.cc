#include "policy/load/merged.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>
#include <utility>

#include "policy/compiled/places.h"
#include "policy/document/yaml.h"

namespace fingerpost::policy::load {
namespace {

namespace fs = std::filesystem;

constexpr char kOfDocument[] =
    "belongs to the policy's own document, for all files; put it there, or into the intent";

// All documents of a policy together are as large as one may be, so that a load's memory does not
// depend on their number.
void CheckSizes(const Members& members, MemberFaults& faults) {
  size_t octets = 0, nodes = 0;
  for (size_t i = 0; i < members.size(); ++i) {
    const Part& part = *members[i].part;
    octets += part.octets;
    nodes += part.parsed == nullptr ? 0 : part.parsed->document.nodes();
    if (i > 0 && (octets > document::kMaxDocument || nodes > document::kMaxNodes)) {
      return faults[i].Error({},
                             "has, with the files before it, more than 8 MiB or 500000 values; "
                             "put exact redirects into maps");
    }
  }
}

}  // namespace

Merged::Merged(Members members)
    : members_(std::move(members)),
      policy_(members_.size() == 1 ? members_.front().part->policy() : merged_) {
  begins_.push_back({0, 0});
  if (members_.size() == 1) return;
  merged_ = members_.front().part->policy();
  for (size_t i = 1; i < members_.size(); ++i) {
    begins_.push_back({merged_.rules_size(), merged_.maps_size()});
    Add(members_[i].part->policy(), *members_[i].part);
  }
}

void Merged::Add(const v1::Policy& from, const Part& part) {
  merged_.mutable_rules()->MergeFrom(from.rules());
  for (const auto& [name, intent] : from.intents())
    merged_.mutable_intents()->insert({name, intent});
  const fs::path directory = fs::path(part.name).parent_path();
  for (const v1::MapFile& map : from.maps()) {
    v1::MapFile& added = *merged_.add_maps() = map;
    added.set_file((directory / map.file()).string());
  }
}

Merged::At Merged::Locate(int index, int Begin::*begin) const {
  size_t member = begins_.size() - 1;
  while (member > 0 && begins_[member].*begin > index) --member;
  return {.member = member, .index = index - begins_[member].*begin};
}

lint::RuleAt Merged::WhereIsRule(int index) const {
  const auto [member, own] = RuleAt(index);
  const Part& part = *members_[member].part;
  return {.file = part.name,
          .index = own,
          .line = part.parsed->document.Where(compiled::kRulesPlace[own]).line};
}

Merged::Where Merged::WhereIs(const message::Place& place) const {
  message::Path path = place.ToPath();
  const size_t member = ToMember(path);
  return {.member = member, .position = members_[member].part->parsed->document.Where(path)};
}

std::string Merged::FileOfMap(int index) const {
  const auto [member, own] = MapAt(index);
  const Part& part = *members_[member].part;
  return (fs::path(part.shown).parent_path() / part.policy().maps(own).file()).string();
}

std::string Merged::PathOfMap(int index) const {
  const auto [member, own] = MapAt(index);
  const Part& part = *members_[member].part;
  return (part.directory / part.policy().maps(own).file()).string();
}

void Merged::CheckMembers(MemberFaults& faults) const {
  CheckSizes(members_, faults);
  for (int i = 0; i < policy_.rules_size(); ++i) {
    const auto [member, own] = RuleAt(i);
    const message::Place at = compiled::kRulesPlace[own];
    members_[member].owner->Check(policy_.rules(i).match(), at["match"], faults[member]);
    CheckIntentName(member, own, faults[member]);
  }
  for (size_t i = 1; i < members_.size(); ++i) {
    const v1::Policy& policy = members_[i].part->policy();
    if (policy.has_defaults()) faults[i].Error("defaults", kOfDocument);
    if (!policy.hosts().empty()) faults[i].Error("hosts", kOfDocument);
    if (!policy.include().empty()) {
      faults[i].Error("include",
                      "belongs to the policy's own document: an included file includes "
                      "no other");
    }
    for (int map = 0; map < policy.maps_size(); ++map) {
      const std::string& host = policy.maps(map).host();
      if (host.empty()) continue;  // Each row tells.
      members_[i].owner->CheckHost(host, compiled::kMapsPlace.Element(map, "host"), faults[i]);
    }
  }
}

void Merged::CheckIntentName(size_t member, int rule, message::Faults& faults) const {
  const v1::Policy& own = members_[member].part->policy();
  const std::string& name = own.rules(rule).intent_name();
  if (!own.rules(rule).has_intent_name() || own.intents().contains(name) ||
      members_.front().part->policy().intents().contains(name) ||
      !policy_.intents().contains(name)) {
    return;
  }
  faults.Error(compiled::kRulesPlace.Element(rule, "intent_name"),
               "names an intent of another included file, which may fail alone; name one of this "
               "file or of the policy's own document");
}

std::string Merged::Name(const message::Place& place, size_t member, size_t from) const {
  return ToString(place) + (member == from ? "" : " of " + members_[member].part->shown);
}

void Merged::CheckNames(MemberFaults& faults) const {
  using Seen = std::map<std::string_view, At>;
  Seen rules, maps, intents;
  const auto check = [&](Seen& seen, const std::string& name, const message::Place& list, At at,
                         const char* member, const char* kind) {
    if (name.empty()) return;
    const auto [first, is_new] = seen.try_emplace(name, at);
    if (is_new) return;
    const message::Place other = list[first->second.index];
    faults[at.member].Error(
        list.Element(at.index, member),
        absl::StrCat("is also the ", kind, " of ", Name(other, first->second.member, at.member),
                     "; choose another"));
  };
  for (int i = 0; i < policy_.rules_size(); ++i) {
    check(rules, policy_.rules(i).id(), compiled::kRulesPlace, RuleAt(i), "id", "id");
  }
  for (int i = 0; i < policy_.maps_size(); ++i) {
    check(maps, policy_.maps(i).name(), compiled::kMapsPlace, MapAt(i), "name", "name");
  }
  for (size_t i = 0; i < members_.size(); ++i) {
    for (const auto& [name, _] : members_[i].part->policy().intents()) {
      const auto [first, is_new] = intents.try_emplace(name, At{.member = i, .index = 0});
      if (is_new) continue;
      faults[i].Error(compiled::kIntentsPlace.Key(name),
                      "is also an intent of " + members_[first->second.member].part->shown +
                          "; choose another name");
    }
  }
}

size_t Merged::ToMember(message::Path& path) const {
  if (path.size() < 2) return 0;
  const std::string& list = path[0].name;
  message::Step& step = path[1];
  if (list == "rules" || list == "maps") {
    const At at = list == "rules" ? RuleAt(static_cast<int>(step.index))
                                  : MapAt(static_cast<int>(step.index));
    step.index = static_cast<size_t>(at.index);
    return at.member;
  }
  if (list != "intents") return 0;
  const auto has = [&step](const Member& of) {
    return of.part->policy().intents().contains(step.name);
  };
  const auto found = std::find_if(members_.begin(), members_.end(), has);
  return static_cast<size_t>(found - members_.begin()) % members_.size();
}

void Merged::Distribute(const message::Faults& found, size_t known, MemberFaults& faults) const {
  const message::FaultList& list = found.list();
  for (size_t i = known; i < list.size(); ++i) {
    message::Fault fault = list[i];
    const size_t member = ToMember(fault.path);
    if (!fault.file.empty()) fault.path.clear();  // It stands in a map, which has no paths.
    faults[member].Add(std::move(fault));
  }
}

}  // namespace fingerpost::policy::load
