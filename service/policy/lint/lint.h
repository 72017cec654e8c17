// Faults of a policy that compiles: rules that never answer, that go in circles, that the core
// would refuse, or that are out of date; in one rule, or between rules for the same place.
#pragma once

#include <optional>

#include "core/message/faults.h"
#include "fingerpost/v1/policy.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/compiled/snapshot.h"
#include "policy/lint/names.h"
#include "policy/lint/rows.h"
#include "policy/lint/told_circles.h"
#include "policy/lint/walk.h"

namespace fingerpost::policy::lint {

// `snapshot` must be compiled from `policy` without an error. Without `now` nothing is out of date.
void Lint(const v1::Policy& policy, const compiled::Snapshot& snapshot,
          const std::optional<google::protobuf::Timestamp>& now, WhereIsRule where, FileOfMap file,
          message::Faults& faults);

// The parts of Lint.

// Errors: rules that can never answer, because another one always comes first. Warnings: such map
// entries.
void CheckReach(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Names& names,
                message::Faults& faults);

// Warnings: rules for some hosts that are partly hidden by a rule for every host.
void CheckHidden(const v1::Policy& policy, const compiled::Snapshot& snapshot, const Names& names,
                 message::Faults& faults);

// Errors: exceptions of a rule that leave nothing of it. Warnings: those that leave out nothing.
void CheckExceptions(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                     message::Faults& faults);

// Errors: redirects that lead back to their beginning, or to longer and longer URLs, directly or
// through other rules and rows, also for some clients only. Warnings: those that are only likely.
// RowGraph finds those of rows alone.
void CheckCircles(const Walker& walker, ToldCircles& told, message::Faults& faults);

// Warnings: targets that other rules, rows or defaults.canonical lead on, a hop more for each
// client, and targets that are gone.
void CheckChains(const v1::Policy& policy, const Walker& walker, const Names& names,
                 message::Faults& faults);
void CheckRowChains(const RowGraph& graph, const Walker& walker, const Names& names,
                    message::Faults& faults);

// Warnings: rows that are patterns elsewhere.
void CheckRowLiterals(const compiled::Snapshot& snapshot, const Names& names,
                      message::Faults& faults);

// Warnings: targets that are refused if a capture is empty, such as "/{1}/x".
void CheckCaptures(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                   message::Faults& faults);

// Warnings: texts that have a meaning elsewhere but are literal here: "/blog/*" for a path, "$1" in
// a target, "www.example.com/x" without a scheme.
void CheckLiterals(const v1::Policy& policy, message::Faults& faults);

// Warnings: shares and weights by a cookie that is absent on a first visit, so that all new clients
// fall on the same side.
void CheckKeys(const v1::Policy& policy, const compiled::Snapshot& snapshot,
               message::Faults& faults);

// Asks each rule and named intent for its answer to a sample request. Errors: the core refuses it;
// the method has no such answer.
void CheckAnswers(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                  message::Faults& faults);

// Notes, which are no problems: moves that drop the request's query because nobody said what
// becomes of it.
void NoteQueries(const v1::Policy& policy, const compiled::Snapshot& snapshot,
                 message::Faults& notes);

}  // namespace fingerpost::policy::lint
