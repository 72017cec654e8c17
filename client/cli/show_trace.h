// A walked chain, for a person and for a machine.
#pragma once

#include <string>

#include "output.h"
#include "trace.h"

namespace fingerpost::cli {

[[nodiscard]] std::string Show(const Trace& trace, const Palette& palette);

// One line:
//   {"hops":[{"request":HttpRequest,"version":"HTTP/1.1","response":HttpResponse,"milliseconds":1.5,
//             "follow":FollowResponse,"leads_to":"https://..."}],
//    "complete":true,"failure":"...","problems":[{"code":"too_long","message":"...","hop":1}]}
// A hop without response lacks version, response, milliseconds and, unless Follow forbade sending
// it, follow; leads_to is where an unfollowed Location leads. Control characters are escaped.
[[nodiscard]] std::string TraceJson(const Trace& trace);

}  // namespace fingerpost::cli
