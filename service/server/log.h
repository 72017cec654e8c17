// The log: spdlog in front of a LineWriter, as text or as one JSON object a line.
#pragma once

#include "server/line_writer.h"
#include "server/settings.h"

namespace fingerpost {

// The log's line for lost lines, in the format of the settings.
[[nodiscard]] LineWriter::LossLine LossLineOf(const Settings& settings);

// Sets up spdlog's default logger, which also gets gRPC's own messages, at level debug. `lines`
// must outlive every thread that logs.
void StartLog(const Settings& settings, LineWriter& lines);

// Switches between the settings' level and debug.
void ToggleDebugLog(const Settings& settings);

}  // namespace fingerpost
