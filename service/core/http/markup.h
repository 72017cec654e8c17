// Text in HTML and XML: & < > " ' as references, which is right in an element and in a quoted
// attribute of both (HTML "Serialising HTML fragments", XML 1.0 §2.4).
#pragma once

#include <string>
#include <string_view>

namespace fingerpost::http {

void AppendEscaped(std::string_view text, std::string& out);

[[nodiscard]] std::string Escaped(std::string_view text);

// Hardly any text needs to be written anew: `text` itself, or what is then put into `escaped`.
[[nodiscard]] std::string_view Escaped(std::string_view text, std::string& escaped);

}  // namespace fingerpost::http
