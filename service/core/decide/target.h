// The target of an answer: resolution, and the form of Location.
#pragma once

#include <string_view>

#include "core/decide/question.h"
#include "core/message/faults.h"

namespace fingerpost::decide {

// RFC 9110 §4.1 recommends to support URIs of at least 8000 octets.
inline constexpr size_t kMaxLocation = 8000;

// Resolves `text` against request.url by the WHATWG URL Standard. False: not a URL, too long, or
// relative to a URL that the request does not say; the fault is at `at`.
[[nodiscard]] bool ResolveTarget(const Question& question, std::string_view text,
                                 const message::Place& at, Target& target, message::Faults& faults);

// Reports at `at` a `target` that cannot be this answer's Location: too long, relative over
// HTTP/1.0, or an upgrade to something else than https. Where a rule matched, the visitor made it
// too long: that is the target's fault, and the answer refuses it.
void CheckTarget(const Question& question, Target& target, const message::Place& at,
                 message::Faults& faults);

// https_upgrade's own target: request.url over https.
[[nodiscard]] Target UpgradedToHttps(const http::Url& url);

// The Location of `target`: absolute, or from its path on if nothing needs the host. A view into
// target.url.
[[nodiscard]] std::string_view LocationText(const Target& target);

}  // namespace fingerpost::decide
