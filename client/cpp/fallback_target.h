// Targets that lead where they seem to, whoever reads them (client/README.md, "The table", 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fingerpost/v1/intent.pb.h"

namespace fingerpost {

// The origin that `url` begins with, of the plain form; empty without one.
[[nodiscard]] std::string PlainOrigin(std::string_view url);

// `target` as it is written: a path, or an absolute URL on `own`, the request's origin, or on any
// with the caller's trust. Nothing: only the service can say.
[[nodiscard]] std::optional<std::string> Taken(std::string_view target, std::string_view own,
                                               v1::Trust trust);

}  // namespace fingerpost
