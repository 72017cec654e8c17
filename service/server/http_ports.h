// The options of the HTTP ports, from the settings.
#pragma once

#include <string>

#include "server/accept_loop.h"
#include "server/http/server.h"
#include "server/settings.h"

namespace fingerpost {

// A port that answers callers or web clients; the handler's own options are left out.
[[nodiscard]] HttpOptions PublicPort(const Settings& settings, const DescriptorLimit& files,
                                     std::string flag, const std::string& address);

// The port of --admin-listen.
[[nodiscard]] HttpOptions AdminPort(const Settings& settings, const DescriptorLimit& files);

}  // namespace fingerpost
