// Edits of a Location's text.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "core/follow/location.h"

namespace fingerpost::follow {

// The parts, one after the other.
[[nodiscard]] inline std::string Text(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += part;
  return text;
}

// The client reads `text` instead.
inline void Use(std::string text, Location& location) {
  location.buffer = std::move(text);
  location.text = location.buffer;
}

// The client reads no URL in it.
inline void Refuse(Location& location) { location.stop = v1::STOP_REASON_INVALID_LOCATION; }

// Removes the zone of `authority`, a part of location.text, and what stands between "]" and the
// port. False: there is nothing to remove.
bool DropZone(std::string_view authority, const LocationRule& rule, Location& location);

}  // namespace fingerpost::follow
