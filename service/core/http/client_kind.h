// What kind of client asks, as the request's fields tell.
#pragma once

#include <span>
#include <string_view>

#include "core/http/fields.h"
#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::http {

struct ClientReading {
  v1::ClientKind kind = v1::CLIENT_KIND_UNKNOWN;
  // What told: "Sec-Fetch-Mode: navigate". Static.
  std::string_view evidence = {};
  // The request fields that it depends on, in alphabetical order, for Vary: all that could have
  // told, whichever did, because a cache goes by one list for all requests (RFC 9111 §4.1). Static;
  // empty when the caller declared the kind.
  std::span<const std::string_view> looked_at = {};
};

// Crawlers and webhook senders are never read off: the first are answered as browsers are, and what
// is only guessed must not turn a redirect into FORWARD. No evidence: UNKNOWN.
[[nodiscard]] ClientReading ReadClientKind(const Headers& headers);

// SCRIPT, API and WEBHOOK_SENDER, which read codes; the others show pages.
[[nodiscard]] bool IsProgram(v1::ClientKind kind);

}  // namespace fingerpost::http
