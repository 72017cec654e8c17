// The switches of the clients that people use on redirects, as changes of their profiles.
#pragma once

#include <span>

#include "core/follow/profiles/profile.h"

namespace fingerpost::follow {

// What one switch does to one client's row. A reader holds it against the client's manual.
struct SwitchRow {
  v1::ClientSwitch id;
  v1::Profile profile;
  void (*turn)(Profile& profile);
};

// nullptr: this client has no such switch.
[[nodiscard]] const SwitchRow* FindSwitch(v1::ClientSwitch id, v1::Profile profile);

[[nodiscard]] std::span<const SwitchRow> EverySwitch();

}  // namespace fingerpost::follow
