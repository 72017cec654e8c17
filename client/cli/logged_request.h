// Requests out of the lines of access logs.
#pragma once

#include <string>
#include <string_view>

#include "fingerpost/v1/http.pb.h"

namespace fingerpost::cli {

enum class Logged { kRequest, kNone, kUnreadable };

// Reads a line of one of these, whatever stands in the others:
//   NCSA common and combined, and nginx's default: 10.0.0.1 - - [time] "GET /path HTTP/1.1" 200 …,
//     also with "host:port" first, as in Apache's vhost_combined
//   a JSON line with "url", as in fingerpostd's access log, or a question with "request"
//   "URL", "/path" or "METHOD URL"
// A path is for `host` and over https. kNone: an empty line, a comment, or a call without a URL.
[[nodiscard]] Logged ReadLogged(std::string_view line, const std::string& host,
                                v1::HttpRequest& request);

}  // namespace fingerpost::cli
