// URLs as logs and reports may have them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fingerpost::policy::count {

// Scheme, host and path of an http or https URL, in ASCII and at most `most` octets; the end of a
// longer one is "...". "" for anything else, because a password may be anywhere in the text:
// "admin:PW@shop.example/" is a URL with the scheme "admin".
[[nodiscard]] std::string WithoutSecrets(std::string_view text, size_t most);

}  // namespace fingerpost::policy::count
