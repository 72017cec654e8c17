// Text in HTML and XML: & < > " ' as references, which are valid in an element and in a quoted
// attribute of both (HTML "Serialising HTML fragments", XML 1.0 §2.4).
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::http {

void AppendEscaped(std::string_view text, std::string& out);

[[nodiscard]] std::string Escaped(std::string_view text);

// Returns `text` itself if nothing needs escaping, as is usual; otherwise `escaped`, with the
// result.
[[nodiscard]] std::string_view Escaped(std::string_view text, std::string& escaped);

}  // namespace fingerpost::http
