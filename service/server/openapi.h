// The description of the HTTP/JSON port: OpenAPI 3.1.
#pragma once

#include <string>
#include <string_view>

#include "server/settings.h"

namespace fingerpost {

namespace server {
// openapi.json: paths and responses, without the messages; embedded by embed.cmake.
extern const std::string_view kOpenApiFrame;
}  // namespace server

// The frame, with the schema of each message that it refers to, from the protos, and with the
// limits of `settings`.
[[nodiscard]] std::string OpenApi(const Settings& settings);

}  // namespace fingerpost
