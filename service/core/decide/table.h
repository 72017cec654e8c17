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
  kOther,  // all except GET and HEAD
};

// A row's condition besides purpose and method.
enum class Condition {
  kAlways,
  kDeclaredScript,  // intent.client is SCRIPT; a script that only the fields reveal gets the
                    // general answer
  kProgram,         // SCRIPT, API or WEBHOOK_SENDER, declared or by the fields
  kPreferSeeOther,
  kTemporary,  // permanence
  kPending,    // operation_state
  kDone,
  kFailed,
  kExpired,
};

enum class Note {
  kHtml,        // the hypertext note; JSON or text if Accept prefers it
  kJson,        // JSON; the others if Accept prefers them
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
  // The code that a contract may pin instead, only on GET and HEAD: with other methods clients
  // disagree about 301 and 302. 0: none.
  int32_t pin;
  Note note;
  Freshness freshness;
  Ruling ruling;
};

[[nodiscard]] std::span<const Row> Table();

// The row for an intent whose window is over, which is not in the table.
[[nodiscard]] const Row& WindowOverRow();

struct PageLoad;

struct Choice {
  const Row* row = nullptr;
  int32_t status = 0;
  http::ClientReading client = {};  // Without evidence if no row needed it.
  // In place of the redirect, for the script that asks; nullptr: the redirect itself.
  const PageLoad* page_load = nullptr;
  // The fields on which page_load depended, for Vary.
  std::span<const std::string_view> page_load_fields = {};
};

// The declared kind of client, or what the request's fields tell.
[[nodiscard]] http::ClientReading ClientOf(const Question& question);
// The same for a script that swaps pages; UNKNOWN for others that are not declared.
[[nodiscard]] http::ClientReading PageScriptOf(const Question& question);

// The first row that fits; with a pinned status, the first that allows it. No row: the pinned
// status contradicts the purpose.
[[nodiscard]] Choice LookUp(const Question& question);

}  // namespace fingerpost::decide
