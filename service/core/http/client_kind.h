// The kind of client, by the request's fields.
#pragma once

#include <span>
#include <string_view>

#include "core/http/fields.h"
#include "fingerpost/v1/intent.pb.h"

namespace fingerpost::http {

struct ClientReading {
  v1::ClientKind kind = v1::CLIENT_KIND_UNKNOWN;
  // Whether a script that swaps pages (IsPageScript) shows what comes back as the whole page.
  bool whole_page = false;
  // The evidence: "Sec-Fetch-Mode: navigate". Static.
  std::string_view evidence = {};
  // The request fields that it depends on, in alphabetical order, for Vary. They include fields
  // that could have been evidence but were not, because a cache has one list for all requests (RFC
  // 9111 §4.1). Static; empty if the caller declared the kind.
  std::span<const std::string_view> looked_at = {};
};

// Never finds crawlers or webhook senders: crawlers are answered like browsers, and a guess must
// not turn a redirect into FORWARD. Without evidence: UNKNOWN.
[[nodiscard]] ClientReading ReadClientKind(const Headers& headers);
// The same as long as the kind is a script that swaps pages; UNKNOWN for every other client. Most
// redirects ask no more, and what tells the others is dear to read.
[[nodiscard]] ClientReading ReadPageScript(const Headers& headers);

// HTMX, INERTIA and TURBO: scripts that show pages, so that a redirect is for them, too.
[[nodiscard]] bool IsPageScript(v1::ClientKind kind);
// The fields that tell HTMX and INERTIA from the rest, for Vary, and those that tell whether they
// show a whole page. They are looked at first.
[[nodiscard]] std::span<const std::string_view> PageScriptFields(bool and_whole_page);

// SCRIPT, API and WEBHOOK_SENDER read codes; the others show pages.
[[nodiscard]] bool IsProgram(v1::ClientKind kind);

}  // namespace fingerpost::http
