// What is wrong with a request: the same faults for every question, every wish and every door.
#pragma once

#include <optional>
#include <string_view>

#include "core/http/fields.h"
#include "core/http/url.h"
#include "core/message/violations.h"
#include "fingerpost/v1/http.pb.h"

namespace fingerpost::http {

// Adds a violation for everything that is wrong with `http`. `url` becomes its URL; nullopt when it
// is absent, or has a fault. `why_url` says why it may not be absent; empty: it may.
void ReadRequest(const v1::HttpRequest& http, std::string_view why_url, int most_headers,
                 std::optional<Url>& url, message::Violations& violations);

}  // namespace fingerpost::http
