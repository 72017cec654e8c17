// The policy's answer as an HTTP response.
#pragma once

#include <string_view>

#include "fingerpost/v1/decide.pb.h"
#include "server/gateway/passages.h"
#include "server/http/server.h"

namespace fingerpost {

// REDIRECT and RESPOND as they stand. `answers_head`: the connection's request is HEAD; `asked`:
// the method that was asked about, which may be another.
[[nodiscard]] HttpAnswer AsItStands(const v1::DecideResponse& answer, std::string_view asked,
                                    bool answers_head);

// The response that lets a gateway go on: with `status`, without content, with what PASS adds to
// the backend's response.
[[nodiscard]] HttpAnswer GoOn(int status, Passage passage, const v1::DecideResponse& answer);

// The same response under the status `wrapped`, with its own in Fingerpost-Status.
void Wrap(int wrapped, HttpAnswer& answer);

}  // namespace fingerpost
