// What kind of client asks: declared by the caller, or read from the request's fields.
#pragma once

#include <string_view>

#include "core/http/fields.h"
#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::http {

struct ClientReading {
  v1::ClientKind kind;
  // What told: "Sec-Fetch-Mode: navigate". Static.
  std::string_view evidence;
};

// Crawlers and webhook senders are never read off: the first are answered as browsers are, and what
// is only guessed must not turn a redirect into FORWARD. No evidence: UNKNOWN.
[[nodiscard]] ClientReading ReadClientKind(const Headers& headers);

// SCRIPT, API and WEBHOOK_SENDER, which read codes; the others show pages.
[[nodiscard]] bool IsProgram(v1::ClientKind kind);

}  // namespace fingerpost::http
