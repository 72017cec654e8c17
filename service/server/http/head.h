// The head of a response, as octets.
#pragma once

#include <string>
#include <string_view>

#include "server/http/server.h"

namespace fingerpost {

// `keeps`: the connection stays open. `to_1_0`: the request was of HTTP/1.0.
[[nodiscard]] std::string ResponseHead(const HttpAnswer& answer, std::string_view date, bool keeps,
                                       bool to_1_0);

}  // namespace fingerpost
