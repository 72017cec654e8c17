// Which requests a source is for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policy/formats/redirect.h"

namespace fingerpost::policy::formats {

using Hosts = std::vector<std::string>;

// Whether it is for more hosts than one: ".x" is x and all below it, "*.x" is what is below x.
[[nodiscard]] bool IsDomain(std::string_view host);

// Whether the hosts `a` are all of the hosts `b`, or some. None stands for every host.
[[nodiscard]] bool HostsCover(const Hosts& a, const Hosts& b);
[[nodiscard]] bool HostsOverlap(const Hosts& a, const Hosts& b);

// The hosts of `a` that are hosts of `b`, too; each names some.
[[nodiscard]] Hosts HostsInBoth(const Hosts& a, const Hosts& b);

// Whether `path` is `prefix` or below it.
[[nodiscard]] bool IsBelow(std::string_view path, std::string_view prefix);

// Makes an exact path or a prefix a pattern for the same requests.
void BecomePattern(Redirect& redirect);

}  // namespace fingerpost::policy::formats
