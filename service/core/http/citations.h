// The sources of a rule, as answers cite them: "RFC 9110 §15.4.4".
#pragma once

#include <array>
#include <string_view>

namespace fingerpost::http {

// At most three; empty ones at the end do not count.
using Citations = std::array<std::string_view, 3>;

template <typename Message>
void Cite(const Citations& citations, Message& message) {
  for (const std::string_view citation : citations) {
    if (citation.empty()) return;
    message.add_citations(citation.data(), citation.size());
  }
}

}  // namespace fingerpost::http
