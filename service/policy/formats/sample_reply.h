// The core's own answer to a sample request that a rule or a row matches: no format has a table of
// its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/compiled/rule.h"
#include "policy/compiled/snapshot.h"
#include "policy/formats/outgoing.h"

namespace fingerpost::policy::formats {

// What asks.
struct Sample {
  std::string_view method;
  std::string_view url;
  const v1::Intent& intent;
  const compiled::Rule* rule = nullptr;   // Null: a row.
  const v1::QueryWish* query = nullptr;   // As decide::Wish.query.
  const v1::Match* conditions = nullptr;  // Whose fields the answer depends on.
};

struct SampleReply {
  ReplyPtr reply;            // Null after an error.
  std::string what;          // "REFUSE", "405", or the error: for people.
  bool keeps_query = false;  // The Location has the query of the URL.
};

[[nodiscard]] SampleReply ReplyTo(const compiled::Snapshot& snapshot, const Sample& sample);

}  // namespace fingerpost::policy::formats
