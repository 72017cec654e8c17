// The hash of the content that identifies a version of the policy.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace fingerpost::policy::load {

// 16 hexadecimal digits of XXH64 over the parts, each preceded by its length: the document, then
// its maps. The same content gives the same version on every replica. It does not resist an author
// who looks for a collision.
[[nodiscard]] std::string VersionHash(std::span<const std::string_view> parts);

}  // namespace fingerpost::policy::load
