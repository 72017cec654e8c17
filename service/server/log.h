// The log: spdlog on standard error, as text or as one JSON object a line.
#pragma once

#include "server/settings.h"

namespace fingerpost {

// Sets up spdlog's default logger, and sends gRPC's own messages there at level debug.
void StartLog(const Settings& settings);

// From the level of the settings to debug, and back.
void ToggleDebugLog(const Settings& settings);

}  // namespace fingerpost
