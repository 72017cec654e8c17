// Where the lists and maps of a policy stand.
#pragma once

#include "core/message/place.h"

namespace fingerpost::policy::compiled {

inline constexpr message::Place kHostsPlace{"hosts"};
inline constexpr message::Place kIntentsPlace{"intents"};
inline constexpr message::Place kMapsPlace{"maps"};
inline constexpr message::Place kRulesPlace{"rules"};

}  // namespace fingerpost::policy::compiled
