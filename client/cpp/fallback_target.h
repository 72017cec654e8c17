// Targets that every parser reads alike (client/README.md, "The table", 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fingerpost/v1/intent.pb.h"

namespace fingerpost {

// The origin at the beginning of `url`, in its plain form; empty if there is none.
[[nodiscard]] std::string PlainOrigin(std::string_view url);

// `target` unchanged: a path, or an absolute URL on `own`, the request's origin, or on any origin
// that the caller trusts. Nothing: only the service can tell.
[[nodiscard]] std::optional<std::string> Taken(std::string_view target, std::string_view own,
                                               v1::Trust trust);

// `target` with the query of `url`, unless it has one of its own. Nothing: only the service can
// tell.
[[nodiscard]] std::optional<std::string> WithQuery(std::string_view target, std::string_view url);

}  // namespace fingerpost
