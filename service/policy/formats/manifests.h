// Manifests of Kubernetes: YAML documents divided by "---".
#pragma once

#include <functional>

#include "policy/formats/tree.h"

namespace fingerpost::policy::formats {

// Gives each manifest to `read`, with the place of the line before it. Returns false: it is none
// that is read here; when all are, that is reported.
void ReadManifests(const File& file, uint16_t index, Report& report,
                   const std::function<bool(const Node& manifest, Place before)>& read);

}  // namespace fingerpost::policy::formats
