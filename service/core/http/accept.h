// Which of Decide's three media types a request prefers (RFC 9110 §12.5.1).
#pragma once

#include <string_view>

#include "core/http/fields.h"

namespace fingerpost::http {

// The field that both functions read.
inline constexpr std::string_view kAccept = "Accept";

enum class Format { kHtml, kJson, kText };

// Quality of each type by the Accept fields, 0 to 1000 thousandths; 1000 each without the field.
// "+json" types count as JSON.
struct Acceptable {
  int html = 1000;
  int json = 1000;
  int text = 1000;
  // Whether Accept names the type itself rather than by a wildcard.
  bool names_html = false;
  bool names_json = false;
};

[[nodiscard]] Acceptable ReadAccept(const Headers& headers);

// Whether Accept names exactly this media type, with a quality above 0.
[[nodiscard]] bool NamesMediaType(const Headers& headers, std::string_view type);

// The format that Accept prefers; `otherwise` if it is as good, or if none is acceptable: a
// redirect's note is not worth a 406.
[[nodiscard]] Format ChooseByAccept(const Headers& headers, Format otherwise);

}  // namespace fingerpost::http
