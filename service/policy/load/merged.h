// The documents of a policy as one, and the way back to each.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/message/faults.h"
#include "policy/compiled/owner.h"
#include "policy/lint/names.h"
#include "policy/load/part.h"

namespace fingerpost::policy::load {

// A document with what it owns.
struct Member {
  PartPtr part;
  std::shared_ptr<const compiled::Owner> owner = std::make_shared<const compiled::Owner>();
  std::string owned = {};  // The same as a key.
  // Its maps' rows are those that answer, whatever their files say now.
  bool is_last_good = false;
};
// The policy's own document comes first.
using Members = std::vector<Member>;

// For each member.
using MemberFaults = std::vector<message::Faults>;

class Merged {
 public:
  explicit Merged(Members members);
  Merged(const Merged&) = delete;
  Merged& operator=(const Merged&) = delete;

  [[nodiscard]] const Members& members() const { return members_; }
  // The paths of maps are relative to the policy's directory, for messages.
  [[nodiscard]] const v1::Policy& policy() const { return policy_; }

  // Where a rule or a map of policy() stands: which member's, and its index there.
  struct At {
    size_t member;
    int index;
  };
  [[nodiscard]] At RuleAt(int index) const { return Locate(index, &Begin::rule); }
  [[nodiscard]] At MapAt(int index) const { return Locate(index, &Begin::map); }
  [[nodiscard]] lint::RuleAt WhereIsRule(int index) const;
  // Where a part of policy() stands: which member's, and the place of its value there.
  struct Where {
    size_t member;
    message::Position position;
  };
  [[nodiscard]] Where WhereIs(const message::Place& place) const;
  // The file of a map of policy() as faults name it, and as it is opened.
  [[nodiscard]] std::string FileOfMap(int index) const;
  [[nodiscard]] std::string PathOfMap(int index) const;
  // The first rule of a member in policy().
  [[nodiscard]] int FirstRule(size_t member) const { return begins_[member].rule; }

  // Reports what a member may not say: settings, what it does not own, intents of others.
  void CheckMembers(MemberFaults& faults) const;
  // Reports names that are not unique, at the later one.
  void CheckNames(MemberFaults& faults) const;

  // Adds what was found in policy(), but for the first `known`, to the faults of the members that
  // it is about.
  void Distribute(const message::Faults& found, size_t known, MemberFaults& faults) const;

 private:
  struct Begin {
    int rule, map;
  };
  [[nodiscard]] At Locate(int index, int Begin::*begin) const;
  // Makes a path in policy() one in the member that it returns.
  size_t ToMember(message::Path& path) const;
  void Add(const v1::Policy& from, const Part& part);
  void CheckIntentName(size_t member, int rule, message::Faults& faults) const;
  // "rules[0]", "rules[0] of teams/blog.yaml".
  [[nodiscard]] std::string Name(const message::Place& place, size_t member, size_t from) const;

  const Members members_;
  std::vector<Begin> begins_;
  v1::Policy merged_;         // If there are several members.
  const v1::Policy& policy_;  // That, or the only one's.
};

}  // namespace fingerpost::policy::load
