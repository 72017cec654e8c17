// What two policies answer differently: each changed answer once, with its number of requests.
#pragma once

#include <absl/container/btree_map.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fingerpost/v1/decide.pb.h"
#include "policy/compiled/snapshot.h"

namespace fingerpost::cli {

// Memory is bounded: by the rules, and the listed answers of each.
class AnswerChanges {
 public:
  // Of one pair of rules; more are counted. A prefix has as many targets as the site had pages.
  static constexpr size_t kMaxListed = 20;
  static constexpr size_t kMaxGroups = 10'000;

  AnswerChanges(const policy::compiled::Snapshot& old, const policy::compiled::Snapshot& now);

  // False: the request is wrong for both, as `problem` says.
  [[nodiscard]] bool Ask(v1::DecideRequest asked, std::string& problem);

  // The instant of all questions.
  [[nodiscard]] const google::protobuf::Timestamp& now() const { return now_; }
  [[nodiscard]] uint64_t asked() const { return asked_; }
  [[nodiscard]] uint64_t changed() const { return changed_; }
  // Different answers that are listed.
  [[nodiscard]] uint64_t listed() const { return listed_; }
  // Whether there are more.
  [[nodiscard]] bool has_others() const { return has_others_; }
  // Lines for people; the groups with the most requests first.
  [[nodiscard]] std::string Text() const;

 private:
  using Lines = std::vector<std::string>;
  struct Answer {
    std::string rule;  // "no rule"
    Lines what;        // "308 https://…" or "pass", and "Set-Cookie: …".
    std::string body;
  };
  struct Change {
    std::string first;  // "GET https://…"
    Lines old, now;     // Of the fields only those that differ.
    uint64_t hits = 0;
  };
  struct Group {
    std::vector<Change> changes;
    uint64_t hits = 0;
    uint64_t others = 0;  // Requests whose answers are not listed.
  };

  [[nodiscard]] static bool AnswerOf(const policy::compiled::Snapshot& snapshot,
                                     const v1::DecideRequest& asked, Answer& out,
                                     std::string& problem);
  void Add(const v1::HttpRequest& request, const Answer& old, const Answer& now);

  const policy::compiled::Snapshot& old_;
  const policy::compiled::Snapshot& new_;
  google::protobuf::Timestamp now_;  // One instant for all.
  absl::btree_map<std::pair<std::string, std::string>, Group> groups_;
  uint64_t asked_ = 0, changed_ = 0, listed_ = 0, beyond_ = 0;
  bool has_others_ = false;
};

}  // namespace fingerpost::cli
