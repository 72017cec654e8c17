// What a policy says that this version does not know.
#pragma once

#include <google/protobuf/message.h>

#include <optional>

#include "core/message/place.h"

namespace fingerpost::engine {

// Where the first field or enum value is that was added after this version, anywhere in `message`.
// protobuf keeps both when it reads octets.
[[nodiscard]] std::optional<message::Path> FindNewer(const google::protobuf::Message& message);

}  // namespace fingerpost::engine
