// A request that a gateway describes in parts, as a request of ours: Envoy's attributes, and what
// other gateways forward over HTTP.
#pragma once

#include <string>
#include <string_view>

#include "fingerpost/v1/decide.pb.h"

namespace fingerpost {

// The URL with exactly this host and this path, query included. "" if the parts make none:
// "@evil.example/" is not a path, "https://evil.example/?" not a scheme, and an empty host before
// "/evil.example/" would shift the host. Without a URL the backend judges the request.
[[nodiscard]] std::string UrlOf(std::string_view scheme, std::string_view host,
                                std::string_view path);

// Appends a field line; skips pseudo-header fields such as ":authority".
void AddField(std::string_view name, std::string_view value, v1::HttpRequest& request);

// Whether the gateway sends the answer in the place of the backend's: REDIRECT and RESPOND.
[[nodiscard]] inline bool IsAnswer(v1::Outcome outcome) {
  return outcome == v1::OUTCOME_REDIRECT || outcome == v1::OUTCOME_RESPOND;
}

}  // namespace fingerpost
