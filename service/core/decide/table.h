// The decision table: purpose × method × client → status and reason.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/decide/answer_writer.h"
#include "core/decide/question.h"
#include "core/http/accept.h"
#include "core/http/client_kind.h"

namespace fingerpost::decide {

enum class MethodClass {
  kAny,
  kPage,   // GET and HEAD
  kOther,  // all but GET and HEAD
};

// What a row asks for beside purpose and method.
enum class Condition {
  kAlways,
  kDeclaredScript,  // intent.client is SCRIPT; a script that was only read off gets what all get
  kProgram,         // SCRIPT, API or WEBHOOK_SENDER, declared or read off
  kPreferSeeOther,
  kTemporary,  // permanence
  kPending,    // operation_state
  kDone,
  kFailed,
  kExpired,
};

enum class Note {
  kHtml,        // the hypertext note; JSON or text where Accept prefers it
  kJson,        // JSON; the others where Accept prefers them
  kAlwaysJson,  // JSON whatever Accept says
  kCallersOwn,  // the caller writes the content
};

// Default freshness on GET and HEAD; on every other method it is no-store.
enum class Freshness {
  kSecret,      // no-store, whatever the caller wishes
  kNoStore,     // no-store
  kRevalidate,  // no-cache
  kPermanent,   // max-age, Defaults.permanent_max_age
  kGone,        // max-age, Defaults.gone_max_age
};

struct Row {
  v1::Purpose purpose;
  MethodClass methods;
  Condition when;
  int32_t status;
  // What a contract may pin instead, on GET and HEAD only: elsewhere clients disagree about 301 and
  // 302. 0: nothing.
  int32_t pin;
  Note note;
  Freshness freshness;
  Ruling ruling;
};

[[nodiscard]] std::span<const Row> Table();

// The answer to a purpose that is not in the table: its window is over.
[[nodiscard]] const Row& WindowOverRow();

struct Choice {
  const Row* row = nullptr;
  int32_t status = 0;
  http::ClientReading client = {};  // Without evidence when no row asked.
};

// The first row that fits, or with a pinned status the first that may give it. No row: the pinned
// status contradicts the purpose.
[[nodiscard]] Choice LookUp(const Question& question);

}  // namespace fingerpost::decide
