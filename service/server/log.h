// The log: spdlog in front of a LineWriter, as text or as one JSON object a line.
#pragma once

#include "server/line_writer.h"
#include "server/settings.h"

namespace fingerpost {

// How the log of these settings says that lines of it are missing.
[[nodiscard]] LineWriter::LossLine LossLineOf(const Settings& settings);

// Sets up spdlog's default logger, and sends gRPC's own messages there at level debug. `lines`
// outlives every thread that logs.
void StartLog(const Settings& settings, LineWriter& lines);

// From the level of the settings to debug, and back.
void ToggleDebugLog(const Settings& settings);

}  // namespace fingerpost
